"""Handle what the CRM told us, and read what it changed without telling."""

from __future__ import annotations

import time

from spotler_plugin.extensions import db
from spotler_plugin.jobs import automatic_action as action_jobs
from spotler_plugin.jobs import erasure as erasure_jobs
from spotler_plugin.jobs import run as run_jobs
from spotler_plugin.jobs.queue.enqueue import enqueue, has_urgent_job, kept_back
from spotler_plugin.jobs.queue.registry import job
from spotler_plugin.jobs.queue.share import in_its_share
from spotler_plugin.jobs.queue.together import enqueue_together, work_together
from spotler_plugin.services.event.catch_up import catch_up
from spotler_plugin.services.event.inbox import (
    environments_with_events,
    has_due_events,
    overdue_inboxes,
)
from spotler_plugin.services.event.turn import take_turn

TURN_SECONDS = 5.0
"""After this, work of others gets its turn."""


def start(environment_id: int) -> None:
    """Commit what the caller wrote, then enqueue one job, however many events wait."""
    db.session.commit()
    enqueue(handle, environment_id, once=True)


def sweep() -> None:
    """Enqueue the environments whose events have waited, as Redis was away or a worker died."""
    environment_ids = environments_with_events()
    db.session.commit()
    for environment_id in environment_ids:
        enqueue(handle, environment_id, once=True)


@job
@in_its_share
def handle(environment_id: int) -> None:
    """Handle what is due, each batch with its runs, of which the next batch comes after.

    When the time is up or somebody waits, the rest goes to the back of the queue.
    """
    with kept_back(handle, environment_id):
        is_ours = _take_turns(environment_id)
    if is_ours and has_due_events(environment_id):
        enqueue(handle, environment_id, once=True)


@job
def enqueue_all() -> None:
    """Enqueue jobs for the environments whose changes are due to be read."""
    due = overdue_inboxes()
    db.session.commit()
    enqueue_together(
        read_changes_of_several,
        read_changes,
        [each.environment_id for each in due],
        in_trouble=[each.environment_id for each in due if each.in_trouble],
    )


@job
def read_changes_of_several(*environment_ids: int) -> None:
    work_together(read_changes_of_several, read_changes, environment_ids)


@job
@in_its_share
def read_changes(environment_id: int) -> None:
    """Read some pages of what the CRM changed; the rest goes to the back of the queue."""
    turn = catch_up(environment_id)
    for run_id in turn.run_ids:
        run_jobs.start(run_id)
    if turn.more:
        enqueue(read_changes, environment_id, once=True)


def _take_turns(environment_id: int) -> bool:
    """Handle batch after batch; return whether the inbox was ours to the end."""
    end = time.monotonic() + TURN_SECONDS
    while True:
        turn = take_turn(environment_id)
        for run_id in turn.run_ids:
            if time.monotonic() < end:
                run_jobs.take_on(run_id)
            else:
                run_jobs.start(run_id)
        if turn.firing_ids:
            action_jobs.start(environment_id)
        for erasure_id in turn.erasure_ids:
            erasure_jobs.start(environment_id, erasure_id)
        if not turn.handled or time.monotonic() > end or has_urgent_job():
            return turn.is_ours
