"""Execute runs, turn by turn."""

from __future__ import annotations

from math import ceil
from uuid import UUID

from spotler_plugin.config import settings
from spotler_plugin.extensions import db
from spotler_plugin.jobs.queue.enqueue import enqueue, has_job, has_urgent_job
from spotler_plugin.jobs.queue.registry import job
from spotler_plugin.jobs.queue.share import has_put_aside, in_its_share
from spotler_plugin.services.enrolment.start import settle_lost_starts
from spotler_plugin.services.run.create import can_wait
from spotler_plugin.services.run.due import Enqueued, forget_enqueued, note_enqueued, overdue_runs
from spotler_plugin.services.sync.advance import advance_run
from spotler_plugin.services.sync.claim import CHUNK

WORKERS = 2
"""Workers for one run, where parallel calls are not limited."""


def start(run_id: UUID) -> None:
    """Commit what the caller wrote, then enqueue a job for each call that may be made at once."""
    run = note_enqueued(run_id)
    db.session.commit()
    if run is not None and not _enqueue_all(run, run_id):
        # The first sweep after Redis is back takes it; a person waits.
        forget_enqueued(run_id)
        db.session.commit()


def take_on(run_id: UUID) -> None:
    """Commit what the caller wrote, and take a turn in the caller's job, which is over with it.

    A worker forks for each job, which costs more than a small run does. A run for several workers
    is enqueued, and so is any while somebody waits for a worker.
    """
    run = note_enqueued(run_id)
    db.session.commit()
    if run is None:
        return
    if _slots(run) > 1 or has_urgent_job():
        _enqueue_all(run, run_id)
    else:
        _take_turn(run.environment_id, run_id, 0)


def stop(run_id: UUID) -> None:
    """Commit the cancellation, and enqueue the run at the front."""
    run = note_enqueued(run_id)
    db.session.commit()
    if run is not None:
        enqueue(advance, run.environment_id, str(run_id), 0, first=True)


@job
@in_its_share
def advance(environment_id: int, run_id: str, slot: int = 0) -> None:
    """Take a turn at the run; the rest goes to the back of the queue, so that turns are fair.

    A large run has several slots, each taken by one worker at a time; leases keep them apart.
    """
    _take_turn(environment_id, UUID(run_id), slot)


def sweep() -> None:
    """Enqueue again what has waited too long, and mark the starts that dead workers left."""
    try:
        settle_lost_starts()
        db.session.commit()
    finally:
        # Runs are enqueued even when the starts could not be marked.
        db.session.rollback()
        overdue = overdue_runs()
        db.session.commit()
        for run_id in overdue:
            start(run_id)


def _take_turn(environment_id: int, run_id: UUID, slot: int) -> None:
    def gives_way(is_over: bool) -> bool:
        return (has_job() or has_put_aside(environment_id)) if is_over else has_urgent_job()

    if advance_run(run_id, gives_way):
        run = note_enqueued(run_id)
        db.session.commit()
        if run is not None:
            _enqueue(run, run_id, slot)


def _enqueue_all(run: Enqueued, run_id: UUID) -> bool:
    """Enqueue all slots of the run; False without Redis."""
    return all([_enqueue(run, run_id, slot) for slot in range(_slots(run))])


def _enqueue(run: Enqueued, run_id: UUID, slot: int) -> bool:
    """Enqueue a slot of the run; a small one that a person waits for overtakes the others."""
    first = not can_wait(run.selected, run.kind)
    return enqueue(advance, run.environment_id, str(run_id), slot, first=first, once=not first)


def _slots(run: Enqueued) -> int:
    workers = settings().spotler_parallel_calls or WORKERS
    return max(1, min(workers, ceil(run.selected / CHUNK)))
