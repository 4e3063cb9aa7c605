"""Heartbeats of workers and scheduler, from RQ's own registries."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from redis import Redis
from redis.exceptions import RedisError
from rq import Worker
from rq.cron import CronScheduler

from spotler_plugin.extensions import redis_server
from spotler_plugin.jobs.queue import NAME, queue
from spotler_plugin.services.health.findings import Processes

ALIVE = timedelta(seconds=30)
"""Heartbeats come every five seconds; a killed process stays in the registry."""


def seen() -> Processes | None:
    """Return who is alive and how many jobs wait, or None when Redis cannot be reached."""
    # This connection gives up after a second: somebody is looking at a screen.
    redis = redis_server.quick
    ours = queue(redis)
    try:
        workers = [worker.last_heartbeat for worker in Worker.all(queue=ours)]
        return Processes(
            workers=len(_alive(workers)),
            scheduler_at=max(_alive(_schedulers(redis)), default=None),
            jobs=ours.count,
        )
    except RedisError:
        return None


def _schedulers(redis: Redis) -> Iterable[datetime | None]:
    """Yield the heartbeats of schedulers of our queue; others may use the same Redis."""
    for scheduler in CronScheduler.all(redis, cleanup=False):
        if any(job.queue_name == NAME for job in scheduler.get_jobs()):
            yield scheduler.last_heartbeat


def _alive(signs: Iterable[datetime | None]) -> list[datetime]:
    since = datetime.now(UTC) - ALIVE
    return [sign for sign in signs if sign is not None and sign > since]
