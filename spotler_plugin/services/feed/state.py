"""How far each environment's feed was read, what is due, and the lease for reading it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, and_, select, update

from spotler_plugin.extensions import db
from spotler_plugin.models import Feed
from spotler_plugin.services import lease
from spotler_plugin.services.account.client import connected_environments
from spotler_plugin.services.environment import enabled_environments
from spotler_plugin.sql import insert_new

LEASE = timedelta(seconds=60)
"""Longer than one call with its wait and its time-outs (5 + 3 + 20 s); renewed at each page."""
ENQUEUE_AGAIN = timedelta(minutes=5)
"""After this an enqueued job is taken for lost."""
NIGHT_HOUR = 2
"""UTC; when all contacts are read each night, spread over an hour by environment."""


def find_feed(environment_id: int) -> Feed | None:
    return db.session.scalar(
        select(Feed)
        .where(Feed.environment_id == environment_id)
        .execution_options(populate_existing=True)
    )


class DueFeed(NamedTuple):
    """An environment whose feed is to be read."""

    environment_id: int
    in_trouble: bool
    """Whether its last reading failed: the next one may take as long as a call may last."""


def overdue_feeds() -> Sequence[DueFeed]:
    """Return the environments whose feed is due; the caller enqueues them."""
    connected = connected_environments()
    _make(connected)
    of_these = Feed.environment_id.in_(connected)
    due = lease.overdue(Feed, of_these, ENQUEUE_AGAIN, Feed.environment_id, Feed.error)
    return [DueFeed(id_, error is not None) for id_, error in sorted(due)]


def ask_full_reading(environment_id: int) -> None:
    """Start over, because the account may be another one: all contacts must be read again."""
    _make([environment_id])
    _set(
        environment_id,
        updates_since=None,
        bounces_since=None,
        read_at=None,
        full_started_at=None,
        full_since=None,
        full_finished_at=None,
        # A worker that still reads the previous account stops at its next page.
        **lease.FREE,
    )


def ask_who_is_known(environment_id: int, *, wanted: bool = True) -> None:
    """Ask the CRM anew who was in Spotler before we came; or, where that is not wanted, never.

    Whose address is there is looked for in any case: that ties nobody by itself.
    """
    known_at = None if wanted else datetime.now(UTC)
    of_ids = {"known_after": None, "known_at": known_at}
    _set(environment_id, **of_ids, sought_after=None, sought_at=None)


def is_full_due(row: Feed) -> bool:
    """Return whether to read all contacts: the first time, each night, or to go on with it."""
    now = datetime.now(UTC)
    night = now.replace(hour=NIGHT_HOUR, minute=row.environment_id % 60, second=0, microsecond=0)
    last_night = night if night <= now else night - timedelta(days=1)
    unfinished = row.full_since is not None
    return unfinished or row.full_started_at is None or row.full_started_at < last_night


def is_known_due(row: Feed) -> bool:
    """Return whether the CRM is to be asked who was in Spotler before we came: once, when the
    mirror is complete."""
    return row.full_finished_at is not None and row.known_at is None


def is_seeking_due(row: Feed) -> bool:
    """Return whether the CRM's contacts are to be gone through: once, after those with an id."""
    told = row.full_finished_at is not None and row.known_at is not None
    return told and row.sought_at is None


def is_known_wanted(environment_id: int) -> bool:
    """Return whether one of these two is due in the environment."""
    row = find_feed(environment_id)
    return row is not None and (is_known_due(row) or is_seeking_due(row))


def is_read_within(row: Feed | None, seconds: float) -> bool:
    """Return whether the mirror has all changes up to this many seconds ago."""
    since = datetime.now(UTC) - timedelta(seconds=seconds)
    return row is not None and row.read_at is not None and row.read_at >= since


def claim_feed(environment_id: int) -> UUID | None:
    """Lease the feed; None when another worker has it, or the environment is disabled."""
    _make([environment_id])
    return lease.claim(Feed, _of(environment_id), LEASE)


def is_feed_free(environment_id: int) -> bool:
    """Whether nobody reads the feed now."""
    free = lease.is_free(Feed, datetime.now(UTC))
    held = select(Feed.id).where(Feed.environment_id == environment_id, ~free)
    return db.session.scalar(held) is None


def note_taken(environment_id: int) -> None:
    """Record that a worker took the job, so that the scheduler may enqueue the next one."""
    _set(environment_id, enqueued_at=None)


def keep_progress(environment_id: int, held: UUID, **progress: Any) -> bool:
    """Store how far it was read and renew the lease.

    False when another worker took over, or the environment was disabled.
    """
    return lease.renew(Feed, _of(environment_id), held, LEASE, **progress)


def note_skipped(environment_id: int, held: UUID, *, more: int = 0, at_least: int = 0) -> None:
    """Count contacts that could not be read or kept; nothing when another worker took over."""
    ours = (Feed.environment_id == environment_id, Feed.lease == held)
    if more:
        _update(*ours, skipped=Feed.skipped + more)
    _update(*ours, Feed.skipped < at_least, skipped=at_least)


def release_feed(environment_id: int, held: UUID, **result: Any) -> None:
    """Release the lease and store the result."""
    lease.release(Feed, Feed.environment_id == environment_id, held, **result)


def _of(environment_id: int) -> ColumnElement[bool]:
    """Return the condition that it is this feed, and may be read."""
    return and_(
        Feed.environment_id == environment_id, Feed.environment_id.in_(enabled_environments())
    )


def _make(environment_ids: Sequence[int]) -> None:
    insert_new(Feed, [{"environment_id": id_} for id_ in environment_ids])


def _set(environment_id: int, **values: Any) -> None:
    _update(Feed.environment_id == environment_id, **values)


def _update(*conditions: ColumnElement[bool], **values: Any) -> None:
    db.session.execute(
        update(Feed).where(*conditions).values(**values),
        execution_options={"synchronize_session": False},
    )
