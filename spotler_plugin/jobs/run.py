"""Carry runs out, slice by slice."""

from __future__ import annotations

from math import ceil
from uuid import UUID

from spotler_plugin.config import settings
from spotler_plugin.extensions import db
from spotler_plugin.jobs.queue import first_waits, heard, ring
from spotler_plugin.services.enrolment.start import settle_lost_starts
from spotler_plugin.services.run.create import SMALL
from spotler_plugin.services.run.due import note_enqueued, overdue_runs
from spotler_plugin.services.sync.advance import advance_run
from spotler_plugin.services.sync.claim import CHUNK

WORKERS = 2
"""For one run, where the calls at once have no limit."""


def start(run_id: UUID) -> None:
    """Commit what the caller wrote, then tell as many workers as may call the account at once."""
    db.session.commit()
    selected = note_enqueued(run_id)
    for seat in range(_seats(selected)):
        _ring(run_id, seat, selected)


def stop(run_id: UUID) -> None:
    """Commit that it was cancelled; a worker settles that before anything else."""
    db.session.commit()
    note_enqueued(run_id)
    ring(advance, run_id, 0, first=True)


def advance(run_id: UUID, seat: int = 0) -> None:
    """Do a slice of the run; what remains goes to the back of the queue, so that turns are fair.

    A run of many has several seats, each taken by one worker at a time; claims keep them apart.
    """
    heard(advance, run_id, seat)
    if advance_run(run_id, first_waits):
        _ring(run_id, seat, note_enqueued(run_id))


def sweep() -> None:
    """Ring again for runs that wait too long, and settle what a dead worker left behind."""
    try:
        settle_lost_starts()
        db.session.commit()
    finally:
        # Whatever is wrong with a lost call, the runs go on.
        db.session.rollback()
        overdue = overdue_runs()
        db.session.commit()
        for run_id in overdue:
            start(run_id)


def _ring(run_id: UUID, seat: int, selected: int) -> None:
    """A run of few has a person waiting for it, and overtakes a run of many."""
    few = selected <= SMALL
    ring(advance, run_id, seat, first=few, once=not few)


def _seats(selected: int) -> int:
    workers = settings().spotler_parallel_calls or WORKERS
    return max(1, min(workers, ceil(selected / CHUNK)))
