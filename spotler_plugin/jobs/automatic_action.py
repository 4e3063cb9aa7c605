"""Carry out the automatic actions that fired."""

from __future__ import annotations

from uuid import UUID

from spotler_plugin.extensions import db
from spotler_plugin.jobs import run
from spotler_plugin.jobs.queue import enqueue
from spotler_plugin.jobs.registry import job
from spotler_plugin.jobs.share import in_its_share
from spotler_plugin.services.automatic_action.advance import advance_firing
from spotler_plugin.services.automatic_action.retry import note_enqueued, overdue_firings


def start(environment_id: int, firing_id: UUID) -> None:
    """Commit what the caller wrote, then enqueue the firing."""
    note_enqueued(environment_id, firing_id)
    db.session.commit()
    enqueue(advance, environment_id, str(firing_id))


@job
@in_its_share
def advance(environment_id: int, firing_id: str) -> None:
    """Carry a firing out; its run is enqueued by itself."""
    run_id = advance_firing(environment_id, UUID(firing_id))
    if run_id is not None:
        run.start(run_id)


@job
def sweep() -> None:
    """Enqueue again what has waited too long."""
    overdue = overdue_firings()
    db.session.commit()
    for environment_id, firing_id in overdue:
        enqueue(advance, environment_id, str(firing_id))
