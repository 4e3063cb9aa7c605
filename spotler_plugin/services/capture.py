"""Read all contacts of an account into a backup, turn by turn.

No transaction is open while Spotler is called; each page is kept in one of its own, together with
how far the reading came. A worker that takes over from a dead one reads the last window again, and
keeps of it whom the backup does not have.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy import func, select
from structlog import get_logger

from spotler_plugin.extensions import db
from spotler_plugin.models import Backup, MirrorContact
from spotler_plugin.planning.backup.contact import BackedUp
from spotler_plugin.planning.reason import Reason
from spotler_plugin.services.account.client import (
    NotConnected,
    Unconfirmed,
    client_of,
)
from spotler_plugin.services.account.proof import note_refusal
from spotler_plugin.services.backup.chunks import Chunks
from spotler_plugin.services.backup.request import account_layout
from spotler_plugin.services.backup.turn import (
    Turn,
    claim_backup,
    complete_backup,
    fail_backup,
    postpone_backup,
    release_backup,
    watched,
)
from spotler_plugin.services.catalogue.offer import current_offer
from spotler_plugin.services.feed.read import BEGINNING
from spotler_plugin.services.feed.state import find_feed
from spotler_plugin.services.feed.windows import read_windows
from spotler_plugin.spotler import (
    Contact,
    CredentialsRefused,
    RateLimited,
    SpotlerClient,
    SpotlerError,
)

TURN_SECONDS = 10.0
"""After this other work gets its turn."""
OVERLAP = timedelta(minutes=1)
"""How far what changed meanwhile is looked for before the reading began: changes may show late."""
CAUGHT_UP = timedelta(seconds=60)
"""A reading that began this recently is of now: what changed since was in it before."""

log = get_logger()


def advance_backup(
    environment_id: int, backup_id: UUID, gives_way: Callable[[], bool] = lambda: False
) -> bool:
    """Take a turn; True when there is more to do now, False when it waits or is over.

    `gives_way` returns whether urgent work waits for a worker. What goes wrong stands on the row.
    """
    began = datetime.now(UTC)
    turn = claim_backup(environment_id, backup_id)
    if turn is None:
        return False
    with watched(turn):
        try:
            return _read(turn, client_of(turn.owner), gives_way)
        except Unconfirmed:
            return _failed(turn, Reason.UNCONFIRMED)
        except NotConnected:
            return _failed(turn, Reason.NOT_CONNECTED)
        except SpotlerError as error:
            db.session.rollback()
            if isinstance(error, CredentialsRefused):
                # It may be right after all: what was read so far stays.
                note_refusal(environment_id, began)
            name, status = type(error).__name__, error.status
            log.info("backup.postponed", environment=environment_id, error=name, status=status)
            if row := turn.held():
                postpone_backup(row, _reason(error), error.retry_after)
            db.session.commit()
    return False


def _read(turn: Turn, spotler: SpotlerClient, gives_way: Callable[[], bool]) -> bool:
    """Read on from where the last turn ended, until now; what changes meanwhile, once more."""
    end = time.monotonic() + TURN_SECONDS
    row = turn.held()
    if row is not None and row.since is None:
        row = _begun(turn, spotler)
    if row is None:
        db.session.commit()
        return False
    since, chunks = row.since or BEGINNING, Chunks(row)
    db.session.commit()
    while True:
        until = datetime.now(UTC)
        skipped = 0
        for page in read_windows(spotler.contacts.updates, since, until, _changed):
            skipped += page.rows.count(None)
            row = turn.held()
            if row is None:
                db.session.rollback()
                return False
            chunks.add(row, [backed_up(each) for each in page.rows if each is not None])
            row.since, row.attempts, row.reason = page.covered, 0, None
            if page.ends_window:
                row.skipped += skipped
                skipped = 0
                if page.covered == until and datetime.now(UTC) - until < CAUGHT_UP:
                    complete_backup(row)
                    db.session.commit()
                    return False
            db.session.commit()
            if page.ends_window and (time.monotonic() > end or gives_way()):
                return release_backup(turn)
        # Whoever changed while we read may have left one window for the next, and been in none.
        since = until - OVERLAP


def _begun(turn: Turn, spotler: SpotlerClient) -> Backup | None:
    """Read what the account has, and by which names, right before its contacts; None when it was
    stopped meanwhile."""
    db.session.commit()
    current_offer(turn.owner.id, spotler, doubted=True)
    row = turn.held()
    if row is not None:
        row.layout, row.total = account_layout(turn.owner.id), _expected(turn.owner.id)
    return row


def backed_up(contact: Contact) -> BackedUp:
    return BackedUp(
        external_id=contact.external_id,
        encrypted_id=contact.encrypted_id,
        properties=contact.properties,
        permissions=contact.permissions,
        active=contact.active,
        channels=contact.channels,
        created=contact.created,
        last_changed=contact.last_changed,
        test_group=contact.test_group,
        temporary=contact.temporary,
    )


def _reason(error: SpotlerError) -> Reason:
    if isinstance(error, CredentialsRefused):
        return Reason.CREDENTIALS_REFUSED
    return Reason.BUSY if isinstance(error, RateLimited) else Reason.SPOTLER_AWAY


def _failed(turn: Turn, reason: Reason) -> bool:
    if row := turn.held():
        fail_backup(row, reason)
    db.session.commit()
    return False


def _expected(environment_id: int) -> int:
    """Return how many contacts the account should have; 0 when that was never found out."""
    feed = find_feed(environment_id)
    if feed is None or feed.full_finished_at is None:
        return 0
    of_environment = MirrorContact.environment_id == environment_id
    count = select(func.count()).select_from(MirrorContact)
    return db.session.scalar(count.where(of_environment)) or 0


def _changed(contact: Contact | None) -> datetime | None:
    return contact.last_changed if contact else None
