"""A key that Spotler refused is proved again by itself: one stray refusal must not end all work."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from sqlalchemy import select, update
from structlog import get_logger

from spotler_plugin.extensions import db
from spotler_plugin.models import Connection, ConnectionState, Environment

FIRST_PAUSE, LONGEST_PAUSE = timedelta(minutes=1), timedelta(minutes=30)
"""Before a refused key is proved again; each pause is three times the one before."""
PROVED_FOR = timedelta(hours=1)
"""After so long a key that was proved counts as right: what comes then is a first refusal."""

log = get_logger()


def note_refusal(environment_id: int, since: datetime) -> bool:
    """Record that Spotler refuses the key: nothing is sent until it is proved or replaced.

    `since` is a moment before the client was made. False, and nothing is recorded, when a key was
    proved after it: the refusal may be of the one before.
    """
    row = db.session.execute(
        select(Connection.state, Connection.proved_at, Connection.refusals).where(
            Connection.environment_id == environment_id
        )
    ).one_or_none()
    now = datetime.now(UTC)
    if row is not None and row.state is ConnectionState.CONNECTED and row.proved_at < since:
        refusals = 1 if row.proved_at < now - PROVED_FOR else row.refusals + 1
        db.session.execute(
            update(Connection)
            .where(
                Connection.environment_id == environment_id,
                Connection.state == ConnectionState.CONNECTED,
                Connection.proved_at < since,
            )
            .values(
                state=ConnectionState.REFUSED,
                refused_at=now,
                refusals=refusals,
                prove_at=now + _pause(refusals),
            )
        )
    state = db.session.scalar(
        select(Connection.state).where(Connection.environment_id == environment_id)
    )
    refused = state is not ConnectionState.CONNECTED
    log.warning("connection.refused", environment=environment_id, replaced=not refused)
    return refused


def overdue_proofs() -> Sequence[int]:
    """Return the environments whose refused key is to be proved again, for the caller to enqueue.

    Each is due again after a longer pause, also when the job is lost.
    """
    now = datetime.now(UTC)
    rows = db.session.execute(
        select(Connection.environment_id, Connection.refusals)
        .join(Environment, Environment.id == Connection.environment_id)
        .where(
            Connection.state == ConnectionState.REFUSED,
            Connection.prove_at <= now,
            Environment.disabled_at.is_(None),
        )
        .execution_options(across_environments=True)
    ).all()
    for environment_id, refusals in rows:
        db.session.execute(
            update(Connection)
            .where(Connection.environment_id == environment_id)
            .values(refusals=refusals + 1, prove_at=now + _pause(refusals + 1))
        )
    return [environment_id for environment_id, _ in rows]


def _pause(refusals: int) -> timedelta:
    longer: timedelta = FIRST_PAUSE * 3 ** (min(refusals, 9) - 1)
    return min(longer, LONGEST_PAUSE)
