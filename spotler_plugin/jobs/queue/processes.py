"""Heartbeats of workers and scheduler, from RQ's own registries."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta

from redis import Redis
from redis.exceptions import RedisError
from rq import Worker, cron_scheduler_registry
from rq.cron import CronScheduler
from rq.exceptions import SchedulerNotFound

from spotler_plugin.extensions import redis_server
from spotler_plugin.jobs.queue.enqueue import NAME, queue
from spotler_plugin.services.health.findings import Processes

ALIVE = timedelta(seconds=30)
"""Heartbeats come every five seconds; a killed process stays in the registry."""

FOREIGN = (ValueError, TypeError, AttributeError, OverflowError, SchedulerNotFound)
"""What RQ raises of an entry that no RQ wrote, or that is gone."""


def seen() -> Processes | None:
    """Return who is alive and how many jobs wait, or None when Redis cannot be reached."""
    # This connection gives up after a second: somebody is looking at a screen.
    redis = redis_server.quick
    ours = queue(redis)
    try:
        workers = _signs(lambda: Worker.all_keys(queue=ours), lambda key: _worker(redis, key))
        schedulers = _signs(
            lambda: cron_scheduler_registry.get_keys(redis), lambda name: _scheduler(redis, name)
        )
        return Processes(
            workers=len(_alive(workers)),
            scheduler_at=max(_alive(schedulers), default=None),
            jobs=ours.count,
        )
    except RedisError:
        return None


def _signs(
    names: Callable[[], Iterable[str]], read: Callable[[str], datetime | None]
) -> Iterator[datetime]:
    """Yield the heartbeats of a registry; an entry that is not ours is passed over."""
    with suppress(*FOREIGN):
        for name in names():
            with suppress(*FOREIGN):
                if sign := read(name):
                    yield sign


def _worker(redis: Redis, key: str) -> datetime | None:
    found = Worker.find_by_key(key, redis)
    return found.last_heartbeat if found else None


def _scheduler(redis: Redis, name: str) -> datetime | None:
    """Return the heartbeat of a scheduler of our queue; others may use the same Redis."""
    found = CronScheduler.fetch(name, redis)
    ours = any(job.queue_name == NAME for job in found.get_jobs())
    return found.last_heartbeat if ours else None


def _alive(signs: Iterable[datetime]) -> list[datetime]:
    since = datetime.now(UTC) - ALIVE
    return [sign for sign in signs if sign > since]
