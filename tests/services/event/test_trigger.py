"""automatic_action.triggered: the action fires, once for each transition."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import uuid4

from sqlalchemy import select

from spotler_plugin.extensions import db
from spotler_plugin.models import EventOutcome, EventStanding, Firing, RunItem
from spotler_plugin.planning.adjustment import Adjustment, Switch
from spotler_plugin.planning.draft import Draft
from spotler_plugin.planning.reason import Reason
from spotler_plugin.services.automatic_action.edit import add_action
from spotler_plugin.services.contact.view import refresh_contact
from tests.services.event.conftest import Inbox
from tests.world.accounts import ALICE
from tests.world.world import MONTHLY, World


def newsletter(world: World) -> str:
    """The id of an action that switches the newsletter on."""
    switched = Adjustment(note="Gebeld", switches={MONTHLY: Switch(True, "bestaande klant")})
    made = add_action(world.environment.id, Draft("Nieuwsbrief", "", switched), ALICE)
    db.session.commit()
    return str(made.id)


def move(inbox: Inbox, action_id: str, contact_id: str, transition: str) -> int:
    """A sale reaches the phase that the action is attached to; the event's id."""
    moved = {"id": transition, "sale_id": "s-1", "from_phase": "Lead", "to_phase": "Klant"}
    moved["at"] = datetime.now(UTC).isoformat()
    return inbox.take(
        "automatic_action.triggered", action_id=action_id, contact_id=contact_id, transition=moved
    )


def firings() -> int:
    return len(db.session.scalars(select(Firing.id)).all())


def test_it_fires_and_links(world: World, inbox: Inbox) -> None:
    zoe = world.person("zoe@example.nl")
    event = move(inbox, newsletter(world), zoe, "t-1")
    inbox.handle()
    found = world.in_spotler(zoe)
    assert found is not None and found.permissions[MONTHLY]
    row = world.crm.data.contacts.find(zoe)
    assert row is not None and row.fields["note"] == "Gebeld"
    view = inbox.view(event)
    assert (view.event.outcome, view.standing) == (EventOutcome.FIRED, EventStanding.DONE)


def test_there_and_back_fires_once_for_each_transition(world: World, inbox: Inbox) -> None:
    zoe, action_id = world.person("zoe@example.nl"), newsletter(world)
    for transition in ("t-1", "t-2", "t-1"):
        last = move(inbox, action_id, zoe, transition)
    inbox.handle()
    again = move(inbox, action_id, zoe, "t-2")
    inbox.handle()
    assert firings() == 2
    assert {inbox.outcome(last), inbox.outcome(again)} == {EventOutcome.KNOWN}


def test_who_signed_off_is_linked_and_stays_off(world: World, inbox: Inbox) -> None:
    zoe = world.person("zoe@example.nl")
    world.save(zoe, {MONTHLY: True})
    world.sign_off(zoe, MONTHLY)
    refresh_contact(world.environment, zoe)
    move(inbox, newsletter(world), zoe, "t-1")
    inbox.handle()
    found = world.in_spotler(zoe)
    assert found is not None and not found.permissions[MONTHLY]
    item = db.session.scalars(select(RunItem).order_by(RunItem.id.desc())).first()
    assert item is not None and item.reason is Reason.SIGNED_OFF_BEFORE


def test_an_action_that_never_was(world: World, inbox: Inbox) -> None:
    zoe = world.person("zoe@example.nl")
    event = move(inbox, str(uuid4()), zoe, "t-1")
    inbox.handle()
    assert inbox.outcome(event) is EventOutcome.NO_ACTION
    assert world.in_spotler(zoe) is None and firings() == 0
