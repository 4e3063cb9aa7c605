"""When each account's catalogue was read, and when it is due again."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from sqlalchemy import or_, select, update

from spotler_plugin.extensions import db
from spotler_plugin.models import Connection, ConnectionState, Environment

INTERVAL = timedelta(hours=1)
"""With jitter, so that not all accounts are read at the same moment."""
SOON = timedelta(minutes=2)
"""Where the CRM could not be read."""


def overdue_catalogues() -> Sequence[int]:
    """Return the environments whose catalogue is due, for the caller to enqueue.

    Each is due again after an hour, also when the job is lost or the reading fails.
    """
    now = datetime.now(UTC)
    ids = db.session.scalars(
        select(Connection.environment_id)
        .join(Environment, Environment.id == Connection.environment_id)
        .where(
            Connection.state == ConnectionState.CONNECTED,
            Environment.disabled_at.is_(None),
            or_(Connection.catalogue_due_at.is_(None), Connection.catalogue_due_at <= now),
        )
        .execution_options(across_environments=True)
    ).all()
    for environment_id in ids:
        _set(environment_id, catalogue_due_at=_next(now))
    return ids


def note_read(environment_id: int) -> None:
    """Record that all of the catalogue was read now."""
    now = datetime.now(UTC)
    _set(environment_id, catalogue_read_at=now, catalogue_due_at=_next(now))


def note_half_read(environment_id: int) -> None:
    """Record that the CRM's part could not be read; it is tried again soon."""
    _set(environment_id, catalogue_due_at=datetime.now(UTC) + SOON * random.uniform(0.8, 1.2))


def is_read_within(environment_id: int, seconds: float) -> bool:
    """Return whether the catalogue was read in the last so many seconds."""
    since = datetime.now(UTC) - timedelta(seconds=seconds)
    read = select(Connection.id).where(
        Connection.environment_id == environment_id, Connection.catalogue_read_at >= since
    )
    return db.session.scalar(read) is not None


def _next(now: datetime) -> datetime:
    return now + INTERVAL * random.uniform(0.8, 1.2)


def _set(environment_id: int, **values: datetime) -> None:
    db.session.execute(
        update(Connection).where(Connection.environment_id == environment_id).values(**values)
    )
