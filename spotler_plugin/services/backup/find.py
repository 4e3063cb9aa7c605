"""Backups as people see them: the list, what is under way and how long it takes, who has a copy."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from cryptography.exceptions import InvalidTag
from sqlalchemy import Select, func, select

from spotler_plugin.extensions import db
from spotler_plugin.models import (
    Backup,
    BackupDownload,
    BackupKind,
    BackupRefusal,
    BackupState,
    Environment,
)
from spotler_plugin.planning.backup.contact import FORMAT
from spotler_plugin.planning.backup.fault import Fault
from spotler_plugin.planning.values.told import told
from spotler_plugin.services.backup.seal import Seal
from spotler_plugin.services.pagination import SIZE, Page, within


@dataclass(frozen=True, slots=True)
class BackupView:
    """A backup with who downloaded it."""

    row: Backup
    downloads: Sequence[tuple[str, datetime]]
    """Who did, and when."""
    is_former: bool
    """Whether it is of a Spotler account that was replaced."""

    @property
    def seconds_left(self) -> float | None:
        """How long it still takes, at the pace so far; None when that cannot be told."""
        row = self.row
        done = row.found if row.kind is BackupKind.SPOTLER else row.rows
        if row.progress_at is None or not 0 < done < row.total:
            return None
        took = (row.progress_at - row.created_at).total_seconds()
        return took / done * (row.total - done)


@dataclass(frozen=True, slots=True)
class RefusalView:
    row: int
    heading: str
    fault: Fault
    value: str


def list_backups(owner: Environment, number: int) -> Page[BackupView]:
    """Return a page of backups, newest first."""
    of_environment = Backup.environment_id == owner.id
    total = db.session.scalar(select(func.count()).select_from(Backup).where(of_environment)) or 0
    number = within(number, total)
    rows = db.session.scalars(
        select(Backup)
        .where(of_environment)
        .order_by(Backup.created_at.desc(), Backup.id)
        .limit(SIZE)
        .offset((number - 1) * SIZE)
    ).all()
    downloads = _downloads(owner.id, [row.id for row in rows])
    return Page([_view(owner, row, downloads.get(row.id, ())) for row in rows], number, total)


def find_backup(owner: Environment, backup_id: UUID) -> BackupView | None:
    row = db.session.scalar(
        select(Backup).where(Backup.environment_id == owner.id, Backup.id == backup_id)
    )
    return _view(owner, row, _downloads(owner.id, [row.id]).get(row.id, ())) if row else None


def find_open(owner: Environment) -> BackupView | None:
    """Return the backup that is being made, the one that was asked for last."""
    row = db.session.scalar(
        select(Backup)
        .where(Backup.environment_id == owner.id, Backup.state == BackupState.OPEN)
        .order_by(Backup.created_at.desc())
        .limit(1)
    )
    return _view(owner, row, ()) if row else None


def restorable(owner: Environment) -> Select[Backup]:
    """Return a query of the backups that can be put back: complete, readable, and of the Spotler
    account of now."""
    rows = select(Backup).where(
        Backup.environment_id == owner.id,
        Backup.state == BackupState.COMPLETE,
        Backup.format <= FORMAT,
    )
    since = owner.account_since
    return rows if since is None else rows.where(Backup.created_at >= since)


def newest_of_account(environment_id: int) -> Backup | None:
    """Return the backup of the account that was asked for last, and not stopped."""
    return db.session.scalar(
        select(Backup)
        .where(
            Backup.environment_id == environment_id,
            Backup.kind == BackupKind.SPOTLER,
            Backup.state != BackupState.CANCELLED,
        )
        .order_by(Backup.created_at.desc())
        .limit(1)
    )


def list_refusals(owner: Environment, view: BackupView, number: int) -> Page[RefusalView]:
    """Return a page of the rows of its file that were not taken over."""
    seal = Seal(view.row.id, view.row.key)
    of_backup = (
        BackupRefusal.environment_id == owner.id,
        BackupRefusal.backup_id == view.row.id,
    )
    total = db.session.scalar(select(func.count()).select_from(BackupRefusal).where(*of_backup))
    number = within(number, total or 0)
    rows = db.session.scalars(
        select(BackupRefusal)
        .where(*of_backup)
        .order_by(BackupRefusal.row, BackupRefusal.id)
        .limit(SIZE)
        .offset((number - 1) * SIZE)
    )
    shown = [
        RefusalView(each.row, each.heading, each.fault, _opened(seal, each.value)) for each in rows
    ]
    return Page(shown, number, total or 0)


def _opened(seal: Seal, value: bytes) -> str:
    """Return a refused value, with a sign for what is hard to see in it; empty for one that cannot
    be opened any more."""
    try:
        return told(seal.open("refusal", value).decode())
    except InvalidTag:
        return ""


def _view(owner: Environment, row: Backup, downloads: Sequence[tuple[str, datetime]]) -> BackupView:
    since = owner.account_since
    return BackupView(row, downloads, since is not None and row.created_at < since)


def _downloads(
    environment_id: int, backup_ids: Sequence[UUID]
) -> dict[UUID, list[tuple[str, datetime]]]:
    found: dict[UUID, list[tuple[str, datetime]]] = defaultdict(list)
    rows = db.session.execute(
        select(BackupDownload.backup_id, BackupDownload.actor_name, BackupDownload.used_at)
        .where(
            BackupDownload.environment_id == environment_id,
            BackupDownload.backup_id.in_(backup_ids),
            BackupDownload.used_at.is_not(None),
        )
        .order_by(BackupDownload.used_at)
    )
    for backup_id, name, used_at in rows:
        if used_at is not None:
            found[backup_id].append((name, used_at))
    return found
