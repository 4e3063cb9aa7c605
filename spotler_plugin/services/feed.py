"""How far each environment's feed was read: who reads now, what is due, what can be relied on."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import or_, select, update

from spotler_plugin.extensions import db
from spotler_plugin.models import Connection, ConnectionState, Environment, Feed
from spotler_plugin.sql import insert_new

LEASE = timedelta(seconds=60)
"""Longer than one call with its wait and its time-outs (5 + 3 + 20 s); renewed at each page."""
RING_AGAIN = timedelta(minutes=5)
"""A worker that was told and did not come by then never will."""
NIGHT_HOUR = 2
"""UTC; when the day's reading of all contacts is due, spread over an hour by environment."""


def find(environment_id: int) -> Feed | None:
    return db.session.scalar(
        select(Feed)
        .where(Feed.environment_id == environment_id)
        .execution_options(populate_existing=True)
    )


def waiting() -> Sequence[int]:
    """The environments whose feed is to be read now, which the caller rings for."""
    now = datetime.now(UTC)
    connected = db.session.scalars(
        select(Connection.environment_id)
        .join(Environment, Environment.id == Connection.environment_id)
        .where(Connection.state == ConnectionState.CONNECTED, Environment.disabled_at.is_(None))
        .execution_options(across_environments=True)
    ).all()
    insert_new(Feed, [{"environment_id": environment_id} for environment_id in connected])
    return db.session.scalars(
        update(Feed)
        .where(Feed.environment_id.in_(connected))
        .where(or_(Feed.rung_at.is_(None), Feed.rung_at < now - RING_AGAIN))
        .values(rung_at=now)
        .returning(Feed.environment_id)
    ).all()


def ask_full(environment_id: int) -> None:
    """The account may be another one: until all contacts were read again nobody is known absent."""
    insert_new(Feed, [{"environment_id": environment_id}])
    _set(
        Feed.environment_id == environment_id,
        updates_since=None,
        bounces_since=None,
        read_at=None,
        full_started_at=None,
        full_since=None,
        full_finished_at=None,
        # Whoever still reads the account of before stops at its next page.
        lease=None,
        leased_until=None,
    )


def is_full_due(row: Feed) -> bool:
    """Whether all contacts are to be read: at first, after last night, or to finish it."""
    now = datetime.now(UTC)
    night = now.replace(hour=NIGHT_HOUR, minute=row.environment_id % 60, second=0, microsecond=0)
    last_night = night if night <= now else night - timedelta(days=1)
    unfinished = row.full_since is not None
    return unfinished or row.full_started_at is None or row.full_started_at < last_night


def read_within(row: Feed | None, seconds: float) -> bool:
    """Whether what changed in Spotler up to so many seconds ago is in the mirror."""
    since = datetime.now(UTC) - timedelta(seconds=seconds)
    return row is not None and row.read_at is not None and row.read_at >= since


def claim(environment_id: int) -> UUID | None:
    """Become the one who reads; None when another is."""
    now = datetime.now(UTC)
    insert_new(Feed, [{"environment_id": environment_id}])
    lease = uuid4()
    ours = _set(
        Feed.environment_id == environment_id,
        or_(Feed.lease.is_(None), Feed.leased_until < now),
        lease=lease,
        leased_until=now + LEASE,
    )
    return lease if ours else None


def is_free(environment_id: int) -> bool:
    """Whether nobody reads now; leaves no transaction open."""
    row = find(environment_id)
    db.session.commit()
    now = datetime.now(UTC)
    return row is None or row.lease is None or row.leased_until is None or row.leased_until < now


def taken_up(environment_id: int) -> None:
    """A worker heard the bell: the clock may ring again."""
    _set(Feed.environment_id == environment_id, rung_at=None)


def keep(environment_id: int, lease: UUID, **progress: Any) -> bool:
    """Write down how far it was read and go on; False when another took over."""
    leased_until = datetime.now(UTC) + LEASE
    return _set(
        Feed.environment_id == environment_id,
        Feed.lease == lease,
        leased_until=leased_until,
        **progress,
    )


def release(environment_id: int, lease: UUID, **result: Any) -> None:
    """Let others read, with what came of it."""
    _set(
        Feed.environment_id == environment_id,
        Feed.lease == lease,
        lease=None,
        leased_until=None,
        **result,
    )


def _set(*conditions: Any, **values: Any) -> bool:
    """Change one environment's row, by its first condition; whether it was there to change."""
    changed = db.session.execute(
        update(Feed).where(*conditions).values(**values).returning(Feed.id),
        execution_options={"synchronize_session": False},
    )
    return bool(changed.all())
