"""Events as they come to acme, and what its workers do with them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from spotler_plugin.extensions import db
from spotler_plugin.models import Event, EventOutcome, Outcome
from spotler_plugin.services.automatic_action.advance import advance_firing
from spotler_plugin.services.event.body import read_body
from spotler_plugin.services.event.intake import store_event
from spotler_plugin.services.event.log import EventView, Filter, list_events
from spotler_plugin.services.event.turn import Turn, take_turn
from tests.events import body_of
from tests.world.world import World


@dataclass
class Inbox:
    """The events of one environment."""

    world: World

    def take(self, kind: str, /, **data: Any) -> int:
        """Store an event, as the intake does; its id."""
        webhook_id = uuid4().hex
        store_event(self.world.environment.id, webhook_id, read_body(body_of(kind, **data)))
        db.session.commit()
        return db.session.scalars(select(Event.id).where(Event.webhook_id == webhook_id)).one()

    def changed(self, contact_id: str, version: int | None = None) -> int:
        """An event with the contact's version in the CRM, unless it is given."""
        row = self.world.crm.data.contacts.find(contact_id)
        known = row.version if row is not None else 1
        return self.take("contact.changed", contact_id=contact_id, version=version or known)

    def turn(self) -> Turn:
        """What a worker does when it takes a job."""
        turn = take_turn(self.world.environment.id)
        db.session.expire_all()
        return turn

    def handle(self) -> list[UUID]:
        """Handle all that is due, and carry out what follows; the runs."""
        run_ids: list[UUID] = []
        while (turn := self.turn()).handled:
            fired = [advance_firing(self.world.environment.id, id_) for id_ in turn.firing_ids]
            run_ids += turn.run_ids + [run_id for run_id in fired if run_id is not None]
        for run_id in run_ids:
            self.world.work(run_id)
        return run_ids

    def view(self, event_id: int) -> EventView:
        db.session.expire_all()
        page = list_events(self.world.environment.id, Filter(), 1)
        return next(view for view in page.rows if view.event.id == event_id)

    def outcome(self, event_id: int) -> EventOutcome | Outcome:
        """What it led to: the outcome of its run's item, where there is one."""
        view = self.view(event_id)
        return view.outcome or view.event.outcome


@pytest.fixture
def inbox(world: World) -> Inbox:
    return Inbox(world)
