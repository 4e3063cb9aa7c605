"""An environment never has all workers: the last one is for the others.

A turn is over in seconds, but one that waits for a slow CRM or Spotler lasts up to the limit of
its calls, and the saves of a few people are enough to make all workers wait. A job that finds no
worker left for its environment is put aside; the next that leaves enqueues it again. Were that
worker to die first, the sweeper does.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import wraps
from typing import cast

from redis.exceptions import RedisError
from rq import Worker, get_current_job
from structlog import get_logger

from spotler_plugin.extensions import REDIS_PREFIX, redis_server, snapshot
from spotler_plugin.jobs.queue.enqueue import FIRST, enqueue, note_taken, queue
from spotler_plugin.jobs.queue.registry import JOBS
from spotler_plugin.services.environment import has_neighbours

PLACE_SECONDS = 20
"""How long a worker counts after its last sign of life."""

ASIDE_SECONDS = 60
"""By then the sweeper has enqueued again what was put aside."""

log = get_logger()


def in_its_share(job: Callable[..., None]) -> Callable[..., None]:
    """Run a job, whose first argument is an environment's id, while a worker is left for it."""

    @wraps(job)
    def run(environment_id: int, *arguments: str | int) -> None:
        note_taken(job, environment_id, *arguments)
        current = get_current_job()
        if current is None:
            return job(environment_id, *arguments)
        with place(environment_id, current.id) as admitted:
            if admitted:
                return job(environment_id, *arguments)
        first = current.id.startswith(FIRST)
        return put_aside(str(current.func_name), [environment_id, *arguments], first=first)

    return run


@contextmanager
def place(environment_id: int, job_id: str) -> Iterator[bool]:
    """Take one of the environment's workers; yield whether one was left."""
    if not _enter(environment_id, job_id):
        yield False
        return
    try:
        yield True
    finally:
        _leave(environment_id, job_id)


def keep_place(environment_id: int, job_id: str) -> None:
    """Record that the job's worker lives. Raises RedisError."""
    with redis_server.queue.pipeline() as pipe:
        pipe.zadd(_key("places", environment_id), {job_id: _until()}, xx=True)
        pipe.expire(_key("places", environment_id), PLACE_SECONDS)
        pipe.execute()


def put_aside(function: str, arguments: Sequence[str | int], *, first: bool) -> None:
    """Keep a job of the environment that its first argument names, until a worker leaves it."""
    environment_id = int(arguments[0])
    aside = _key("aside", environment_id)
    try:
        with redis_server.queue.pipeline() as pipe:
            pipe.rpush(aside, json.dumps([function, arguments, first]))
            pipe.expire(aside, ASIDE_SECONDS)
            pipe.zcard(_key("places", environment_id))
            workers = pipe.execute()[-1]
        if not workers:
            # They left just before, and did not see it.
            _take_up(environment_id)
    except RedisError as error:
        log.warning("queue.unreachable", error=type(error).__name__)


def has_put_aside(environment_id: int) -> bool:
    """Return whether a job waits until a worker leaves the environment, or Redis does not say."""
    try:
        return bool(redis_server.queue.exists(_key("aside", environment_id)))
    except RedisError:
        return True


def _enter(environment_id: int, job_id: str) -> bool:
    places = _key("places", environment_id)
    try:
        share = max(1, Worker.count(queue=queue()) - 1)
        with redis_server.queue.pipeline() as pipe:
            pipe.zremrangebyscore(places, "-inf", time.time())
            pipe.zadd(places, {job_id: _until()})
            pipe.expire(places, PLACE_SECONDS)
            pipe.zcard(places)
            taken = pipe.execute()[-1]
        if taken <= share or _is_alone(environment_id):
            return True
        redis_server.queue.zrem(places, job_id)
    except RedisError as error:
        # The work is in the database, and Redis only told us of it.
        log.warning("queue.unreachable", error=type(error).__name__)
        return True
    return False


def _is_alone(environment_id: int) -> bool:
    with snapshot():
        alone = not has_neighbours(environment_id)
    return alone


def _leave(environment_id: int, job_id: str) -> None:
    try:
        redis_server.queue.zrem(_key("places", environment_id), job_id)
        _take_up(environment_id)
    except RedisError as error:
        log.warning("queue.unreachable", error=type(error).__name__)


def _take_up(environment_id: int) -> None:
    """Enqueue what was put aside first. Raises RedisError."""
    found = redis_server.queue.lpop(_key("aside", environment_id))
    if found is None:
        return
    try:
        function, arguments, first = json.loads(cast(bytes, found))
        enqueue(JOBS[function], *arguments, first=first)
    except (ValueError, TypeError, KeyError) as error:
        # It was put there by another version of the plugin, or not by us.
        log.warning("queue.unknown", error=type(error).__name__)


def _until() -> float:
    return time.time() + PLACE_SECONDS


def _key(what: str, environment_id: int) -> str:
    return f"{REDIS_PREFIX}share:{what}:{environment_id}"
