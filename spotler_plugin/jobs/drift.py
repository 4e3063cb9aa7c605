"""Compare CRM and Spotler, turn by turn."""

from __future__ import annotations

from uuid import UUID

from spotler_plugin.extensions import db
from spotler_plugin.jobs.queue.enqueue import enqueue
from spotler_plugin.jobs.queue.registry import job
from spotler_plugin.jobs.queue.share import in_its_share
from spotler_plugin.models import Environment
from spotler_plugin.services.drift.advance import advance_drift
from spotler_plugin.services.drift.request import (
    due_tonight,
    overdue_drifts,
    request_drift,
)


def start(environment_id: int, drift_id: UUID) -> None:
    """Commit what the caller wrote, then enqueue it."""
    db.session.commit()
    enqueue(advance, environment_id, str(drift_id))


@job
@in_its_share
def advance(environment_id: int, drift_id: str) -> None:
    """Take a turn; the rest goes to the back of the queue, so that clicks go first."""
    if advance_drift(environment_id, UUID(drift_id)):
        enqueue(advance, environment_id, drift_id)


def sweep() -> None:
    """Enqueue again what has waited too long."""
    overdue = overdue_drifts()
    db.session.commit()
    for environment_id, drift_id in overdue:
        enqueue(advance, environment_id, str(drift_id))


@job
def compare_nightly() -> None:
    """Begin those of this night; called by the scheduler."""
    due = due_tonight()
    db.session.commit()
    for environment_id in due:
        owner = db.session.get(Environment, environment_id)
        if owner is not None:
            start(environment_id, request_drift(owner, None).id)
