"""The turn of a worker that makes a backup: its lease, and how the backup ends or waits.

Complete is what a backup becomes in one statement, when all of it is there. One that fails or is
stopped loses its contacts in the same transaction, so that half of one never looks whole.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, and_, select
from sqlalchemy.exc import SQLAlchemyError
from structlog import get_logger

from spotler_plugin.extensions import db
from spotler_plugin.models import Backup, BackupCause, BackupKind, BackupState, Environment
from spotler_plugin.planning.reason import Reason
from spotler_plugin.services import lease
from spotler_plugin.services.backoff import ATTEMPTS, delay_after
from spotler_plugin.services.backup.chunks import adds_up, drop_chunks
from spotler_plugin.services.backup.pieces import drop_pieces
from spotler_plugin.services.backup.retention import expiry
from spotler_plugin.services.environment import enabled_environments
from spotler_plugin.trouble import Trouble, trouble_of

LEASE = timedelta(seconds=60)
"""Longer than one call with its wait and its time-outs; renewed at each page."""
ENQUEUE_AGAIN = timedelta(seconds=90)
"""After this an enqueued job is taken for lost."""
TRIES = 5
"""Claims in a row without success, after which a backup fails that somebody waits for, or that our
own fault keeps from going on."""

log = get_logger()


@dataclass(frozen=True, slots=True)
class Turn:
    """A worker's turn at a backup."""

    owner: Environment
    backup_id: UUID
    lease: UUID

    def held(self) -> Backup | None:
        """Return the row, its lease renewed; None when it was stopped or another one took over."""
        row = lease.held(Backup, _open(self.owner.id, self.backup_id), self.lease)
        if row is not None:
            lease.keep(row, LEASE)
        return row


def overdue_backups() -> list[tuple[int, UUID]]:
    """Mark as enqueued, and return, the backups of all environments that wait for a worker."""
    of_these = and_(
        Backup.state == BackupState.OPEN,
        Backup.environment_id.in_(enabled_environments()),
        lease.is_free(Backup, datetime.now(UTC)),
    )
    due = lease.overdue(Backup, of_these, ENQUEUE_AGAIN, Backup.environment_id, Backup.id)
    return [(environment_id, backup_id) for environment_id, backup_id in due]


def kind_of(environment_id: int, backup_id: UUID) -> BackupKind | None:
    return db.session.scalar(
        select(Backup.kind).where(Backup.environment_id == environment_id, Backup.id == backup_id)
    )


def claim_backup(environment_id: int, backup_id: UUID) -> Turn | None:
    """Take a turn; None when it is not due, or another worker has it. Commits."""
    held = lease.claim(Backup, _open(environment_id, backup_id), LEASE)
    if held is None:
        db.session.commit()
        return None
    turn = Turn(db.session.get_one(Environment, environment_id), backup_id, held)
    row = turn.held()
    since = turn.owner.account_since
    if row is not None and since is not None and row.created_at < since:
        # What it has so far is of the account that was replaced.
        end_backup(row, BackupState.CANCELLED, None)
        row = None
    elif row is not None and row.attempts > ATTEMPTS:
        # Happens when workers die on it.
        fail_backup(row, Reason.UNEXPECTED)
        row = None
    elif row is not None:
        row.enqueued_at = None
    db.session.commit()
    return turn if row is not None else None


def complete_backup(row: Backup) -> bool:
    """Make it a backup, as all of it is there; False when it is not. The caller commits."""
    if not adds_up(row):
        fail_backup(row, Reason.UNEXPECTED)
        return False
    row.state, row.finished_at, row.reason = BackupState.COMPLETE, datetime.now(UTC), None
    row.expires_at = expiry(row)
    lease.let_go(row)
    log.info("backup.complete", environment=row.environment_id, backup=str(row.id), found=row.found)
    return True


def release_backup(turn: Turn) -> bool:
    """Let any worker take the next turn; False when this one lost it. Commits."""
    row = turn.held()
    if row is not None:
        lease.let_go(row)
        # The caller enqueues it.
        row.enqueued_at = datetime.now(UTC)
    db.session.commit()
    return row is not None


def postpone_backup(row: Backup, reason: Reason, retry_after: float | None) -> None:
    """Try again a little later, or fail. The caller commits."""
    pause = delay_after(row.attempts, retry_after)
    waited_for = row.cause is BackupCause.FIRST
    if pause is None or (waited_for and row.attempts >= TRIES):
        fail_backup(row, reason)
        return
    row.reason, row.due_at = reason, datetime.now(UTC) + pause
    lease.let_go(row)


def fail_backup(row: Backup, reason: Reason) -> None:
    """Give it up. The caller commits."""
    log.warning("backup.failed", environment=row.environment_id, backup=str(row.id), reason=reason)
    end_backup(row, BackupState.FAILED, reason)


@contextmanager
def watched(turn: Turn) -> Iterator[None]:
    """Tell on the row what our side does wrong: no room in the database, or a fault of ours."""
    try:
        yield
    except Exception as error:
        db.session.rollback()
        full = isinstance(error, SQLAlchemyError) and trouble_of(error) is Trouble.FULL
        row = turn.held()
        if row is not None and full:
            fail_backup(row, Reason.NO_ROOM)
        elif row is not None and row.attempts >= TRIES:
            fail_backup(row, Reason.UNEXPECTED)
        elif row is not None:
            postpone_backup(row, Reason.UNEXPECTED, None)
        db.session.commit()
        if not full:
            raise


def begin_anew(environment_id: int) -> None:
    """Forget what the backups of the account have so far that are being made; the caller commits,
    and no worker runs."""
    rows = db.session.scalars(
        select(Backup).where(
            Backup.environment_id == environment_id,
            Backup.kind == BackupKind.SPOTLER,
            Backup.state == BackupState.OPEN,
        )
    )
    for row in rows:
        row.since, row.created_at, row.due_at = None, datetime.now(UTC), datetime.now(UTC)
        row.found = row.skipped = row.chunks = row.size = row.attempts = 0
        lease.let_go(row)
        drop_chunks(environment_id, row.id)


def end_backup(row: Backup, state: BackupState, reason: Reason | None) -> None:
    """End it without a backup: what it has so far goes, and the file that it was made of. The
    caller commits."""
    row.state, row.reason, row.finished_at = state, reason, datetime.now(UTC)
    row.found = row.chunks = row.size = 0
    row.expires_at = expiry(row)
    lease.let_go(row)
    drop_chunks(row.environment_id, row.id)
    drop_pieces(row.environment_id, row.id)


def _open(environment_id: int, backup_id: UUID) -> ColumnElement[bool]:
    """Return the condition that it may be worked on; a disabled environment's stands still."""
    return and_(
        Backup.environment_id.in_(enabled_environments()),
        Backup.environment_id == environment_id,
        Backup.id == backup_id,
        Backup.state == BackupState.OPEN,
    )
