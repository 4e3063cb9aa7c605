"""Automatic actions on the screen: list, editor, history, in the admin widget and on their own."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from html import unescape
from typing import Any
from uuid import UUID, uuid4

import pytest
import responses
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from spotler_plugin.extensions import db
from spotler_plugin.models import (
    AutomaticAction,
    Automation,
    AutomationKind,
    AutomationOrigin,
    Enrolment,
    EnrolmentState,
    Environment,
    Field,
    Firing,
    FiringState,
    MirrorContact,
    Outcome,
    Permission,
    Run,
    RunItem,
    RunKind,
    RunState,
    Source,
)
from spotler_plugin.planning.adjustment import Adjustment, Switch
from spotler_plugin.planning.detail import Detail
from spotler_plugin.planning.image import Image
from spotler_plugin.planning.reason import Reason
from spotler_plugin.planning.values.types import FieldType
from tests.blueprints.conftest import CRM
from tests.blueprints.widget import Widget, words
from tests.cast import Launch

URL = "/automatic-actions"


@pytest.fixture
def catalogue(environment: Environment) -> None:
    owner = {"environment_id": environment.id}
    db.session.add_all(
        [
            Permission(**owner, bit=1, description="Nieuwsbrief"),
            Permission(**owner, bit=2, description="Bop"),
            Automation(**owner, id=7, kind=AutomationKind.AUTOMATION, code="c0de",
                       origin=AutomationOrigin.LISTED, label="Welkom"),
            Field(**owner, entity="contact", name="note", label="Notitie", type=FieldType.TEXT,
                  choices=[]),
        ]
    )  # fmt: skip
    db.session.commit()


def only() -> AutomaticAction:
    db.session.expire_all()
    return db.session.scalars(select(AutomaticAction)).one()


def made(environment: Environment, **columns: Any) -> AutomaticAction:
    values: dict[str, Any] = {"name": "Welkom", "adjustment": Adjustment(note="Nieuw")} | columns
    action = AutomaticAction(id=uuid4(), environment_id=environment.id, changed_by="Alice",
                             changed_at=datetime.now(UTC), **values)  # fmt: skip
    db.session.add(action)
    db.session.commit()
    return action


def fired(action: AutomaticAction, **columns: Any) -> Firing:
    values: dict[str, Any] = {
        "id": uuid4(), "environment_id": action.environment_id, "action_id": action.id,
        "contact_id": "c-1", "transition_id": uuid4().hex, "adjustment": action.adjustment,
        "fired_at": datetime.now(UTC), "from_phase": "Lead", "to_phase": "Offerte",
    }  # fmt: skip
    firing = Firing(**values | columns)
    db.session.add(firing)
    db.session.commit()
    return firing


def alone(
    client: FlaskClient, launch: Launch, action_id: UUID | None = None, **more: Any
) -> Widget:
    kind = {"type": "automatic-action", "id": str(action_id)} if action_id else {"type": "none"}
    return Widget.launch(client, launch("Alice", widget="automatic-action", resource=kind, **more))


def messages(answer: TestResponse) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(answer.headers["HX-Trigger"])["crm"]
    return found


def test_a_new_one_is_made_and_listed(
    admin: Widget, environment: Environment, catalogue: None
) -> None:
    assert "Er zijn nog geen automatische acties" in words(admin.get(URL))
    form = {
        "name": " Welkom <b> ", "description": "Na een offerte", "note": "Hallo",
        "status": "inactive", "permission-1": "on", "ground-1": "toestemming gegeven",
        "permission-2": "off", "ground-2": "onnodig", "automation": "7",
    }  # fmt: skip
    answer = admin.ask("POST", URL, **form)
    assert "Welkom <b> is opgeslagen." in words(answer)
    action = only()
    assert messages(answer) == [
        {"type": "action.saved", "payload": {"id": str(action.id), "name": "Welkom <b>"}}
    ]
    assert action.adjustment == Adjustment(
        note="Hallo",
        active=False,
        switches={1: Switch(True, "toestemming gegeven"), 2: Switch(False)},
        automations=(7,),
    )
    assert (action.enabled, action.changed_by) == (True, "Alice")
    shown = admin.get(f"{URL}/{action.id}").text
    assert 'value="toestemming gegeven"' in shown and "Hallo" in shown
    assert re.search(r'value="7" checked', shown)


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"name": " "}, "Vul een naam in."),
        ({"name": "x" * 121}, "Kies een kortere naam"),
        ({"name": "a\x00"}, "Kies een kortere naam"),
        ({"name": "A", "note": "x" * 2001}, "Hooguit 2000 tekens."),
        ({"name": "A", "permission-1": "on"}, "Vul in op welke grond deze permissie aan mag."),
    ],
)
def test_what_is_wrong_stands_where_it_belongs(
    admin: Widget, catalogue: None, form: dict[str, str], said: str
) -> None:
    answer = admin.ask("POST", URL, **form)
    assert answer.status_code == 422 and said in words(answer)
    assert db.session.scalars(select(AutomaticAction)).all() == []


def test_what_is_not_said_switches_nothing(admin: Widget, catalogue: None) -> None:
    """Nor does anything that our page cannot have made."""
    admin.ask("POST", URL, name="A", **{"permission-1": "true", "ground-1": "x", "status": "?"})
    assert only().adjustment == Adjustment()


def test_a_copy_is_kept_once_it_is_saved(
    admin: Widget, environment: Environment, catalogue: None
) -> None:
    action = made(environment)
    shown = admin.get(f"{URL}/{action.id}/copy")
    assert 'value="Kopie van Welkom"' in shown.text and f'hx-post="{URL}"' in shown.text
    assert only().name == "Welkom"


def test_it_is_switched_off_and_on(admin: Widget, environment: Environment) -> None:
    action = made(environment)
    assert "Welkom staat uit." in words(admin.ask("POST", f"{URL}/{action.id}/off"))
    assert not only().enabled
    assert "Welkom staat aan." in words(admin.ask("POST", f"{URL}/{action.id}/on"))
    assert only().enabled


def test_a_deleted_one_is_hidden_and_keeps_its_history(
    admin: Widget, environment: Environment
) -> None:
    action = made(environment)
    fired(action)
    asked = words(admin.get(f"{URL}/{action.id}"))
    assert "Geschiedenis" in asked
    assert "1 keer uitgevoerd; de geschiedenis blijft" in admin.get(f"{URL}/{action.id}").text
    assert "Welkom is verwijderd." in words(admin.ask("DELETE", f"{URL}/{action.id}"))
    gone = only()
    assert gone.deleted_at is not None and not gone.enabled
    assert db.session.scalars(select(Firing)).one().action_id == gone.id
    assert admin.get(f"{URL}/{action.id}").status_code == 404


def test_what_vanished_in_spotler_is_marked(
    admin: Widget, environment: Environment, catalogue: None
) -> None:
    action = made(environment, adjustment=Adjustment(switches={2: Switch(False)}))
    gone = db.session.scalars(select(Permission).where(Permission.bit == 2)).one()
    gone.gone_at = datetime.now(UTC)
    db.session.commit()
    shown = words(admin.get(f"{URL}/{action.id}"))
    assert "Bop (bestaat niet meer in Spotler)" in shown
    assert "De actie slaat het over." in shown
    assert "De actie slaat het over." not in words(admin.get(f"{URL}/new"))
    assert "Bop" not in words(admin.get(f"{URL}/new"))


def test_one_of_another_account_begins_without_switches(
    admin: Widget, environment: Environment, catalogue: None
) -> None:
    action = made(environment, adjustment=Adjustment(switches={1: Switch(True, "klant")}))
    environment.account_since = datetime.now(UTC)
    db.session.commit()
    shown = admin.get(f"{URL}/{action.id}")
    assert "Deze actie is van een ander Spotler-account." in words(shown)
    assert 'value="klant"' not in shown.text


def test_the_history_says_what_failed_and_why(admin: Widget, environment: Environment) -> None:
    action = made(environment)
    failed = fired(action, state=FiringState.FAILED, reason=Reason.CRM_DECLINED, message="te lang")
    assert "1 keer uitgevoerd 1 mislukt laatst zojuist" in words(admin.get(URL))
    shown = admin.get(f"{URL}/{action.id}/firings")
    assert "Mislukt · Yoobi wijzigt de contactpersoon niet: „te lang”." in words(shown)
    assert "Lead → naar Offerte" in words(shown) and "every 2s" not in shown.text
    assert "Wordt opnieuw geprobeerd." in words(
        admin.ask("POST", f"{URL}/firings/{failed.id}/retry")
    )
    db.session.expire_all()
    again = db.session.get_one(Firing, failed.id)
    assert (again.state, again.reason) == (FiringState.OPEN, None)
    assert "every 2s" in admin.get(f"{URL}/{action.id}/firings").text
    shown = admin.ask("POST", f"{URL}/firings/{failed.id}/retry")
    assert "Er was niets meer om opnieuw te proberen." in words(shown)


def test_somebody_is_found_by_name_address_or_id(admin: Widget, environment: Environment) -> None:
    action = made(environment)
    db.session.add(
        MirrorContact(environment_id=environment.id, external_id="c-9", active=True,
                      address="zoe@example.nl", observed_at=datetime.now(UTC), permissions={},
                      properties={"firstName": "Zoë", "lastName": "Österbaan"})
    )  # fmt: skip
    for query in ("zoe@", "baan", "c-9"):
        assert "Zoë Österbaan" in words(admin.get(f"{URL}/{action.id}/try?query={query}"))
    assert "Niemand gevonden" in words(admin.get(f"{URL}/{action.id}/try?query=100%25"))
    assert "c-77" in words(admin.get(f"{URL}/{action.id}/try?query=c-77"))


def seen_in(answer: TestResponse) -> str:
    """What the editor shows as saved."""
    found = re.search(r'name="seen"[^>]*value="([^"]*)"', answer.text)
    assert found is not None
    return unescape(found[1])


def test_two_who_edit_one_action_lose_nothing(
    admin: Widget, environment: Environment, catalogue: None
) -> None:
    action = made(environment, adjustment=Adjustment(switches={1: Switch(True, "klant")}))
    url, given = f"{URL}/{action.id}", {"permission-1": "on", "ground-1": "klant"}
    seen = seen_in(admin.get(url))
    assert admin.ask("POST", url, seen=seen, name="Welkom", note="Gebeld").status_code == 200
    second = admin.ask("POST", url, seen=seen, name="Mijn naam", **given)
    said = words(second)
    assert second.status_code == 409 and f"{only().changed_by} heeft deze actie" in said
    assert "Notitie: van leeg naar “Gebeld”" in said
    assert "Nieuwsbrief: van aan (klant) naar ongewijzigd" in said
    assert only().name == "Welkom", "nothing is saved yet"
    assert 'value="Mijn naam"' in second.text and ">\r\nGebeld</textarea>" in second.text
    assert "data-unsaved" in second.text
    third = admin.ask("POST", url, seen=seen_in(second), name="Mijn naam", note="Gebeld")
    assert third.status_code == 200
    assert only().name == "Mijn naam" and only().adjustment == Adjustment(note="Gebeld")


def test_who_chose_the_same_is_not_held_up(
    admin: Widget, environment: Environment, catalogue: None
) -> None:
    action = made(environment)
    seen = seen_in(admin.get(f"{URL}/{action.id}"))
    for _time in range(2):
        answer = admin.ask("POST", f"{URL}/{action.id}", seen=seen, name="Anders")
        assert answer.status_code == 200


def test_where_both_changed_the_same_mine_is_shown(
    admin: Widget, environment: Environment, catalogue: None
) -> None:
    action = made(environment)
    url = f"{URL}/{action.id}"
    seen = seen_in(admin.get(url))
    admin.ask("POST", url, seen=seen, name="Hun")
    answer = admin.ask("POST", url, seen=seen, name="Mijn")
    assert "naar “Hun”; hieronder staat jouw keuze" in words(answer)
    assert 'value="Mijn"' in answer.text


def test_the_crm_and_spotler_each_say_what_happens_there(
    admin: Widget, environment: Environment, catalogue: None
) -> None:
    now = datetime.now(UTC)
    db.session.add(
        Field(environment_id=environment.id, entity="contact", name="email", label="E-mail",
              type=FieldType.EMAIL, position=0, choices=[])
    )  # fmt: skip
    db.session.add(
        MirrorContact(environment_id=environment.id, external_id="c-9", active=True,
                      address="zoe@example.nl", observed_at=now, permissions={},
                      properties={"email": "zoe@example.nl"})
    )  # fmt: skip
    db.session.commit()
    action = made(environment, adjustment=Adjustment(note="Gebeld", active=False))
    zoe = {"id": "c-9", "relation_id": None, "primary": False, "active": True, "version": 1,
           "fields": {"email": "zoe@example.nl", "note": "Nieuw"}}  # fmt: skip
    with responses.RequestsMock() as wire:
        wire.get(f"{CRM}/contacts", json={"contacts": [zoe], "missing": []})
        said = words(admin.ask("POST", f"{URL}/{action.id}/try", contact_id="c-9"))
    in_crm, in_spotler = said.split("In Spotler")
    assert f"In {environment.name} Wordt bijgewerkt" in in_crm
    assert "Notitie Nieuw → wordt Gebeld" in in_crm
    assert "Status Actief → wordt Inactief" in in_crm
    assert "Blijft ongewijzigd" in in_spotler and "Gebeld" not in in_spotler


class TestAlone:
    def test_it_opens_a_new_one(self, client: FlaskClient, launch: Launch) -> None:
        widget = alone(client, launch)
        assert "Nieuwe automatische actie" in widget.page
        assert 'data-close="action.closed"' in widget.page and "Mapping" not in widget.page
        answer = widget.ask("POST", URL, name="Welkom")
        assert messages(answer)[0]["type"] == "action.saved"
        assert "Welkom is opgeslagen." in words(answer)

    def test_it_opens_that_one_and_no_other(
        self, client: FlaskClient, launch: Launch, environment: Environment
    ) -> None:
        action, other = made(environment), made(environment, name="Andere")
        widget = alone(client, launch, action.id)
        assert "Welkom" in widget.page
        answer = widget.ask("POST", f"{URL}/{action.id}", name="Anders")
        assert messages(answer)[0]["payload"] == {"id": str(action.id), "name": "Anders"}
        assert widget.get(f"{URL}/{other.id}").status_code == 404
        assert widget.ask("DELETE", f"{URL}/{other.id}").status_code == 404
        answer = widget.ask("DELETE", f"{URL}/{action.id}")
        assert messages(answer)[0]["type"] == "action.closed"

    @pytest.mark.parametrize("action_id", ["7", "8f14e45f-ceea-467a-9575-2b7d1c3c1b2a"])
    def test_one_that_is_not_there(
        self, client: FlaskClient, launch: Launch, environment: Environment, action_id: str
    ) -> None:
        kind = {"type": "automatic-action", "id": action_id}
        token = launch("Alice", widget="automatic-action", resource=kind)
        answer = client.post("/launch", data={"token": token})
        assert answer.status_code == 404 and "Niet gevonden" in words(answer)

    def test_it_speaks_english(self, client: FlaskClient, launch: Launch, catalogue: None) -> None:
        page = alone(client, launch, lang="en").page
        for said in ("New automatic action", "Change: contact", "consent given", "Legal basis"):
            assert said in page


def test_the_history_says_what_was_done_and_on_what_ground(
    admin: Widget, environment: Environment, catalogue: None
) -> None:
    adjustment = Adjustment(
        note="Hallo", active=True, switches={1: Switch(True, "verzoek"), 2: Switch(False)}
    )
    action = made(environment, adjustment=adjustment)
    run = Run(id=uuid4(), environment_id=environment.id, request_token=uuid4(),
              kind=RunKind.ACTION, source=Source.AUTOMATIC_ACTION, actor_name="Welkom",
              created_at=datetime.now(UTC), state=RunState.FINISHED)  # fmt: skip
    item = RunItem(environment_id=environment.id, run_id=run.id, contact_id="c-1",
                   due_at=datetime.now(UTC), outcome=Outcome.LINKED,
                   after=Image(permissions={1: True, 2: False}),
                   detail=Detail(signed_off=(4,)))  # fmt: skip
    db.session.add(run)
    db.session.flush()
    db.session.add(item)
    db.session.add_all(
        Enrolment(id=uuid4(), environment_id=environment.id, run_id=run.id, contact_id=contact,
                  automation_id=7, state=state, source=Source.AUTOMATIC_ACTION,
                  asked_at=datetime.now(UTC), due_at=datetime.now(UTC))
        for contact, state in (("c-1", EnrolmentState.STARTED), ("c-2", EnrolmentState.UNKNOWN),
                               ("c-3", EnrolmentState.REFUSED), ("c-4", EnrolmentState.WAITING))
    )  # fmt: skip
    fired(action, state=FiringState.HANDED_OVER, told_at=datetime.now(UTC), run_id=run.id)
    said = words(admin.get(f"{URL}/{action.id}/firings"))
    for point in (
        "Gekoppeld",
        "Notitie in Yoobi gewijzigd",
        "Status in Yoobi: Actief",
        "Nieuwsbrief: aan, op grond van: verzoek",
        "Bop: uit",
        "Intussen afgemeld",
        "Welkom: gestart",
        "Welkom: onbekend of deze is gestart",
        "Welkom: niet gestart: Spotler weigerde dit",
        "Welkom: wordt gestart",
    ):
        assert point in said, point
    assert "Opnieuw proberen" not in said
    shown = admin.get("/admin/runs?single=1")
    assert "Automatische actie: Welkom" in words(shown)
    assert "Welkom" not in words(admin.get("/admin/runs"))
