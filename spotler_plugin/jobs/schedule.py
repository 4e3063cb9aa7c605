"""What runs by the clock."""

from __future__ import annotations

from rq.cron import CronScheduler

from spotler_plugin.config import settings
from spotler_plugin.extensions import redis_server
from spotler_plugin.jobs import feed, launch, preview, run
from spotler_plugin.jobs.queue import JOB_SECONDS, NAME

SWEEP_SECONDS = 5
HOUR = 3600


def scheduler() -> CronScheduler:
    """RQ's own scheduler with our table; it keeps nothing in Redis that it needs back."""
    cron = CronScheduler(redis_server.queue)
    table = (
        (run.sweep, SWEEP_SECONDS),
        (preview.sweep, SWEEP_SECONDS),
        (feed.enqueue_all, settings().feed_seconds),
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
            # One that waited through a pause of the workers is worth nothing any more.
            ttl=seconds * 4,
        )
    return cron
