"""The periodic jobs."""

from __future__ import annotations

from rq.cron import CronScheduler

from spotler_plugin.config import settings
from spotler_plugin.extensions import redis_server
from spotler_plugin.jobs import catalogue, feed, launch, preview, run
from spotler_plugin.jobs.queue import JOB_SECONDS, NAME

SWEEP_SECONDS = 5
CATALOGUE_SECONDS = 60
"""How often to look which catalogues are due; each is read once an hour."""
HOUR = 3600


def scheduler() -> CronScheduler:
    """Return RQ's scheduler with our jobs; it needs nothing in Redis after a restart."""
    cron = CronScheduler(redis_server.queue)
    table = (
        (run.sweep, SWEEP_SECONDS),
        (preview.sweep, SWEEP_SECONDS),
        (feed.enqueue_all, settings().feed_seconds),
        (catalogue.enqueue_all, CATALOGUE_SECONDS),
        (launch.forget_used, HOUR),
        (preview.forget_old, HOUR),
    )
    for function, seconds in table:
        cron.register(
            function,
            NAME,
            interval=seconds,
            job_timeout=JOB_SECONDS,
            result_ttl=0,
            failure_ttl=HOUR,
            # A job that waited while no worker ran is outdated.
            ttl=seconds * 4,
        )
    return cron
