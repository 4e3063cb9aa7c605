"""Read the catalogue of each connected account."""

from __future__ import annotations

from spotler_plugin.extensions import db
from spotler_plugin.jobs.queue.enqueue import enqueue
from spotler_plugin.jobs.queue.registry import job
from spotler_plugin.jobs.queue.share import in_its_share
from spotler_plugin.services.catalogue.due import overdue_catalogues
from spotler_plugin.services.connection import credentials


@job
def enqueue_all() -> None:
    """Enqueue a job for each environment whose catalogue is due; called by the scheduler."""
    environment_ids = overdue_catalogues()
    db.session.commit()
    for environment_id in environment_ids:
        enqueue(read, environment_id)


@job
@in_its_share
def read(environment_id: int) -> None:
    credentials.refresh(environment_id)
