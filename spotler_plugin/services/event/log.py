"""Events as people see them: what each led to, and again for one that failed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime

from sqlalchemy import ColumnElement, and_, func, or_, select, update
from structlog import get_logger

from spotler_plugin.extensions import db
from spotler_plugin.models import (
    IN_STEP,
    Event,
    EventOutcome,
    EventStanding,
    EventType,
    MirrorContact,
    Outcome,
    Run,
    RunItem,
)
from spotler_plugin.planning.detail import NOTHING, Detail
from spotler_plugin.planning.reason import Reason
from spotler_plugin.services.event.former import Former, find_former
from spotler_plugin.services.mirror.read import name_of
from spotler_plugin.services.pagination import SIZE, Page, within

log = get_logger()


@dataclass(frozen=True, slots=True)
class Filter:
    """Which events to show."""

    query: str = ""
    """Id of a contact, relation or event."""
    type: EventType | None = None
    standing: EventStanding | None = None


@dataclass(frozen=True, slots=True)
class EventView:
    """An event, with the result of the run that it led to."""

    event: Event
    name: str | None
    """Of the contact, as far as Spotler knows it."""
    outcome: Outcome | None
    """Of the run's item; None where it led to no run."""
    reason: Reason | None
    detail: Detail
    former: tuple[Former, ...] = ()
    """Of a relation's event: who was the primary contact before."""

    @property
    def standing(self) -> EventStanding:
        if self.event.outcome is EventOutcome.RUN and self.outcome is not None:
            if self.outcome is Outcome.OPEN:
                return EventStanding.WAITING
            return EventStanding.DONE if self.outcome in IN_STEP else EventStanding.FAILED
        return {
            EventOutcome.WAITING: EventStanding.WAITING,
            EventOutcome.FIRED: EventStanding.DONE,
            EventOutcome.FAILED: EventStanding.FAILED,
        }.get(self.event.outcome, EventStanding.NOTHING)


def list_events(environment_id: int, chosen: Filter, number: int) -> Page[EventView]:
    """Return a page of events, newest first."""
    which = and_(Event.environment_id == environment_id, *_parts(chosen))
    total = db.session.scalar(
        select(func.count()).select_from(Event).outerjoin(RunItem, _ITEM).where(which)
    )
    number = within(number, total or 0)
    rows = db.session.execute(
        select(Event, MirrorContact.properties, RunItem, Run.halted_because)
        .outerjoin(RunItem, _ITEM)
        .outerjoin(Run, and_(Run.environment_id == environment_id, Run.id == RunItem.run_id))
        .outerjoin(MirrorContact, _MIRRORED)
        .where(which)
        .order_by(Event.id.desc())
        .limit(SIZE)
        .offset((number - 1) * SIZE)
        # Items are settled past the session, so those in it may be outdated.
        .execution_options(populate_existing=True)
    )
    shown = [
        _view(event, name_of(properties or {}), item, halted)
        for event, properties, item, halted in rows
    ]
    former = find_former(environment_id, [view.event for view in shown if view.event.former_ids])
    shown = [replace(view, former=former.get(view.event.id, ())) for view in shown]
    return Page(shown, number, total or 0)


def handle_again(environment_id: int, event_id: int) -> bool:
    """Let an event that failed be handled anew; False when it is gone, or did not fail."""
    failed = select(Event.id).outerjoin(RunItem, _ITEM).where(*_standing(EventStanding.FAILED))
    opened = db.session.execute(
        update(Event)
        .where(
            Event.environment_id == environment_id,
            Event.id == event_id,
            Event.id.in_(failed.where(Event.environment_id == environment_id)),
        )
        .values(
            outcome=EventOutcome.WAITING,
            due_at=datetime.now(UTC),
            attempts=0,
            reason=None,
            run_id=None,
        )
        .returning(Event.id),
        execution_options={"synchronize_session": False},
    ).all()
    if opened:
        log.info("event.again", environment=environment_id, id=event_id)
    return bool(opened)


def _view(event: Event, name: str | None, item: RunItem | None, halted: Reason | None) -> EventView:
    if item is None:
        return EventView(event, name, None, event.reason, NOTHING)
    waits = item.outcome is Outcome.OPEN and halted is not None
    reason = halted if waits else item.reason
    return EventView(event, name, item.outcome, reason, item.detail or NOTHING)


_MIRRORED = and_(
    MirrorContact.environment_id == Event.environment_id,
    MirrorContact.external_id == Event.contact_id,
)
_ITEM = and_(
    RunItem.environment_id == Event.environment_id,
    RunItem.run_id == Event.run_id,
    RunItem.contact_id == Event.contact_id,
)


def _parts(chosen: Filter) -> list[ColumnElement[bool]]:
    parts: list[ColumnElement[bool]] = []
    if chosen.query:
        columns = (Event.contact_id, Event.merged_id, Event.relation_id, Event.webhook_id)
        wanted = chosen.query.lower()
        parts.append(or_(*(func.lower(column) == wanted for column in columns)))
    if chosen.type:
        parts.append(Event.type == chosen.type)
    return parts + (_standing(chosen.standing) if chosen.standing else [])


def _standing(standing: EventStanding) -> list[ColumnElement[bool]]:
    of_run = and_(Event.outcome == EventOutcome.RUN, RunItem.id.is_not(None))
    if standing is EventStanding.WAITING:
        open_item = and_(of_run, RunItem.outcome == Outcome.OPEN)
        return [or_(Event.outcome == EventOutcome.WAITING, open_item)]
    if standing is EventStanding.DONE:
        done = and_(of_run, RunItem.outcome.in_(IN_STEP))
        return [or_(Event.outcome == EventOutcome.FIRED, done)]
    if standing is EventStanding.FAILED:
        amiss = and_(of_run, RunItem.outcome.not_in(IN_STEP | {Outcome.OPEN}))
        return [or_(Event.outcome == EventOutcome.FAILED, amiss)]
    handled = (EventOutcome.WAITING, EventOutcome.FIRED, EventOutcome.FAILED, EventOutcome.RUN)
    return [or_(Event.outcome.not_in(handled), and_(Event.outcome == EventOutcome.RUN, ~of_run))]
