"""What the CRM told of the contact, and the automatic actions that fired for it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import and_, or_, select

from spotler_plugin.extensions import db
from spotler_plugin.models import (
    AutomaticAction,
    Event,
    EventOutcome,
    EventType,
    Firing,
    FiringState,
)
from spotler_plugin.planning.history.place import Kind
from spotler_plugin.planning.reason import Reason
from spotler_plugin.services.history.line import Wish


@dataclass(frozen=True, slots=True)
class Told:
    """An event; what its run did is a line of its own."""

    key: int
    at: datetime
    type: EventType
    contact_id: str | None
    """Of merged contacts the one that was kept."""
    merged_id: str | None
    outcome: EventOutcome
    reason: Reason | None

    @property
    def is_waiting(self) -> bool:
        return self.outcome is EventOutcome.WAITING

    @property
    def has_failed(self) -> bool:
        return self.outcome is EventOutcome.FAILED


@dataclass(frozen=True, slots=True)
class Fired:
    """An automatic action; what its run did is a line of its own."""

    key: UUID
    at: datetime
    action: str
    to_phase: str | None
    state: FiringState
    reason: Reason | None
    message: str


def find_told(wish: Wish, rank: int) -> list[Told]:
    if wish.kind not in (None, Kind.EVENT):
        return []
    about = or_(Event.contact_id == wish.contact_id, Event.merged_id == wish.contact_id)
    rows = db.session.scalars(
        select(Event)
        .where(
            Event.environment_id == wish.environment_id,
            about,
            # Of those the firing is told.
            Event.outcome != EventOutcome.FIRED,
            *wish.rest(rank, Event.received_at, Event.id, int),
        )
        .order_by(Event.received_at.desc(), Event.id.desc())
        .limit(wish.limit)
        .execution_options(populate_existing=True)
    )
    return [
        Told(
            key=row.id,
            at=row.received_at,
            type=row.type,
            contact_id=row.contact_id,
            merged_id=row.merged_id,
            outcome=row.outcome,
            reason=row.reason,
        )
        for row in rows
    ]


def find_fired(wish: Wish, rank: int) -> list[Fired]:
    if wish.kind not in (None, Kind.EVENT):
        return []
    rows = db.session.execute(
        select(Firing, AutomaticAction.name)
        .join(
            AutomaticAction,
            and_(
                AutomaticAction.environment_id == wish.environment_id,
                AutomaticAction.id == Firing.action_id,
            ),
        )
        .where(
            Firing.environment_id == wish.environment_id,
            Firing.contact_id == wish.contact_id,
            *wish.rest(rank, Firing.fired_at, Firing.id, UUID),
        )
        .order_by(Firing.fired_at.desc(), Firing.id.desc())
        .limit(wish.limit)
        .execution_options(populate_existing=True)
    )
    return [
        Fired(
            key=row.id,
            at=row.fired_at,
            action=name,
            to_phase=row.to_phase,
            state=row.state,
            reason=row.reason,
            message=row.message or "",
        )
        for row, name in rows
    ]
