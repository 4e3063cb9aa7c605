"""An environment whose CRM or Spotler is slow gets one worker at a time.

A turn is over in seconds, so that all environments get theirs. One that waits for calls lasts up
to the calls' limit, and a large run takes as many workers as it has slots: a slow CRM would hold
them all. A job that finds its environment's worker busy ends; the sweeper enqueues it again.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps

from redis.exceptions import RedisError
from structlog import get_logger

from spotler_plugin.extensions import REDIS_PREFIX, redis_server
from spotler_plugin.jobs.queue import JOB_SECONDS, note_taken

LONG_SECONDS = 10.0
"""A job that lasts longer waited: a turn of work is half as long (`sync/advance`)."""

SLOW_SECONDS = 60
"""How long an environment counts as slow after that."""

log = get_logger()


def in_its_share(job: Callable[..., None]) -> Callable[..., None]:
    """Run a job, whose first argument is an environment's id, when its share has a worker left."""

    @wraps(job)
    def run(environment_id: int, *arguments: str | int) -> None:
        note_taken(job, environment_id, *arguments)
        with share(environment_id) as admitted:
            if admitted:
                job(environment_id, *arguments)

    return run


@contextmanager
def share(environment_id: int) -> Iterator[bool]:
    """Yield whether this worker may work for the environment, and take the time that it does."""
    is_slow, admitted = _admit(environment_id)
    started = time.monotonic()
    try:
        yield admitted
    finally:
        if admitted:
            _leave(environment_id, is_slow, time.monotonic() - started)


def _admit(environment_id: int) -> tuple[bool, bool]:
    """Return whether the environment is slow, and whether a worker is free for it."""
    redis = redis_server.queue
    try:
        if not redis.exists(_key("slow", environment_id)):
            return False, True
        # A worker that dies keeps its place for as long as a job may last.
        place = redis.set(_key("place", environment_id), 1, nx=True, ex=JOB_SECONDS)
    except RedisError:
        return False, True
    return True, bool(place)


def _leave(environment_id: int, is_slow: bool, seconds: float) -> None:
    redis = redis_server.queue
    try:
        if is_slow:
            redis.delete(_key("place", environment_id))
        if seconds > LONG_SECONDS:
            redis.set(_key("slow", environment_id), 1, ex=SLOW_SECONDS)
            log.info("environment.slow", environment=environment_id, seconds=round(seconds))
    except RedisError as error:
        log.warning("queue.unreachable", error=type(error).__name__)


def _key(what: str, environment_id: int) -> str:
    return f"{REDIS_PREFIX}share:{what}:{environment_id}"
