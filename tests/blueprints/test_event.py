"""Gebeurtenissen: what the CRM told, what it led to, and again for one that failed."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
from flask.testing import FlaskClient

from spotler_plugin.extensions import db
from spotler_plugin.jobs.queue.enqueue import queue
from spotler_plugin.models import (
    Environment,
    Event,
    EventOutcome,
    EventType,
    Inbox,
    MirrorContact,
    Outcome,
    Run,
    RunItem,
    RunKind,
    Source,
)
from spotler_plugin.planning.reason import Reason
from spotler_plugin.services.run.create import create_run
from tests.blueprints.widget import Widget, words
from tests.cast import Launch


def told(environment: Environment, **values: Any) -> Event:
    """An event as it stands in the table."""
    now = datetime.now(UTC)
    event = Event(
        **{
            "environment_id": environment.id,
            "webhook_id": uuid4().hex,
            "type": EventType.CONTACT_CHANGED,
            "contact_id": "c-1",
            "data": {},
            "sent_at": now,
            "received_at": now,
            "due_at": now,
        }
        | values
    )
    db.session.add(event)
    db.session.commit()
    return event


def led_to(environment: Environment, outcome: Outcome, reason: Reason | None = None) -> Run:
    """A run over c-1 with this outcome."""
    run, _ = create_run(
        environment.id,
        ["c-1"],
        kind=RunKind.CHANGE,
        source=Source.CRM,
        actor=None,
        request_token=uuid4(),
    )
    item = db.session.scalars(db.select(RunItem).filter_by(run_id=run.id)).one()
    item.outcome, item.reason = outcome, reason
    db.session.commit()
    return run


def test_the_list_is_empty_at_first(admin: Widget) -> None:
    assert "Er zijn nog geen gebeurtenissen Zodra in Yoobi" in words(admin.get("/admin/events"))


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({}, "Contactpersoon gewijzigd zojuist Wacht c-1 Is zo aan de beurt."),
        ({"reason": Reason.CRM_AWAY}, "Yoobi is nu niet bereikbaar. Het gaat daarna vanzelf door."),
        (
            {"type": EventType.CONTACT_DELETED, "outcome": EventOutcome.NOT_LINKED},
            "Contactpersoon verwijderd zojuist Niets te doen c-1 Deze contactpersoon is niet",
        ),
        (
            {"type": EventType.CONTACT_MERGED, "merged_id": "c-2"},
            "Contactpersonen samengevoegd zojuist Wacht c-2 in c-1",
        ),
        (
            {"type": EventType.RELATION_CHANGED, "contact_id": None, "relation_id": "r-1",
             "outcome": EventOutcome.NO_PRIMARY},
            "relatie r-1 De relatie heeft geen primaire contactpersoon.",
        ),
        (
            {"type": EventType.ACTION_TRIGGERED, "outcome": EventOutcome.NO_ACTION},
            "Automatische actie zojuist Niets te doen c-1 Deze actie bestaat niet.",
        ),
        (
            {"outcome": EventOutcome.FAILED, "reason": Reason.CRM_REFUSED},
            "Mislukt c-1 Yoobi laat de plugin niet toe",
        ),
        ({"outcome": EventOutcome.RUN}, "De uitkomst wordt niet meer bewaard."),
    ],
)  # fmt: skip
def test_what_each_led_to(
    admin: Widget, environment: Environment, values: dict[str, Any], said: str
) -> None:
    told(environment, **values)
    assert said in words(admin.get("/admin/events"))


@pytest.mark.parametrize(
    ("outcome", "reason", "said"),
    [
        (Outcome.OPEN, None, "Wacht c-1"),
        (Outcome.UPDATED, None, "Verwerkt c-1 Bijgewerkt in Spotler."),
        (Outcome.UNCHANGED, None, "Verwerkt c-1 In Spotler stond het al zo."),
        (Outcome.BLOCKED, Reason.NO_ADDRESS, "Mislukt c-1 Geen e-mailadres"),
        (
            Outcome.FAILED,
            Reason.SPOTLER_AWAY,
            "Spotler is nu niet bereikbaar. Probeer het opnieuw.",
        ),
    ],
)
def test_the_outcome_is_that_of_its_run(
    admin: Widget, environment: Environment, outcome: Outcome, reason: Reason | None, said: str
) -> None:
    run = led_to(environment, outcome, reason)
    told(environment, outcome=EventOutcome.RUN, run_id=run.id)
    answer = admin.get("/admin/events")
    assert said in words(answer)
    assert ("Opnieuw verwerken" in words(answer)) == ("Mislukt" in said or "opnieuw" in said)
    assert f"/admin/runs/{run.id}" in answer.text
    assert "Er is nog niets gesynchroniseerd" in words(admin.get("/admin/runs?single=1"))
    assert "Wijziging in het CRM" in words(admin.get(f"/admin/runs/{run.id}"))


@pytest.mark.parametrize(
    ("chosen", "found"),
    [
        ("query=C-1", ["c-1"]),
        ("query=r-1", ["r-1"]),
        ("query=c-", []),
        ("type=relation.changed", ["r-1"]),
        ("standing=failed", ["c-1", "c-3"]),
        ("standing=nothing", ["r-1"]),
        ("standing=waiting", ["c-2"]),
        ("standing=done", []),
        ("standing=&type=&query=", ["c-1", "c-2", "c-3", "r-1"]),
    ],
)
def test_events_are_found(
    admin: Widget, environment: Environment, chosen: str, found: list[str]
) -> None:
    run = led_to(environment, Outcome.REJECTED, Reason.VALUE_REFUSED)
    told(environment, outcome=EventOutcome.RUN, run_id=run.id)
    told(environment, contact_id="c-2")
    told(environment, contact_id="c-3", outcome=EventOutcome.FAILED)
    told(environment, type=EventType.RELATION_CHANGED, contact_id=None, relation_id="r-1",
         outcome=EventOutcome.NO_MODULE)  # fmt: skip
    shown = words(admin.get(f"/admin/events?{chosen}"))
    told_of = [id for id in ("c-1", "c-2", "c-3", "r-1") if f" {id} " in shown]
    assert told_of == found
    assert ("Geen gebeurtenissen gevonden" in shown) == (not found)


def test_they_come_page_by_page(admin: Widget, environment: Environment) -> None:
    for number in range(60):
        told(environment, contact_id=f"c-{number}")
    assert "1–50 van 60" in words(admin.get("/admin/events?type=contact.changed"))
    answer = admin.get("/admin/events?type=contact.changed&page=2")
    assert "51–60 van 60" in words(answer) and "type=contact.changed" in answer.text


@pytest.mark.parametrize("wrong", ["type=x", "standing=x", "page=0", "page=x"])
def test_what_our_page_did_not_make_is_refused(admin: Widget, wrong: str) -> None:
    assert admin.get(f"/admin/events?{wrong}").status_code == 400


def test_one_that_failed_is_handled_again(admin: Widget, environment: Environment) -> None:
    run = led_to(environment, Outcome.FAILED, Reason.SPOTLER_AWAY)
    event = told(environment, outcome=EventOutcome.RUN, run_id=run.id, attempts=3)
    offered = admin.get("/admin/events?standing=failed&query=c-1").text
    assert "&#34;standing&#34;: &#34;failed&#34;" in offered
    form = {"query": "c-1", "type": "contact.changed", "page": "1"}
    shown = words(admin.ask("POST", f"/admin/events/{event.id}/again", **form))
    assert "De gebeurtenis wordt opnieuw verwerkt." in shown and "Is zo aan de beurt." in shown
    assert [job.args for job in queue().jobs] == [[environment.id]]
    db.session.refresh(event)
    assert (event.outcome, event.run_id, event.attempts) == (EventOutcome.WAITING, None, 0)
    again = words(admin.ask("POST", f"/admin/events/{event.id}/again"))
    assert "Er was niets meer om opnieuw te proberen." in again


def test_one_that_did_not_fail_is_not(admin: Widget, environment: Environment) -> None:
    run = led_to(environment, Outcome.UPDATED)
    event = told(environment, outcome=EventOutcome.RUN, run_id=run.id)
    said = words(admin.ask("POST", f"/admin/events/{event.id}/again"))
    assert "Er was niets meer om opnieuw te proberen." in said
    db.session.refresh(event)
    assert event.run_id == run.id


def test_another_environments_events_are_not_there(
    client: FlaskClient, launch: Launch, other_environment: Environment, environment: Environment
) -> None:
    event = told(environment, outcome=EventOutcome.FAILED)
    token = launch("Alice", other_environment, widget="admin", resource={"type": "none"})
    theirs = Widget.launch(client, token)
    assert "Er zijn nog geen gebeurtenissen" in words(theirs.get("/admin/events"))
    theirs.ask("POST", f"/admin/events/{event.id}/again")
    db.session.refresh(event)
    assert event.outcome is EventOutcome.FAILED


def test_only_for_administrators(client: FlaskClient, launch: Launch) -> None:
    bob = Widget.launch(client, launch("Bob", widget="contact-modal"))
    assert bob.get("/admin/events").status_code == 403
    assert bob.ask("POST", "/admin/events/1/again").status_code == 403


def test_a_crm_that_does_not_let_us_in_is_told(admin: Widget, environment: Environment) -> None:
    db.session.add(Inbox(environment_id=environment.id, error=Reason.CRM_REFUSED))
    assert "Yoobi laat de plugin niet toe Het token" in words(admin.get("/admin/events"))


def test_a_name_stands_beside_the_number(admin: Widget, environment: Environment) -> None:
    db.session.add(
        MirrorContact(
            environment_id=environment.id,
            external_id="c-1",
            active=True,
            permissions={},
            properties={"firstName": "Zoë", "lastName": "Österbaan"},
            observed_at=datetime.now(UTC),
        )
    )
    told(environment)
    assert "Wacht Zoë Österbaan c-1 Is zo" in words(admin.get("/admin/events"))
