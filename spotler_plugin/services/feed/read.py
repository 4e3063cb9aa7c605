"""Read the feed into the mirror: what changed in Spotler, or all contacts.

No transaction is open while Spotler is called; each page is stored in a transaction of its own.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from uuid import UUID

from structlog import get_logger

from spotler_plugin.extensions import db
from spotler_plugin.services.feed.page import record_page
from spotler_plugin.services.feed.state import find_feed, is_full_due, keep_progress, note_skipped
from spotler_plugin.services.feed.windows import read_windows
from spotler_plugin.services.mirror.close import record_bounces
from spotler_plugin.spotler import Bounce, Contact, SpotlerClient

OVERLAP = timedelta(minutes=10)
"""How far a read goes back before the last one: changes may show late (spotler-api.md §5 [U])."""
SHORT_OVERLAP = timedelta(minutes=1)
"""The same for a read in between; the next regular one goes over its period again."""
TO_NOW_OVERLAP = timedelta(seconds=5)
"""The same right after another read: what we wrote a moment ago is not read again and again."""
AHEAD = timedelta(minutes=1)
"""How much longer than now is asked for: Spotler's clock may be ahead of ours."""
BEGINNING = datetime(2000, 1, 1, tzinfo=UTC)
"""Earlier than anything in Spotler."""
JOB_SECONDS = 60.0
"""Seconds that one job reads the feed; the next one continues."""
TURN_SECONDS = 10.0
"""The same for reading all contacts, so that other work gets its turn."""

log = get_logger()


def read_changes(
    environment_id: int,
    lease: UUID,
    spotler: SpotlerClient,
    *,
    seconds: float = JOB_SECONDS,
    overlap: timedelta = OVERLAP,
) -> None:
    """Read updates, then bounces, up to now."""
    began, end = datetime.now(UTC), time.monotonic() + seconds
    row = find_feed(environment_id)
    since = (row and row.updates_since) or began - OVERLAP
    bounced = (row and row.bounces_since) or began - OVERLAP
    if row is not None and row.read_at is not None:
        since = max(since, row.read_at - overlap)
    db.session.commit()
    skipped = 0
    for page in read_windows(spotler.contacts.updates, since, began + AHEAD, _changed):
        skipped += record_page(environment_id, page)
        if not _kept(environment_id, lease, updates_since=min(page.covered, began)):
            return
        if page.ends_window and time.monotonic() > end:
            return
    for bounces in read_windows(spotler.contacts.bounces, bounced, began + AHEAD, _came_back):
        record_bounces(environment_id, bounces.rows)
        db.session.commit()
    again = began - OVERLAP
    keep_progress(environment_id, lease, updates_since=again, bounces_since=again, read_at=began)
    note_skipped(environment_id, lease, at_least=skipped)
    db.session.commit()


def read_turn(environment_id: int, lease: UUID, spotler: SpotlerClient) -> None:
    """Read all contacts by the time of their last change, from where the last turn ended."""
    end = time.monotonic() + TURN_SECONDS
    row = find_feed(environment_id)
    if row is None or not is_full_due(row):
        return
    began, since = row.full_started_at, row.full_since
    if began is None or since is None:
        began, since = datetime.now(UTC), BEGINNING
        progress = {"full_started_at": began, "full_since": since, "skipped": 0}
        keep_progress(environment_id, lease, **progress)
    db.session.commit()
    for page in read_windows(spotler.contacts.updates, since, began, _changed):
        skipped = record_page(environment_id, page)
        # Its lease is asked for last, as another account may have replaced this one meanwhile.
        note_skipped(environment_id, lease, more=skipped)
        if not _kept(environment_id, lease, full_since=page.covered):
            return
        if page.ends_window and time.monotonic() > end:
            return
    keep_progress(environment_id, lease, full_since=None, full_finished_at=datetime.now(UTC))
    db.session.commit()
    log.info("feed.full", environment=environment_id)


def _kept(environment_id: int, lease: UUID, **progress: datetime) -> bool:
    """Commit the page and how far it came, unless the lease was lost: the account may be another.

    Returns whether it did.
    """
    kept = keep_progress(environment_id, lease, **progress)
    if kept:
        db.session.commit()
    else:
        db.session.rollback()
    return kept


def _came_back(bounce: Bounce) -> datetime | None:
    return bounce.at


def _changed(contact: Contact | None) -> datetime | None:
    return contact.last_changed if contact else None
