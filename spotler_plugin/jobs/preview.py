"""Compute previews, turn by turn."""

from __future__ import annotations

from uuid import UUID

from spotler_plugin.extensions import db
from spotler_plugin.jobs.queue.enqueue import enqueue
from spotler_plugin.jobs.queue.registry import job
from spotler_plugin.jobs.queue.share import in_its_share
from spotler_plugin.services.preview.compute import advance_preview
from spotler_plugin.services.preview.request import overdue_previews
from spotler_plugin.services.selection import forget_old_selections


def start(environment_id: int, preview_id: UUID) -> None:
    """Commit what the caller wrote, then enqueue it at the front: a person is waiting."""
    db.session.commit()
    enqueue(advance, environment_id, str(preview_id), first=True)


@job
@in_its_share
def advance(environment_id: int, preview_id: str) -> None:
    """Take a turn; the rest goes to the back of the queue, so that turns are fair."""
    if advance_preview(environment_id, UUID(preview_id)):
        enqueue(advance, environment_id, preview_id)


def sweep() -> None:
    """Enqueue again what has waited too long."""
    overdue = overdue_previews()
    db.session.commit()
    for environment_id, preview_id in overdue:
        enqueue(advance, environment_id, str(preview_id))


@job
def forget_old() -> None:
    forget_old_selections()
    db.session.commit()
