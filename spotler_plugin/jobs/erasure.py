"""Go on with erasures until all of them are done."""

from __future__ import annotations

from uuid import UUID

from spotler_plugin.extensions import db
from spotler_plugin.jobs.queue.enqueue import enqueue
from spotler_plugin.jobs.queue.registry import job
from spotler_plugin.jobs.queue.share import in_its_share
from spotler_plugin.services.erasure.advance import advance_erasure
from spotler_plugin.services.erasure.request import overdue_erasures


def start(environment_id: int, erasure_id: UUID) -> None:
    """Commit what the caller wrote, then enqueue it."""
    db.session.commit()
    enqueue(advance, environment_id, str(erasure_id))


@job
@in_its_share
def advance(environment_id: int, erasure_id: str) -> None:
    """Do what can be done now; the rest is tried again by the clock."""
    advance_erasure(environment_id, UUID(erasure_id))


def sweep() -> None:
    """Enqueue again what waited for Spotler, or has waited too long."""
    overdue = overdue_erasures()
    db.session.commit()
    for environment_id, erasure_id in overdue:
        enqueue(advance, environment_id, str(erasure_id))
