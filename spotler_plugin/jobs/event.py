"""Handle what the CRM told us, and read what it changed without telling."""

from __future__ import annotations

from spotler_plugin.extensions import db
from spotler_plugin.jobs import automatic_action as action_jobs
from spotler_plugin.jobs import run as run_jobs
from spotler_plugin.jobs.queue import enqueue
from spotler_plugin.jobs.registry import job
from spotler_plugin.jobs.share import in_its_share
from spotler_plugin.services.event.catch_up import catch_up
from spotler_plugin.services.event.inbox import environments_with_events, overdue_inboxes
from spotler_plugin.services.event.log import forget_old_events
from spotler_plugin.services.event.turn import Turn, take_turn


def start(environment_id: int) -> None:
    """Commit what the caller wrote, then enqueue one job, however many events wait."""
    db.session.commit()
    enqueue(handle, environment_id, once=True)


@job
def sweep() -> None:
    """Enqueue the environments whose events have waited, as Redis was away or a worker died."""
    environment_ids = environments_with_events()
    db.session.commit()
    for environment_id in environment_ids:
        enqueue(handle, environment_id, once=True)


@job
@in_its_share
def handle(environment_id: int) -> None:
    """Handle a batch of events; the rest goes to the back of the queue, so that turns are fair."""
    turn = take_turn(environment_id)
    _begin(environment_id, turn)
    if turn.more:
        enqueue(handle, environment_id, once=True)


@job
def enqueue_all() -> None:
    """Enqueue a job for each environment whose changes are due to be read."""
    environment_ids = overdue_inboxes()
    db.session.commit()
    for environment_id in environment_ids:
        enqueue(read_changes, environment_id, once=True)


@job
@in_its_share
def read_changes(environment_id: int) -> None:
    """Read some pages of what the CRM changed; the rest goes to the back of the queue."""
    turn = catch_up(environment_id)
    _begin(environment_id, turn)
    if turn.more:
        enqueue(read_changes, environment_id, once=True)


@job
def forget_old() -> None:
    forget_old_events()
    db.session.commit()


def _begin(environment_id: int, turn: Turn) -> None:
    """Enqueue the runs and firings, which were committed with what led to them."""
    for run_id in turn.run_ids:
        run_jobs.start(run_id)
    for firing_id in turn.firing_ids:
        action_jobs.start(environment_id, firing_id)
