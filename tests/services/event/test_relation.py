"""relation.changed: a module field synchronises the relation's primary contact."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import responses
import time_machine

from demo.crm.faults import Fault
from spotler_plugin.extensions import db
from spotler_plugin.models import EventOutcome, Outcome
from spotler_plugin.planning.mapping import RELATION
from spotler_plugin.planning.reason import Reason
from spotler_plugin.services.event.relation import is_module
from spotler_plugin.services.mapping.store import save_mapping, saved_mapping
from tests.services.event.conftest import Inbox
from tests.world.world import World


@pytest.mark.parametrize(
    ("name", "is_one"),
    [
        ("Urenmodule", True),
        ("uren_module", True),
        ("Facturatie MODULE", True),
        ("Uren (module)", True),
        ("Urenmodule:", True),
        ("Urenmodule *", True),
        ("Urenmodule.", True),
        ("module", True),
        ("Modules", False),
        ("Module uren", False),
        ("module_2", False),
        ("", False),
    ],
)
def test_what_a_module_field_is_called(name: str, is_one: bool) -> None:
    assert is_module(name) is is_one


@pytest.fixture
def zoe(world: World) -> str:
    """The linked primary contact of a relation, of which a module is mapped."""
    first = next(
        each for each in world.crm.data.relations.page("", 20, 0) if each.primary_contact_id
    )
    zoe = str(first.primary_contact_id)
    world.crm.data.contacts.change(zoe, {"email": "zoe@relatie.example"}, silent=True)
    mapping = saved_mapping(world.environment.id) | {(RELATION, "city"): "city"}
    save_mapping(world.environment, mapping)
    db.session.commit()
    world.save(zoe)
    return zoe


def relation_of(world: World, contact_id: str) -> str:
    row = world.crm.data.contacts.find(contact_id)
    assert row is not None and row.relation_id is not None
    return row.relation_id


def change(world: World, relation_id: str, **values: object) -> None:
    world.crm.data.relations.change(relation_id, values)


def told(inbox: Inbox, relation_id: str, *names: str) -> int:
    return inbox.take("relation.changed", relation_id=relation_id, changed_fields=list(names))


@pytest.mark.parametrize("name", ["timesheets", "invoicing_module", "Documenten module:"])
def test_a_module_field_takes_the_primary_contact_along(
    world: World, inbox: Inbox, zoe: str, name: str
) -> None:
    relation_id = relation_of(world, zoe)
    change(world, relation_id, city="Emmen")
    event = told(inbox, relation_id, "number", name)
    inbox.handle()
    assert inbox.outcome(event) is Outcome.UPDATED
    assert inbox.view(event).event.contact_id == zoe
    found = world.in_spotler(zoe)
    assert found is not None and found.properties["city"] == "Emmen"


def test_other_fields_lead_to_nothing(world: World, inbox: Inbox, zoe: str) -> None:
    event = told(inbox, relation_of(world, zoe), "city", "name", "revenue")
    assert inbox.handle() == []
    assert inbox.outcome(event) is EventOutcome.NO_MODULE


def test_many_changes_of_one_relation_are_one_look(world: World, inbox: Inbox, zoe: str) -> None:
    relation_id = relation_of(world, zoe)
    events = [told(inbox, relation_id, "timesheets") for _ in range(4)]
    events.append(inbox.changed(zoe, 10**6))
    assert len(inbox.handle()) == 1
    assert {inbox.outcome(event) for event in events} == {Outcome.UNCHANGED}


def test_a_new_primary_contact(world: World, inbox: Inbox, zoe: str) -> None:
    relation_id = relation_of(world, zoe)
    new = world.crm.data.contacts.add(
        {"email": "nieuw@relatie.example"}, relation_id=relation_id, silent=True
    ).id
    world.save(new)
    world.crm.data.relations.choose_primary(relation_id, new)
    change(world, relation_id, city="Emmen")
    event = told(inbox, relation_id, "timesheets")
    inbox.handle()
    assert inbox.view(event).event.contact_id == new
    found = world.in_spotler(new)
    assert found is not None and found.properties["city"] == "Emmen"


def test_a_primary_contact_that_is_not_linked(world: World, inbox: Inbox) -> None:
    relation = next(
        each for each in world.crm.data.relations.page("", 20, 0) if each.primary_contact_id
    )
    event = told(inbox, relation.id, "timesheets")
    assert inbox.handle() == []
    assert inbox.outcome(event) is EventOutcome.NOT_LINKED


def test_a_relation_without_a_primary_contact(world: World, inbox: Inbox, zoe: str) -> None:
    relation_id = relation_of(world, zoe)
    world.crm.data.contacts.delete(zoe, silent=True)
    event = told(inbox, relation_id, "timesheets")
    assert inbox.handle() == []
    assert inbox.outcome(event) is EventOutcome.NO_PRIMARY


def test_a_relation_that_is_gone(world: World, inbox: Inbox) -> None:
    event = told(inbox, "nobody", "timesheets")
    assert inbox.handle() == []
    assert inbox.outcome(event) is EventOutcome.NO_RELATION


@responses.activate
def test_a_crm_that_is_away_is_asked_again_and_holds_up_nobody(
    world: World, inbox: Inbox, zoe: str
) -> None:
    url = f"{world.crm.api_url}/relations/r-1"
    responses.get(url, status=503, headers={"Retry-After": "1"})
    event, other = told(inbox, "r-1", "timesheets"), inbox.changed("nobody", 7)
    assert inbox.handle() == []
    view = inbox.view(event)
    assert (view.event.outcome, view.reason) == (EventOutcome.WAITING, Reason.CRM_AWAY)
    assert inbox.outcome(other) is EventOutcome.NOT_LINKED
    for _ in range(10):
        with time_machine.travel(view.event.due_at + timedelta(seconds=1)):
            inbox.handle()
            view = inbox.view(event)
    assert (view.event.outcome, view.event.attempts) == (EventOutcome.FAILED, 10)


@responses.activate
def test_a_token_that_the_crm_refuses(world: World, inbox: Inbox) -> None:
    responses.get(f"{world.crm.api_url}/relations/r-1", status=401)
    event = told(inbox, "r-1", "timesheets")
    inbox.handle()
    view = inbox.view(event)
    assert (view.event.outcome, view.reason) == (EventOutcome.WAITING, Reason.CRM_REFUSED)
    assert view.event.due_at > datetime.now(UTC), "what changed is not lost with it"


def test_one_stray_refusal_of_the_crm_loses_no_event(world: World, zoe: str, inbox: Inbox) -> None:
    world.crm.data.faults.add(Fault("401", calls=1, path="/relations"))
    event = told(inbox, relation_of(world, zoe), "timesheets")
    inbox.handle()
    assert inbox.view(event).event.outcome is EventOutcome.WAITING
    with time_machine.travel(datetime.now(UTC) + timedelta(minutes=6), tick=True):
        inbox.handle()
    assert inbox.view(event).event.outcome is EventOutcome.RUN


def test_a_relation_that_cannot_be_read_keeps_no_other_waiting(
    world: World, zoe: str, inbox: Inbox
) -> None:
    """All other relations of the turn counted as tried with it, ten times, and were given up."""
    relation_id = relation_of(world, zoe)
    other = next(
        each.id for each in world.crm.data.relations.page("", 20, 0) if each.id != relation_id
    )
    world.crm.data.faults.add(Fault("html", path=f"/relations/{other}"))
    first, second = told(inbox, other, "timesheets"), told(inbox, relation_id, "timesheets")
    inbox.handle()
    assert inbox.view(second).event.outcome is EventOutcome.RUN
    waiting = inbox.view(first)
    assert (waiting.event.outcome, waiting.reason) == (
        EventOutcome.WAITING,
        Reason.CRM_UNREADABLE,
    )


@responses.activate
@pytest.mark.parametrize("odd", [None, "", "a,b", "x" * 10_000, "\x00", "half \ud83d", ["c-1"]])
def test_a_primary_contact_with_no_id_of_a_contact(world: World, inbox: Inbox, odd: object) -> None:
    """The worker died on it, and so did the others of its turn."""
    told_of = {"id": "r-1", "name": "Acme", "primary_contact_id": odd, "fields": {}}
    responses.get(f"{world.crm.api_url}/relations/r-1", json=told_of)
    event = told(inbox, "r-1", "timesheets")
    inbox.handle()
    assert inbox.outcome(event) is EventOutcome.NO_PRIMARY
