"""Carry out the automatic actions that fired."""

from __future__ import annotations

import time

from spotler_plugin.extensions import db
from spotler_plugin.jobs import run
from spotler_plugin.jobs.queue.enqueue import enqueue, has_urgent_job, kept_back
from spotler_plugin.jobs.queue.registry import job
from spotler_plugin.jobs.queue.share import in_its_share
from spotler_plugin.services.automatic_action.advance import advance_firing
from spotler_plugin.services.automatic_action.retry import due_firings, overdue_firings

TURN_SECONDS = 5.0
"""After this, work of others gets its turn."""


def start(environment_id: int) -> None:
    """Commit what the caller wrote, then enqueue one job, however much fired."""
    db.session.commit()
    enqueue(advance, environment_id, once=True)


@job
@in_its_share
def advance(environment_id: int) -> None:
    """Carry out what is due, each with its run; the rest goes to the back of the queue."""
    with kept_back(advance, environment_id):
        _take_turn(environment_id)
    if due_firings(environment_id):
        enqueue(advance, environment_id, once=True)


def sweep() -> None:
    """Enqueue the environments whose firings have waited too long."""
    environment_ids = overdue_firings()
    db.session.commit()
    for environment_id in environment_ids:
        enqueue(advance, environment_id, once=True)


def _take_turn(environment_id: int) -> None:
    """Carry out one firing at least, and more until the time is up or somebody waits."""
    end = time.monotonic() + TURN_SECONDS
    while due := due_firings(environment_id):
        for firing_id in due:
            run_id = advance_firing(environment_id, firing_id)
            if run_id is not None:
                run.take_on(run_id)
            if time.monotonic() > end or has_urgent_job():
                return
