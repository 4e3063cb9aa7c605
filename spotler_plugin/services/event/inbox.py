"""The inbox of an environment: one worker at a time handles its events, in the order they came."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, func, select

from spotler_plugin.extensions import db
from spotler_plugin.models import (
    Event,
    EventOutcome,
    Inbox,
)
from spotler_plugin.services import lease
from spotler_plugin.services.account.client import connected_environments
from spotler_plugin.services.environment import enabled_environments
from spotler_plugin.sql import insert_new

LEASE = timedelta(seconds=60)
"""Longer than one call to the CRM with its time-outs; renewed before each."""
ENQUEUE_AGAIN = timedelta(minutes=2)
"""After this an enqueued job is taken for lost."""


@dataclass(frozen=True, slots=True)
class Held:
    """The inbox, while this worker has it."""

    environment_id: int
    lease: UUID

    def renew(self, **progress: Any) -> bool:
        """Store the progress; False when another worker took over."""
        return lease.renew(Inbox, _of(self.environment_id), self.lease, LEASE, **progress)


@dataclass(frozen=True, slots=True)
class Waiting:
    """Events that wait for a worker."""

    number: int
    since: datetime | None
    """When the first of them became due."""


@contextmanager
def holding(environment_id: int) -> Iterator[Held | None]:
    """Hold the inbox, or yield None when another worker has it. Commits."""
    make_inboxes([environment_id])
    taken = lease.hold(Inbox, _of(environment_id), LEASE)
    db.session.commit()
    if taken is None:
        yield None
        return
    try:
        yield Held(environment_id, taken)
    finally:
        db.session.rollback()
        lease.release(Inbox, _of(environment_id), taken)
        db.session.commit()


def find_inbox(environment_id: int) -> Inbox | None:
    return db.session.scalar(
        select(Inbox)
        .where(Inbox.environment_id == environment_id)
        .execution_options(populate_existing=True)
    )


def make_inboxes(environment_ids: Sequence[int]) -> None:
    insert_new(Inbox, [{"environment_id": id_} for id_ in environment_ids])


def waiting_events(environment_id: int) -> Waiting:
    """Return what is due and was not handled yet."""
    number, since = db.session.execute(
        select(func.count(), func.min(Event.due_at)).where(
            Event.environment_id == environment_id,
            Event.outcome == EventOutcome.WAITING,
            Event.due_at <= datetime.now(UTC),
        )
    ).one()
    return Waiting(number, since)


def environments_with_events() -> Sequence[int]:
    """Return the environments of which events are due to be handled."""
    return db.session.scalars(
        select(Event.environment_id)
        .distinct()
        .where(
            Event.environment_id.in_(enabled_environments()),
            Event.outcome == EventOutcome.WAITING,
            Event.due_at <= datetime.now(UTC),
        )
        .execution_options(across_environments=True)
    ).all()


def has_due_events(environment_id: int) -> bool:
    return waiting_events(environment_id).number > 0


class DueInbox(NamedTuple):
    """An environment whose list of changes is to be read."""

    environment_id: int
    in_trouble: bool
    """Whether its last reading failed: the next one may take as long as a call may last."""


def overdue_inboxes() -> Sequence[DueInbox]:
    """Return the environments whose list of changes is due to be read; the caller enqueues them."""
    connected = connected_environments()
    make_inboxes(connected)
    of_these = Inbox.environment_id.in_(connected)
    due = lease.overdue(Inbox, of_these, ENQUEUE_AGAIN, Inbox.environment_id, Inbox.error)
    return [DueInbox(id_, error is not None) for id_, error in due]


def _of(environment_id: int) -> ColumnElement[bool]:
    return Inbox.environment_id == environment_id
