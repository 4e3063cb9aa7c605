"""Ask what putting a backup back would do."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from spotler_plugin.extensions import db
from spotler_plugin.models import Backup, BackupState, Environment, Preview, RunKind, Whom
from spotler_plugin.planning.backup.contact import FORMAT
from spotler_plugin.planning.backup.layout import Column
from spotler_plugin.planning.restore.kept import restorable
from spotler_plugin.planning.restore.order import Restore
from spotler_plugin.services.actor import Actor
from spotler_plugin.services.catalogue.properties import account_properties
from spotler_plugin.services.mapping.store import saved_mapping
from spotler_plugin.services.preview.request import request_preview


def find_restorable(environment: Environment, backup_id: UUID) -> Backup | None:
    """Return a backup that can be put back: complete, readable, and of this Spotler account."""
    row = db.session.scalar(
        select(Backup).where(
            Backup.environment_id == environment.id,
            Backup.id == backup_id,
            Backup.state == BackupState.COMPLETE,
            Backup.format <= FORMAT,
        )
    )
    since = environment.account_since
    return None if row is None or (since is not None and row.created_at < since) else row


def properties_of(backup: Backup) -> list[Column]:
    """Return the properties that it covers and that the account still has, as they are called."""
    there = {each.name for each in account_properties(backup.environment_id)}
    return [each for each in restorable(backup.layout) if each.name in there]


def request_restore(
    environment: Environment, backup: Backup, order: Restore, actor: Actor
) -> Preview:
    """Create a preview of putting back a part of a backup that can be put back."""
    return request_preview(
        environment,
        Whom.BACKUP,
        RunKind.RESTORE,
        saved_mapping(environment.id),
        actor,
        restores_id=backup.id,
        restore=order,
    )
