"""Ask for a backup, stop it, delete it; and what runs that write must know of the first one."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum
from uuid import UUID, uuid4

from sqlalchemy import and_, delete, or_, select, update
from structlog import get_logger

from spotler_plugin.extensions import db
from spotler_plugin.models import Backup, BackupCause, BackupKind, BackupState, Environment
from spotler_plugin.planning.backup.contact import FORMAT
from spotler_plugin.planning.backup.layout import Column, Layout, usual_form
from spotler_plugin.planning.values.types import PropertyType
from spotler_plugin.services.actor import Actor
from spotler_plugin.services.backup.retention import is_being_restored, is_missing_first
from spotler_plugin.services.backup.seal import new_key
from spotler_plugin.services.backup.turn import end_backup
from spotler_plugin.services.catalogue.permissions import permission_labels
from spotler_plugin.services.catalogue.properties import account_properties
from spotler_plugin.services.environment import lock_environment

NO_PROPERTIES = frozenset({"permissions", "externalId", "testGroup"})
"""What the account lists among its properties, and is none (spotler-api.md §3)."""

log = get_logger()


class First(StrEnum):
    """What stands between an environment's runs and Spotler."""

    AWAITED = "awaited"
    """The first backup is being made: what writes waits for it."""
    MISSING = "missing"
    """It was not made, and nobody has said that runs may go on without it."""


def request_backup(
    environment_id: int, cause: BackupCause, actor: Actor | None, *, file_name: str | None = None
) -> Backup:
    """Return the backup that is to be made; of the account the one that is under way, if any."""
    lock_environment(environment_id)
    if file_name is None and (open_one := _open_one(environment_id)):
        return open_one
    row = Backup(
        id=uuid4(),
        environment_id=environment_id,
        kind=BackupKind.SPOTLER if file_name is None else BackupKind.UPLOADED,
        cause=cause,
        state=BackupState.OPEN if file_name is None else BackupState.UNMATCHED,
        actor_id=actor and actor.id[:200],
        actor_name=actor and actor.name,
        created_at=datetime.now(UTC),
        enqueued_at=datetime.now(UTC),
        key=new_key(),
        format=FORMAT,
        layout=account_layout(environment_id),
        total=0,
        found=0,
        skipped=0,
        chunks=0,
        size=0,
        rows=0,
        attempts=0,
        file_name=file_name,
    )
    db.session.add(row)
    db.session.flush()
    log.info("backup.asked", environment=environment_id, backup=str(row.id), cause=cause)
    return row


def request_first(owner: Environment) -> Backup | None:
    """Ask for a first backup of the account, unless there is one, or one is under way."""
    lock_environment(owner.id)
    of_account = select(Backup.id).where(
        Backup.environment_id == owner.id,
        Backup.kind == BackupKind.SPOTLER,
        Backup.state.in_((BackupState.OPEN, BackupState.COMPLETE)),
        Backup.created_at >= (owner.account_since or owner.created_at),
    )
    if db.session.scalar(of_account.limit(1)) is not None:
        return None
    return request_backup(owner.id, BackupCause.FIRST, None)


def first_standing(environment_id: int) -> First | None:
    """Return what keeps the environment's runs from writing; None: nothing does."""
    newest = db.session.execute(
        select(Backup.state, Backup.waived_at, Backup.created_at)
        .where(Backup.environment_id == environment_id, Backup.cause == BackupCause.FIRST)
        .order_by(Backup.created_at.desc())
        .limit(1)
    ).one_or_none()
    if newest is None or newest.state is BackupState.COMPLETE or newest.waived_at is not None:
        return None
    if newest.state is BackupState.OPEN:
        return First.AWAITED
    later = db.session.execute(
        select(Backup.state).where(
            Backup.environment_id == environment_id,
            Backup.kind == BackupKind.SPOTLER,
            Backup.state == BackupState.COMPLETE,
            Backup.created_at >= newest.created_at,
        )
    ).first()
    return None if later else First.MISSING


def waive_first(environment_id: int) -> None:
    """Let runs go on without a first backup, as a person says."""
    db.session.execute(
        update(Backup)
        .where(
            Backup.environment_id == environment_id,
            Backup.cause == BackupCause.FIRST,
            Backup.state != BackupState.COMPLETE,
            Backup.waived_at.is_(None),
        )
        .values(waived_at=datetime.now(UTC)),
        execution_options={"synchronize_session": False},
    )
    log.warning("backup.waived", environment=environment_id)


def cancel_backup(environment_id: int, backup_id: UUID) -> None:
    """Stop a backup that is being made; what it has so far goes, as half of one is none.

    Whoever stops the first one says that runs may go on without it.
    """
    row = db.session.scalar(
        select(Backup)
        .where(
            Backup.environment_id == environment_id,
            Backup.id == backup_id,
            Backup.state.in_((BackupState.OPEN, BackupState.UNMATCHED)),
        )
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if row is not None:
        row.waived_at = datetime.now(UTC)
        end_backup(row, BackupState.CANCELLED, None)


def delete_backup(environment_id: int, backup_id: UUID) -> bool:
    """Delete a backup with all that belongs to it; False when it is in use.

    That is one that is being made or put back; and a first one that failed, by which runs know that
    they wait for a person.
    """
    which = [Backup.environment_id == environment_id, Backup.id == backup_id]
    if first_standing(environment_id) is First.MISSING:
        which.append(~is_missing_first())
    deleted = db.session.execute(
        delete(Backup)
        .where(and_(*which), Backup.state != BackupState.OPEN, ~is_being_restored())
        .returning(Backup.id),
        execution_options={"synchronize_session": False},
    ).all()
    if deleted:
        log.info("backup.deleted", environment=environment_id, backup=str(backup_id))
    return bool(deleted)


def account_layout(environment_id: int) -> Layout:
    """Return what the account has now, by the catalogue."""
    columns = (
        Column(
            name=each.name,
            label=each.description or each.name,
            type=each.type,
            form=usual_form(each.type),
            bits={entry.bit: entry.description for entry in each.entries}
            if each.type is PropertyType.SET
            else {},
        )
        for each in account_properties(environment_id)
        if each.name not in NO_PROPERTIES
    )
    return Layout(tuple(columns), permission_labels(environment_id))


def _open_one(environment_id: int) -> Backup | None:
    """Return the one that is being made, unless it is of an account that was replaced."""
    since = Environment.account_since
    return db.session.scalar(
        select(Backup)
        .join(Environment, Environment.id == Backup.environment_id)
        .where(
            Backup.environment_id == environment_id,
            Backup.kind == BackupKind.SPOTLER,
            Backup.state == BackupState.OPEN,
            or_(since.is_(None), Backup.created_at >= since),
        )
    )
