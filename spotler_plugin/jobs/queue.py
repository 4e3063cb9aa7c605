"""The queue, and a worker that gives each job the application.

A job only says that there is work; the work itself is a row that was committed before. So a lost,
duplicate or late job changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from inspect import signature
from typing import Any, cast
from uuid import uuid4

from flask import Flask
from redis import Redis
from redis.exceptions import RedisError
from rq import Queue, Worker
from rq.exceptions import DeserializationError
from rq.executions import Execution
from rq.job import Job
from structlog import get_logger
from structlog.contextvars import bound_contextvars

from spotler_plugin.extensions import db, redis_server

NAME = "spotler"
"""One queue: a worker that listens on two can lose a job when it dies (measured.md)."""

JOB_SECONDS = 120
"""A job that takes longer hangs: a turn lasts some seconds, each call at most 24."""

WAITS_SECONDS = 60
"""After this a job that was enqueued `once` is taken for lost, and may be enqueued again. If it was
not lost, one of the two ends when it finds the other waiting."""

FIRST = "first-"
"""Prefix of the id of a job that was put at the front."""

log = get_logger()


def queue(connection: Redis | None = None) -> Queue:
    return Queue(NAME, connection=connection or redis_server.queue, default_timeout=JOB_SECONDS)


def enqueue(
    function: Callable[..., None], *arguments: Any, first: bool = False, once: bool = False
) -> None:
    """Enqueue a job: `first` puts it at the front, `once` does nothing while the same job waits.

    Without Redis nothing is lost: the row is committed, and the sweeper enqueues it again.
    """
    try:
        if once and not redis_server.queue.set(
            _key(function, arguments), 1, nx=True, ex=WAITS_SECONDS
        ):
            return
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


def has_urgent_job() -> bool:
    """Return whether a job that was put at the front waits for a worker."""
    try:
        front = redis_server.queue.lindex(f"{Queue.redis_queue_namespace_prefix}{NAME}", 0)
    except RedisError:
        return False
    return front is not None and cast(bytes, front).startswith(FIRST.encode())


def note_taken(function: Callable[..., None], *arguments: Any) -> None:
    """Record that a worker took a job enqueued `once`, so that it may be enqueued again."""
    try:
        redis_server.queue.delete(_key(function, arguments))
    except RedisError as error:
        log.warning("queue.unreachable", function=function.__name__, error=type(error).__name__)


def _key(function: Callable[..., None], arguments: tuple[Any, ...]) -> str:
    parts = (NAME, "once", function.__module__, function.__name__, *arguments)
    return ":".join(str(part) for part in parts)


class AppWorker(Worker):
    """RQ's forking worker; the application is loaded before the fork."""

    app: Flask

    def main_work_horse(self, job: Job, queue: Queue) -> None:
        with self.app.app_context():
            # Connections of the parent must not be used, nor closed, by the child.
            db.engine.dispose(close=False)
        super().main_work_horse(job, queue)

    def perform_job(self, job: Job, queue: Queue, execution: Execution) -> bool:
        with self.app.app_context(), bound_contextvars(job=job.id, **_ids(job)):
            return super().perform_job(job, queue, execution)

    def handle_exception(self, job: Job, *exc_info: Any) -> None:
        """Log where it went wrong; RQ's own line quotes the message, which may hold a name."""
        log.error("job.failed", exc_info=exc_info)


def _ids(job: Job) -> dict[str, Any]:
    """Return what the job is about, by the names of its arguments: `run_id` becomes `run`."""
    try:
        names = signature(job.func).parameters
        arguments = zip(names, job.args, strict=False)
        ids = {name.removesuffix("_id"): id for name, id in arguments if name.endswith("_id")}
    except (DeserializationError, ImportError, AttributeError, ValueError):
        # Happens with a job of another version of the plugin; it is going to fail.
        return {}
    return {"task": job.func_name} | {
        name: id if isinstance(id, int) else str(id) for name, id in ids.items()
    }
