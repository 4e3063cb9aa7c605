"""Read the feed under its lease, and record what goes wrong."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from uuid import UUID

from structlog import get_logger

from spotler_plugin.extensions import db, snapshot
from spotler_plugin.models import Environment
from spotler_plugin.planning.reason import Reason
from spotler_plugin.services.account.client import NotConnected, client_of
from spotler_plugin.services.account.proof import note_refusal
from spotler_plugin.services.feed.read import SHORT_OVERLAP, TO_NOW_OVERLAP, read_changes, read_turn
from spotler_plugin.services.feed.state import (
    claim_feed,
    find_feed,
    is_feed_free,
    is_full_due,
    is_read_within,
    note_taken,
    release_feed,
)
from spotler_plugin.spotler import (
    CredentialsRefused,
    RateLimited,
    SpotlerClient,
    SpotlerError,
)

RECENT = 10.0
"""Seconds after a read in which the next one need not go back as far."""
PATIENCE = 8
"""How often to look whether another worker's read has ended, every quarter of a second."""

log = get_logger()


def follow_feed(environment_id: int) -> bool:
    """Read what changed since the last time; True when all contacts are due to be read as well.

    A refused key stops the environment; other errors of Spotler are stored on the feed's row.
    """
    done = _job(environment_id, read_changes)
    row = find_feed(environment_id)
    return done and row is not None and is_full_due(row)


def read_everybody(environment_id: int) -> bool:
    """Take a turn at reading all contacts; True when there are more."""
    done = _job(environment_id, read_turn)
    row = find_feed(environment_id)
    return done and row is not None and row.full_since is not None


def catch_up(environment_id: int, spotler: SpotlerClient, seconds: float) -> None:
    """Read what changed since the last time, for a caller that relies on the mirror.

    Takes about `seconds` at most. When another worker is reading, waits a moment for it to end.
    Raises the client's errors.
    """
    with _reading(environment_id) as lease:
        if lease is not None:
            recent = is_read_within(find_feed(environment_id), RECENT)
            overlap = TO_NOW_OVERLAP if recent else SHORT_OVERLAP
            read_changes(environment_id, lease, spotler, seconds=seconds, overlap=overlap)
            return
    for _ in range(PATIENCE):
        time.sleep(0.25)
        with snapshot():
            is_free = is_feed_free(environment_id)
        if is_free:
            return


def _job(environment_id: int, read: Callable[[int, UUID, SpotlerClient], None]) -> bool:
    """Run a read; return whether this worker did it without errors."""
    owner = db.session.get(Environment, environment_id)
    if owner is None:
        return False
    began = datetime.now(UTC)
    note_taken(environment_id)
    db.session.commit()
    try:
        spotler = client_of(owner)
        with _reading(environment_id) as lease:
            if lease is not None:
                read(environment_id, lease, spotler)
    except NotConnected:
        return False
    except CredentialsRefused:
        note_refusal(environment_id, began)
        db.session.commit()
        return False
    except SpotlerError as error:
        name, status = type(error).__name__, error.status
        log.info("feed.read_failed", environment=environment_id, error=name, status=status)
        return False
    return lease is not None


@contextmanager
def _reading(environment_id: int) -> Iterator[UUID | None]:
    """Hold the feed's lease, or yield None; stores what goes wrong on the row."""
    lease = claim_feed(environment_id)
    db.session.commit()
    if lease is None:
        yield None
        return
    result: dict[str, object] = {"attempts": 0}
    try:
        yield lease
    except Exception as error:
        db.session.rollback()
        result = {"error": _reason(error), "error_at": datetime.now(UTC)}
        raise
    finally:
        release_feed(environment_id, lease, **result)
        db.session.commit()


def _reason(error: Exception) -> Reason:
    if not isinstance(error, SpotlerError):
        return Reason.UNEXPECTED
    if isinstance(error, CredentialsRefused):
        return Reason.CREDENTIALS_REFUSED
    return Reason.BUSY if isinstance(error, RateLimited) else Reason.SPOTLER_AWAY
