"""Remove what was kept long enough, each night."""

from __future__ import annotations

from spotler_plugin.extensions import db
from spotler_plugin.jobs.queue.enqueue import enqueue, has_urgent_job
from spotler_plugin.jobs.queue.registry import job
from spotler_plugin.jobs.queue.share import in_its_share
from spotler_plugin.services.retention import enforce as retention


@job
def sweep() -> None:
    """Enqueue the environments whose night's work is due."""
    due = retention.overdue_retentions()
    db.session.commit()
    for environment_id in due:
        enqueue(enforce, environment_id, once=True)


@job
@in_its_share
def enforce(environment_id: int) -> None:
    """Take a turn; the rest goes to the back of the queue, so that clicks go first."""
    if retention.enforce(environment_id, has_urgent_job):
        enqueue(enforce, environment_id, once=True)
