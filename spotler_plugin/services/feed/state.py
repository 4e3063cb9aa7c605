"""How far each environment's feed was read: who reads now, what is due, what can be relied on."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select, update

from spotler_plugin.extensions import db
from spotler_plugin.models import Connection, ConnectionState, Environment, Feed
from spotler_plugin.services import lease
from spotler_plugin.sql import insert_new

LEASE = timedelta(seconds=60)
"""Longer than one call with its wait and its time-outs (5 + 3 + 20 s); renewed at each page."""
ENQUEUE_AGAIN = timedelta(minutes=5)
"""A worker that was told and did not come by then never will."""
NIGHT_HOUR = 2
"""UTC; when the day's reading of all contacts is due, spread over an hour by environment."""


def find_feed(environment_id: int) -> Feed | None:
    return db.session.scalar(
        select(Feed)
        .where(Feed.environment_id == environment_id)
        .execution_options(populate_existing=True)
    )


def overdue_feeds() -> Sequence[int]:
    """The environments whose feed is to be read now, which the caller enqueues."""
    connected = db.session.scalars(
        select(Connection.environment_id)
        .join(Environment, Environment.id == Connection.environment_id)
        .where(Connection.state == ConnectionState.CONNECTED, Environment.disabled_at.is_(None))
        .execution_options(across_environments=True)
    ).all()
    _make(connected)
    of_these = Feed.environment_id.in_(connected)
    return [id_ for (id_,) in lease.overdue(Feed, of_these, ENQUEUE_AGAIN, Feed.environment_id)]


def ask_full_reading(environment_id: int) -> None:
    """The account may be another one: until all contacts were read again nobody is known absent."""
    _make([environment_id])
    _set(
        environment_id,
        updates_since=None,
        bounces_since=None,
        read_at=None,
        full_started_at=None,
        full_since=None,
        full_finished_at=None,
        # Whoever still reads the account of before stops at its next page.
        **lease.FREE,
    )


def is_full_due(row: Feed) -> bool:
    """Whether all contacts are to be read: at first, after last night, or to finish it."""
    now = datetime.now(UTC)
    night = now.replace(hour=NIGHT_HOUR, minute=row.environment_id % 60, second=0, microsecond=0)
    last_night = night if night <= now else night - timedelta(days=1)
    unfinished = row.full_since is not None
    return unfinished or row.full_started_at is None or row.full_started_at < last_night


def is_read_within(row: Feed | None, seconds: float) -> bool:
    """Whether what changed in Spotler up to so many seconds ago is in the mirror."""
    since = datetime.now(UTC) - timedelta(seconds=seconds)
    return row is not None and row.read_at is not None and row.read_at >= since


def claim_feed(environment_id: int) -> UUID | None:
    """Become the one who reads; None when another is."""
    _make([environment_id])
    return lease.claim(Feed, Feed.environment_id == environment_id, LEASE)


def is_feed_free(environment_id: int) -> bool:
    """Whether nobody reads now; leaves no transaction open."""
    row = find_feed(environment_id)
    db.session.commit()
    now = datetime.now(UTC)
    return row is None or row.lease is None or row.leased_until is None or row.leased_until < now


def note_taken(environment_id: int) -> None:
    """A worker took the job: the clock may enqueue again."""
    _set(environment_id, enqueued_at=None)


def keep_progress(environment_id: int, held: UUID, **progress: Any) -> bool:
    """Write down how far it was read and go on; False when another took over."""
    return lease.hold(Feed, Feed.environment_id == environment_id, held, LEASE, **progress)


def release_feed(environment_id: int, held: UUID, **result: Any) -> None:
    """Let others read, with what came of it."""
    lease.release(Feed, Feed.environment_id == environment_id, held, **result)


def _make(environment_ids: Sequence[int]) -> None:
    insert_new(Feed, [{"environment_id": id_} for id_ in environment_ids])


def _set(environment_id: int, **values: Any) -> None:
    db.session.execute(
        update(Feed).where(Feed.environment_id == environment_id).values(**values),
        execution_options={"synchronize_session": False},
    )
