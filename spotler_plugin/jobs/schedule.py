"""The periodic jobs."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack

from redis import Redis
from redis.exceptions import RedisError
from rq.cron import CronJob, CronScheduler
from rq.job import Job
from structlog import get_logger

from spotler_plugin.config import settings
from spotler_plugin.extensions import db, redis_server
from spotler_plugin.jobs import (
    automatic_action,
    backup,
    catalogue,
    connection,
    drift,
    erasure,
    event,
    feed,
    launch,
    preview,
    retention,
    run,
)
from spotler_plugin.jobs.queue.enqueue import JOB_SECONDS, NAME, queue
from spotler_plugin.jobs.queue.registry import job

SWEEP_SECONDS = 5
CATALOGUE_SECONDS = 60
"""How often to look which catalogues are due; each is read once an hour."""
PROOF_SECONDS = 20
"""How often to look which refused keys are to be proved again."""
CHANGES_SECONDS = 60
"""How often to look whose list of changes is due; each is read every few minutes."""
NIGHT_SECONDS = 300
"""How often to look whose nightly work is due."""
HOUR = 3600
SWEEPS = (
    run.sweep,
    preview.sweep,
    drift.sweep,
    event.sweep,
    backup.sweep,
    erasure.sweep,
    automatic_action.sweep,
)
"""Each enqueues again what has waited too long."""

log = get_logger()


@job
def sweep() -> None:
    """Let all of `SWEEPS` look in one job: to make a process for each takes longer than to look.

    What goes wrong in one keeps none of the others from it.
    """
    with ExitStack() as looks:
        for each in reversed(SWEEPS):
            looks.callback(_look, each)


def _look(each: Callable[[], None]) -> None:
    try:
        each()
    finally:
        db.session.rollback()


class PeriodicJob(CronJob):
    """A job that stands in our queue, not in one that RQ makes for it and that holds pickles."""

    def enqueue(self, connection: Redis) -> Job:
        assert self.func is not None, "RQ's type allows for jobs that are only looked at"
        return queue(connection).enqueue(self.func, **self.job_options)


class AppScheduler(CronScheduler):
    """RQ's scheduler; `is_done` tells whether it ended because it was asked to."""

    is_done = False

    def every(self, seconds: int, function: Callable[..., None]) -> None:
        """Enqueue the function each time that so many seconds have gone by."""
        self.get_jobs().append(
            PeriodicJob(
                NAME,
                function,
                interval=seconds,
                job_timeout=JOB_SECONDS,
                result_ttl=0,
                failure_ttl=HOUR,
                # A job that waited while no worker ran is outdated.
                ttl=seconds * 4,
            )
        )

    def _request_stop(self, signum: int, frame: object) -> None:
        self.is_done = True
        super()._request_stop(signum, frame)  # type: ignore[no-untyped-call] # RQ left it untyped

    def register_death(self, pipeline: object = None) -> None:
        """Leave the registry; who can't is dropped from it when its time is up."""
        try:
            super().register_death()
        except RedisError as error:
            log.debug("scheduler.unheard", error=type(error).__name__)


def scheduler() -> AppScheduler:
    """Return RQ's scheduler with our jobs; it needs nothing in Redis after a restart."""
    cron = AppScheduler(redis_server.queue)
    cron.every(SWEEP_SECONDS, sweep)
    cron.every(NIGHT_SECONDS, drift.compare_nightly)
    cron.every(NIGHT_SECONDS, backup.make_nightly)
    cron.every(NIGHT_SECONDS, retention.sweep)
    cron.every(CHANGES_SECONDS, event.enqueue_all)
    cron.every(settings().feed_seconds, feed.enqueue_all)
    cron.every(CATALOGUE_SECONDS, catalogue.enqueue_all)
    cron.every(PROOF_SECONDS, connection.enqueue_all)
    cron.every(HOUR, launch.forget_used)
    cron.every(HOUR, preview.forget_old)
    cron.every(HOUR, backup.forget_old)
    return cron
