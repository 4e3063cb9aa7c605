"""Ask what putting a backup back would do."""

from __future__ import annotations

from uuid import UUID

from spotler_plugin.extensions import db
from spotler_plugin.models import Backup, Environment, Preview, RunKind, Whom
from spotler_plugin.planning.backup.layout import Column
from spotler_plugin.planning.restore import kept
from spotler_plugin.planning.restore.order import Restore
from spotler_plugin.services.actor import Actor
from spotler_plugin.services.backup.find import restorable
from spotler_plugin.services.catalogue.properties import account_properties
from spotler_plugin.services.mapping.store import saved_mapping
from spotler_plugin.services.preview.request import request_preview


def find_restorable(environment: Environment, backup_id: UUID) -> Backup | None:
    """Return a backup that can be put back."""
    return db.session.scalar(restorable(environment).where(Backup.id == backup_id))


def properties_of(backup: Backup) -> list[Column]:
    """Return the properties that it covers and that the account still has, as they are called."""
    there = {each.name for each in account_properties(backup.environment_id)}
    return [each for each in kept.restorable(backup.layout) if each.name in there]


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
