"""Ask what putting a backup back would do."""

from __future__ import annotations

from uuid import UUID

from spotler_plugin.extensions import db
from spotler_plugin.models import Backup, Environment, Preview, RunKind, Whom
from spotler_plugin.planning.restore.legend import Legend, legend_of
from spotler_plugin.planning.restore.order import Restore
from spotler_plugin.services.actor import Actor
from spotler_plugin.services.backup.find import restorable
from spotler_plugin.services.mapping.store import saved_mapping
from spotler_plugin.services.preview.request import request_preview
from spotler_plugin.services.sources.restore import account_now


def find_restorable(environment: Environment, backup_id: UUID) -> Backup | None:
    """Return a backup that can be put back."""
    return db.session.scalar(restorable(environment).where(Backup.id == backup_id))


def legend_for(backup: Backup) -> Legend:
    """Return what of it can be put back in the account as it is, and what cannot."""
    return legend_of(backup.layout, account_now(backup.environment_id))


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
