"""The queue.

A job only says that there is work; the work itself is a row that was committed before. So a lost,
duplicate or late job changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, cast
from uuid import uuid4

from redis import Redis
from redis.client import Pipeline
from redis.exceptions import RedisError
from rq import Queue
from rq.job import Job
from rq.serializers import JSONSerializer
from structlog import get_logger

from spotler_plugin.extensions import REDIS_PREFIX, redis_server
from spotler_plugin.jobs.queue.registry import AppJob

NAME = "spotler"
"""One queue: a worker that listens on two can lose a job when it dies (measured.md)."""

JOB_SECONDS = 120
"""A job that takes longer hangs: its turns last half a minute at most, each call 24 s."""

WAITS_SECONDS = 60
"""After this a job that was enqueued `once` is taken for lost, and may be enqueued again. If it was
not lost, one of the two ends when it finds the other waiting."""

FIRST = "first-"
"""Prefix of the id of a job that was put at the front."""

log = get_logger()


class Interrupted(Exception):
    """Redis does not do what a waiting worker asks of it."""


_PUSH_FIRST = """
local last
for _, id in ipairs(redis.call("LRANGE", KEYS[1], 0, -1)) do
  if string.sub(id, 1, #ARGV[2]) ~= ARGV[2] then break end
  last = id
end
if last then
  return redis.call("LINSERT", KEYS[1], "AFTER", last, ARGV[1])
end
return redis.call("LPUSH", KEYS[1], ARGV[1])
"""
"""Puts a job behind those that were put at the front before it: who saved first is served first."""


class AppQueue(Queue):
    """A queue on which waiting ends when Redis does; RQ's own waits longer and longer.

    What is put at its front waits there in the order in which it came.
    """

    def push_job_id(
        self, job_id: str, pipeline: Pipeline | None = None, at_front: bool = False
    ) -> None:
        if at_front:
            connection = self.connection if pipeline is None else pipeline
            connection.eval(_PUSH_FIRST, 1, self.key, job_id, FIRST)
        else:
            super().push_job_id(job_id, pipeline)

    @classmethod
    def dequeue_any(cls, *arguments: Any, **named: Any) -> tuple[Job, Queue] | None:
        """As RQ's. Raises Interrupted, which no loop of RQ's catches, instead of RedisError."""
        try:
            return super().dequeue_any(*arguments, **named)
        except RedisError as error:
            raise Interrupted from error


def queue(connection: Redis | None = None) -> Queue:
    # Not RQ's pickle, which runs code when it is read.
    return AppQueue(
        NAME,
        connection=connection or redis_server.queue,
        default_timeout=JOB_SECONDS,
        job_class=AppJob,
        serializer=JSONSerializer,
    )


def enqueue(
    function: Callable[..., None], *arguments: str | int, first: bool = False, once: bool = False
) -> bool:
    """Enqueue a job: `first` puts it at the front, `once` does nothing while the same job waits.

    False without Redis. Nothing is lost then: the row is committed, and the sweeper enqueues it
    again.
    """
    try:
        if once and not redis_server.queue.set(
            _key(function, arguments), 1, nx=True, ex=WAITS_SECONDS
        ):
            return True
        # Redis keeps no results: they are in the database.
        queue().enqueue(
            function,
            *arguments,
            job_id=f"{FIRST if first else ''}{uuid4()}",
            at_front=first,
            result_ttl=0,
            failure_ttl=3600,
        )
    except RedisError as error:
        log.warning("queue.unreachable", function=function.__name__, error=type(error).__name__)
        return False
    return True


def has_urgent_job() -> bool:
    """Return whether a job that was put at the front waits for a worker."""
    try:
        front = redis_server.queue.lindex(f"{Queue.redis_queue_namespace_prefix}{NAME}", 0)
    except RedisError:
        return False
    return front is not None and cast(bytes, front).startswith(FIRST.encode())


def has_job() -> bool:
    """Return whether any job waits for a worker; True too where Redis does not say."""
    try:
        return bool(queue().count)
    except RedisError:
        return True


def note_taken(function: Callable[..., None], *arguments: str | int) -> None:
    """Record that a worker took a job enqueued `once`, so that it may be enqueued again."""
    try:
        redis_server.queue.delete(_key(function, arguments))
    except RedisError as error:
        log.warning("queue.unreachable", function=function.__name__, error=type(error).__name__)


@contextmanager
def kept_back(function: Callable[..., None], *arguments: str | int) -> Iterator[None]:
    """Let nobody enqueue the job `once` while it is done here.

    What was committed meanwhile told no worker: look for it afterwards.
    """
    try:
        redis_server.queue.set(_key(function, arguments), 1, ex=WAITS_SECONDS)
    except RedisError as error:
        log.warning("queue.unreachable", function=function.__name__, error=type(error).__name__)
    try:
        yield
    finally:
        note_taken(function, *arguments)


def _key(function: Callable[..., None], arguments: tuple[str | int, ...]) -> str:
    parts = ("once", function.__module__, function.__name__, *arguments)
    return REDIS_PREFIX + ":".join(str(part) for part in parts)
