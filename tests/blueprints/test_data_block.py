"""The data block: one glance, from our own tables only; then the CRM is asked who it is."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
import responses
from flask.testing import FlaskClient

from spotler_plugin.extensions import db
from spotler_plugin.models import (
    Act,
    Automation,
    AutomationKind,
    AutomationOrigin,
    Connection,
    ConnectionState,
    Drift,
    DriftItem,
    DriftKind,
    DriftState,
    Enrolment,
    EnrolmentState,
    Environment,
    Event,
    EventType,
    Feed,
    Field,
    Link,
    MirrorContact,
    Outcome,
    Run,
    RunItem,
    RunKind,
    RunState,
    Source,
)
from spotler_plugin.planning.detail import Detail
from spotler_plugin.planning.reason import Reason
from tests.blueprints.conftest import CRM
from tests.blueprints.widget import Widget, words
from tests.cast import Launch

KIM = "kim@example.nl"


@pytest.fixture
def connection(environment: Environment) -> Connection:
    """Of an account of which all was read a moment ago."""
    now, owner = datetime.now(UTC), {"environment_id": environment.id}
    made = Connection(**owner, key="key", secret="secret", key_ending="-key", secret_ending="cret",
                      state=ConnectionState.CONNECTED, connected_by="A", proved_at=now)  # fmt: skip
    field = {"entity": "contact", "position": 1, "choices": [], "bulk_editable": False}
    db.session.add_all(
        [made, Feed(**owner, full_finished_at=now, read_at=now),
         Field(**owner, **field, name="email", label="E-mail", type="email")]
    )  # fmt: skip
    db.session.commit()
    return made


@pytest.fixture
def block(client: FlaskClient, launch: Launch, connection: Connection) -> Widget:
    return Widget.launch(client, launch("Carol", widget="data-block"))


def link(environment: Environment, **columns: Any) -> None:
    db.session.add(Link(environment_id=environment.id, contact_id="c-1", **columns))
    db.session.commit()


def linked(environment: Environment, **columns: Any) -> None:
    before = datetime.now(UTC) - timedelta(minutes=3)
    link(environment, linked_at=before, synced_at=before, **columns)


def mirrored(environment: Environment, **columns: Any) -> None:
    known = {"active": True, "permissions": {}, "properties": {}, "observed_at": datetime.now(UTC)}
    db.session.add(MirrorContact(environment_id=environment.id, **(known | columns)))
    db.session.commit()


def at_crm(wire: responses.RequestsMock, **person: Any) -> None:
    contact = {"id": "c-1", "relation_id": None, "primary": False, "active": True, "version": "1",
               "fields": person}  # fmt: skip
    wire.get(f"{CRM}/contacts", json={"contacts": [contact], "missing": []})


def shown(block: Widget) -> str:
    return words(block.get("/data-block/status"))


def test_who_is_not_linked_is_not_said_to_be_absent_until_that_is_known(block: Widget) -> None:
    assert "Niet gesynchroniseerd" in block.page
    assert shown(block) == (
        "Spotler Niet gesynchroniseerd Nog niet gekoppeld. "
        "Of deze contactpersoon in Spotler staat, is nog niet bekend."
    )


def test_the_crm_is_asked_for_the_address_of_who_is_not_linked(
    block: Widget, environment: Environment, wire: responses.RequestsMock
) -> None:
    assert 'hx-post="/data-block/fresh"' in block.page
    at_crm(wire, email=KIM)
    answer = block.ask("POST", "/data-block/fresh")
    assert "hx-post" not in answer.text, "asked once"
    assert "Deze contactpersoon staat nog niet in Spotler." in words(answer)
    assert shown(block).endswith("Deze contactpersoon staat nog niet in Spotler."), "it is kept"


@pytest.mark.parametrize(
    ("there", "said"),
    [
        ({}, "Spotler heeft al een contact met dit e-mailadres."),
        ({"external_id": "c-9", "properties": {"firstName": "Kees"}},
         "Dit e-mailadres hoort ook bij Kees."),
        ({"active": False}, "Inactief"),
    ],
)  # fmt: skip
def test_an_address_that_spotler_has_already(
    block: Widget, environment: Environment, wire: responses.RequestsMock, there: Any, said: str
) -> None:
    mirrored(environment, encrypted_id="e", address=KIM, **there)
    at_crm(wire, email=KIM.upper())
    assert said in words(block.ask("POST", "/data-block/fresh"))
    assert "staat nog niet in Spotler" not in shown(block)


def test_who_has_no_address_and_who_got_one(
    block: Widget, environment: Environment, wire: responses.RequestsMock
) -> None:
    at_crm(wire, email="kim@")
    assert "Dit is geen e-mailadres: „kim@”." in words(block.ask("POST", "/data-block/fresh"))
    wire.replace(responses.GET, f"{CRM}/contacts", json={
        "contacts": [{"id": "c-1", "relation_id": None, "primary": False, "active": True,
                      "version": "2", "fields": {"email": KIM}}], "missing": []})  # fmt: skip
    assert "geen e-mailadres" in shown(block)
    assert "geen e-mailadres" not in words(block.ask("POST", "/data-block/fresh"))


def test_an_error_about_an_address_names_it_and_is_over_with_another(
    block: Widget, environment: Environment, wire: responses.RequestsMock
) -> None:
    refused = Detail(address="kim@oud.nl", message="geen adres")
    link(environment, problem=Reason.ADDRESS_REFUSED, problem_outcome=Outcome.REJECTED,
         problem_detail=refused, address="kim@oud.nl")  # fmt: skip
    assert "Spotler accepteert „kim@oud.nl” niet: „geen adres”." in shown(block)
    at_crm(wire, email="kim@oud.nl")
    assert "Mislukt" in words(block.ask("POST", "/data-block/fresh"))
    wire.remove(responses.GET, f"{CRM}/contacts")
    at_crm(wire, email=KIM)
    assert "Mislukt" not in words(block.ask("POST", "/data-block/fresh"))


def test_while_the_crm_is_away_it_says_what_is_known(
    block: Widget, wire: responses.RequestsMock
) -> None:
    wire.get(f"{CRM}/contacts", status=503)
    assert "is nog niet bekend" in words(block.ask("POST", "/data-block/fresh"))


def test_a_contact_that_is_synchronised(block: Widget, environment: Environment) -> None:
    before = datetime.now(UTC) - timedelta(minutes=3)
    link(environment, linked_at=before, synced_at=before)
    db.session.add(
        MirrorContact(
            environment_id=environment.id, external_id="c-1", active=True, observed_at=before,
            permissions={"1": True, "2": False, "4": True}, properties={},
        )
    )  # fmt: skip
    assert shown(block) == "Spotler Gesynchroniseerd 3 min gel. 2 permissies · 0 automations"


def test_it_is_not_green_without_a_connection(
    block: Widget, environment: Environment, connection: Connection
) -> None:
    linked(environment)
    assert "Gesynchroniseerd" in shown(block)
    connection.state, connection.refused_at = ConnectionState.REFUSED, datetime.now(UTC)
    db.session.commit()
    told = shown(block)
    assert told.startswith("Spotler Niet gesynchroniseerd Spotler herkent deze key en secret niet.")
    assert "Sinds" in told and "gaat er niets naar Spotler." in told
    db.session.delete(connection)
    db.session.commit()
    assert "Niet gesynchroniseerd Er is geen verbinding met Spotler. Sinds" in shown(block)


def test_it_is_not_green_after_a_change_that_has_not_gone(
    block: Widget, environment: Environment
) -> None:
    linked(environment, crm_version="7")
    now = datetime.now(UTC)
    told = {"environment_id": environment.id, "type": EventType.CONTACT_CHANGED, "data": {},
            "contact_id": "c-1", "sent_at": now, "received_at": now, "due_at": now}  # fmt: skip
    db.session.add(Event(**told, webhook_id="a", version="7"))
    assert "Gesynchroniseerd" in shown(block), "that version has gone"
    db.session.add(Event(**told, webhook_id="b", version="8"))
    assert "Bezig Gewijzigd in Yoobi (" in shown(block)
    assert "dat is nog niet in Spotler." in shown(block)


def test_it_is_not_green_while_something_waits(block: Widget, environment: Environment) -> None:
    linked(environment)
    soon = datetime.now(UTC) + timedelta(minutes=5)
    run = Run(id=uuid4(), environment_id=environment.id, request_token=uuid4(), selected=1,
              kind=RunKind.CONTACT, source=Source.MODAL, created_at=datetime.now(UTC))  # fmt: skip
    db.session.add(run)
    db.session.flush()
    item = RunItem(environment_id=environment.id, run_id=run.id, contact_id="c-1", due_at=soon,
                   reason=Reason.SPOTLER_AWAY)  # fmt: skip
    db.session.add(item)
    told = shown(block)
    assert "Bezig Een wijziging van" in told and "is nog niet in Spotler." in told
    assert "Spotler is nu niet bereikbaar. Volgende poging:" in told
    run.state, run.halted_because = RunState.HALTED, Reason.CREDENTIALS_REFUSED
    told = shown(block)
    assert "Bezig" in told and "Spotler herkent deze key en secret niet." in told
    assert "Volgende poging" not in told
    run.state, item.outcome, run.kind = RunState.CANCELLED, Outcome.CANCELLED, RunKind.SYNC
    assert "is hier niet aan toe gekomen" in shown(block)


def test_it_is_not_green_after_a_comparison_found_it_different(
    block: Widget, environment: Environment
) -> None:
    linked(environment)
    now, owner = datetime.now(UTC), {"environment_id": environment.id}
    drift = Drift(**owner, id=uuid4(), state=DriftState.READY, created_at=now, read_since=now,
                  read_until=now, mapping_version=1, counts={}, by_property={})  # fmt: skip
    db.session.add(drift)
    db.session.flush()
    db.session.add(DriftItem(**owner, drift_id=drift.id, kind=DriftKind.DIFFERENT,
                             contact_id="c-1", differences=[], refusals=[]))  # fmt: skip
    assert "Niet gesynchroniseerd Yoobi en Spotler waren niet gelijk bij" in shown(block)


def test_a_linked_contact_without_an_address_is_not_green(
    block: Widget, environment: Environment
) -> None:
    linked(environment, problem=Reason.NO_ADDRESS, problem_outcome=Outcome.BLOCKED)
    assert "Mislukt Geen e-mailadres" in shown(block)


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        ({"source": Source.SPOTLER}, "Afgemeld of afgesloten in Spotler op 12 mei"),
        ({"source": Source.SPOTLER, "ground": "bounce"}, "Onbereikbaar sinds 12 mei"),
    ],
)
def test_an_inactive_contact_says_why_and_since_when(
    block: Widget, environment: Environment, columns: Any, said: str
) -> None:
    linked(environment)
    mirrored(environment, external_id="c-1", active=False)
    at = datetime(2025, 5, 12, 10, tzinfo=UTC)
    db.session.add(Act(environment_id=environment.id, contact_id="c-1", bit=0, enabled=False,
                       at=at, applied_at=at, **columns))  # fmt: skip
    assert said in shown(block)


def test_an_automation_of_unknown_end_is_told(block: Widget, environment: Environment) -> None:
    linked(environment)
    now, owner = datetime.now(UTC), {"environment_id": environment.id}
    run = Run(**owner, id=uuid4(), request_token=uuid4(), selected=1, kind=RunKind.CONTACT,
              source=Source.MODAL, created_at=now, state=RunState.FINISHED)  # fmt: skip
    automation = Automation(**owner, kind=AutomationKind.AUTOMATION, label="Welkom", code="a",
                            origin=AutomationOrigin.LISTED)  # fmt: skip
    db.session.add_all([run, automation])
    db.session.flush()
    db.session.add(Enrolment(**owner, id=uuid4(), run_id=run.id, contact_id="c-1", asked_at=now,
                             automation_id=automation.id, state=EnrolmentState.UNKNOWN,
                             source=Source.MODAL, due_at=now))  # fmt: skip
    assert "Van 1 automation is niet zeker of die is gestart." in shown(block)


def test_who_was_deleted_in_the_crm_says_so(block: Widget, environment: Environment) -> None:
    link(environment, deleted_at=datetime(2025, 5, 12, 10, tzinfo=UTC))
    mirrored(environment, external_id="c-1", active=False)
    assert "Verwijderd in Yoobi op 12 mei 2025" in shown(block)


def test_a_contact_that_failed_says_why_and_what_to_do(
    block: Widget, environment: Environment
) -> None:
    detail = Detail(message="geen adres")
    link(environment, problem=Reason.ADDRESS_REFUSED, problem_outcome=Outcome.REJECTED,
         problem_detail=detail)  # fmt: skip
    assert shown(block) == (
        "Spotler Mislukt Spotler accepteert dit e-mailadres niet: „geen adres”. "
        "Pas het aan bij de contactpersoon."
    )


def test_an_inactive_contact(block: Widget, environment: Environment) -> None:
    link(environment, problem=Reason.INACTIVE, problem_outcome=Outcome.BLOCKED)
    assert "Inactief" in shown(block)
    assert "Dat kun je vanuit Yoobi niet terugdraaien." in shown(block)


def test_a_click_asks_the_crm_for_the_modal(block: Widget) -> None:
    assert 'data-send="modal.open"' in block.page
    assert "&#34;widget&#34;: &#34;contact-modal&#34;" in block.page
    assert "&#34;id&#34;: &#34;c-1&#34;" in block.page


def test_another_environments_contact_of_the_same_id_is_another(
    block: Widget, other_environment: Environment
) -> None:
    now = datetime.now(UTC)
    link(other_environment, linked_at=now, synced_at=now)
    assert "Niet gesynchroniseerd" in shown(block)


def test_it_speaks_english(
    client: FlaskClient, launch: Launch, environment: Environment, connection: Connection
) -> None:
    block = Widget.launch(client, launch("Carol", widget="data-block", lang="en"))
    link(environment, address=KIM)
    assert '<html lang="en">' in block.page
    assert "This contact is not in Spotler yet." in shown(block)
