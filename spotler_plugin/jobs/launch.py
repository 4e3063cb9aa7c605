"""Delete the records of expired launch tokens."""

from __future__ import annotations

from spotler_plugin.extensions import db
from spotler_plugin.jobs.queue.registry import job
from spotler_plugin.services import launch


@job
def forget_used() -> None:
    launch.forget_used()
    db.session.commit()
