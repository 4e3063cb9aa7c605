"""How long backups are kept, and which are made by themselves each night."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from sqlalchemy import ColumnElement, Select, and_, delete, exists, or_, select

from spotler_plugin.extensions import db
from spotler_plugin.models import (
    UNDER_WAY,
    Backup,
    BackupCause,
    BackupSettings,
    BackupState,
    Preview,
    PreviewState,
    Run,
)
from spotler_plugin.services.account.client import connected_environments
from spotler_plugin.sql import insert_new

KEEP_DAYS = 90
UNMATCHED_KEPT = timedelta(days=1)
"""How long an uploaded file waits for a person who says what its columns are."""
USED_KEPT = timedelta(days=7)
"""How much longer a backup is kept for somebody who is putting it back."""
NIGHT_HOUR = 1
"""UTC; spread over an hour by environment, before everybody is read for the mirror."""


def settings_of(environment_id: int) -> BackupSettings:
    """Return what the environment chose, or the defaults, in a row to be changed."""
    new = {"environment_id": environment_id, "nightly": False, "keep_days": KEEP_DAYS}
    insert_new(BackupSettings, [new])
    return db.session.scalars(_of(environment_id)).one()


def chosen_settings(environment_id: int) -> tuple[bool, int]:
    """Return whether one is made each night, and for how many days each is kept."""
    row = db.session.scalar(_of(environment_id))
    return (row.nightly, row.keep_days) if row else (False, KEEP_DAYS)


def choose(environment_id: int, *, nightly: bool, keep_days: int) -> None:
    """Change the settings; they hold for the backups that there are as well."""
    row = settings_of(environment_id)
    if nightly and not row.nightly:
        # The coming night's is the first.
        row.night = datetime.now(UTC)
    row.nightly, row.keep_days = nightly, keep_days
    db.session.flush()
    for backup in db.session.scalars(
        select(Backup).where(
            Backup.environment_id == environment_id, Backup.finished_at.is_not(None)
        )
    ):
        backup.expires_at = expiry(backup)


def expiry(row: Backup) -> datetime:
    """Return until when a backup that has ended is kept."""
    _nightly, days = chosen_settings(row.environment_id)
    return (row.finished_at or row.created_at) + timedelta(days=days)


def forget_old_backups() -> None:
    """Delete the backups of all environments whose time is up, and files that nobody matched.

    Not the first one that failed, by which runs know that they wait for a person; it is empty.
    """
    now = datetime.now(UTC)
    looked_at = exists().where(
        Preview.environment_id == Backup.environment_id,
        Preview.restores_id == Backup.id,
        Preview.state.in_((PreviewState.OPEN, PreviewState.READY)),
    )
    in_use = or_(is_being_restored(), looked_at)
    db.session.execute(
        delete(Backup).where(
            Backup.expires_at < now,
            or_(Backup.expires_at < now - USED_KEPT, ~in_use),
            ~is_missing_first(),
        ),
        execution_options={"across_environments": True, "synchronize_session": False},
    )


def is_missing_first() -> ColumnElement[bool]:
    """Return the condition that it is a first one that failed, and nobody goes on without."""
    return and_(
        Backup.cause == BackupCause.FIRST,
        Backup.state == BackupState.FAILED,
        Backup.waived_at.is_(None),
    )


def is_being_restored() -> ColumnElement[bool]:
    """Return the condition that a run puts the backup back."""
    return exists().where(
        Run.environment_id == Backup.environment_id,
        Run.restores_id == Backup.id,
        Run.state.in_(UNDER_WAY),
    )


def due_tonight() -> Sequence[int]:
    """Return the connected environments whose nightly backup is due; it counts as asked for."""
    now = datetime.now(UTC)
    rows = db.session.scalars(
        select(BackupSettings)
        .where(
            BackupSettings.nightly.is_(True),
            BackupSettings.environment_id.in_(connected_environments()),
        )
        .with_for_update()
    )
    due = [row for row in rows if row.night is None or row.night < _last_night(row, now)]
    for row in due:
        row.night = now
    return [row.environment_id for row in due]


def _last_night(row: BackupSettings, now: datetime) -> datetime:
    minute = row.environment_id % 60
    night = now.replace(hour=NIGHT_HOUR, minute=minute, second=0, microsecond=0)
    return night if night <= now else night - timedelta(days=1)


def _of(environment_id: int) -> Select[BackupSettings]:
    return select(BackupSettings).where(BackupSettings.environment_id == environment_id)
