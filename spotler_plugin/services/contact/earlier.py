"""The ways back for one contact: the runs that changed it, and the backups that hold it."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import exists, select

from spotler_plugin.extensions import db
from spotler_plugin.models import Backup, Environment, Link
from spotler_plugin.planning.restore.kept import Known
from spotler_plugin.services.backup.find import restorable
from spotler_plugin.services.backup.rows import NoBackup
from spotler_plugin.services.run.undo import Changed, changed_by
from spotler_plugin.services.sources.restore import kept_in, known_by

MOST_RUNS = 20
MOST_BACKUPS = 10
"""Of the newest is looked whether they hold the contact: each has a few MB to look through."""


@dataclass(frozen=True, slots=True)
class WaysBack:
    changed: list[Changed]
    """The newest runs that changed it."""
    backups: list[Backup]
    """Those of the newest that hold it."""
    is_linked: bool
    """Whether a backup can be put back for it."""


def ways_back(owner: Environment, contact_id: str) -> WaysBack:
    """Return what a contact can be put back from."""
    linked = exists().where(
        Link.environment_id == owner.id,
        Link.contact_id == contact_id,
        Link.linked_at.is_not(None),
    )
    is_linked = bool(db.session.scalar(select(linked)))
    return WaysBack(
        changed=changed_by(owner, contact_id, MOST_RUNS),
        backups=_holding(owner, contact_id) if is_linked else [],
        is_linked=is_linked,
    )


def _holding(owner: Environment, contact_id: str) -> list[Backup]:
    known = known_by(owner.id, [contact_id])
    newest = restorable(owner).order_by(Backup.created_at.desc(), Backup.id).limit(MOST_BACKUPS)
    return [row for row in db.session.scalars(newest).all() if _holds(row, contact_id, known)]


def _holds(row: Backup, contact_id: str, known: dict[str, Known]) -> bool:
    try:
        return contact_id in kept_in(row.environment_id, row.id, known)
    except NoBackup:
        # Deleted a moment ago.
        return False
