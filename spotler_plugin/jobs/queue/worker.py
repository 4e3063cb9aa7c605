"""A worker that gives each job the application, and outlives a Redis that is away or full."""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable
from inspect import signature
from types import FrameType
from typing import Any

from flask import Flask
from redis.client import Pipeline
from redis.exceptions import RedisError
from rq import Queue, Worker
from rq.exceptions import DeserializationError
from rq.executions import Execution
from rq.job import Job
from rq.serializers import JSONSerializer
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import configure_mappers
from structlog import get_logger
from structlog.contextvars import bound_contextvars

from spotler_plugin.extensions import db, redis_server
from spotler_plugin.jobs.queue.enqueue import AppQueue, queue
from spotler_plugin.jobs.queue.registry import AppJob, NotOurs
from spotler_plugin.jobs.queue.share import keep_place
from spotler_plugin.trouble import trouble_of

# Short intervals, so that RQ notices a dead worker soon; the sweeper enqueues its work again.
MONITORING_SECONDS = 5
WORKER_TTL = 20

SWITCH_SECONDS = 0.0005
"""A tenth of Python's own: the thread that makes a call has to go on a dozen times in it, while the
other one prepares the next."""

log = get_logger()


class AppWorker(Worker):
    """RQ's forking worker; the application is loaded before the fork.

    RQ's loop ends at the first trouble with Redis, and says neither that nor why. `is_done` tells
    whether that was meant: otherwise another worker is to go on (`commands/work`).
    """

    queue_class = AppQueue
    job_class = AppJob

    def __init__(self, app: Flask) -> None:
        """Raises RedisError: RQ asks Redis which address it sees."""
        super().__init__(
            [queue()],
            connection=redis_server.queue,
            serializer=JSONSerializer,
            worker_ttl=WORKER_TTL,
            job_monitoring_interval=MONITORING_SECONDS,
            maintenance_interval=MONITORING_SECONDS,
        )
        self.app = app
        self.is_done = False
        # Else each job does it anew, in the process that is forked for it; and goes over all that
        # was loaded before, whenever it looks for garbage.
        configure_mappers()
        gc.freeze()
        sys.setswitchinterval(SWITCH_SECONDS)

    def subscribe(self) -> None:
        """Do not: who can write to Redis is not to stop workers and jobs."""

    def request_stop(self, signum: int, frame: FrameType | None) -> None:
        self.is_done = True
        super().request_stop(signum, frame)  # type: ignore[no-untyped-call] # RQ left it untyped

    def set_shutdown_requested_date(self) -> None:
        """Tell Redis, if it listens: a worker stops all the same."""
        self._try(super().set_shutdown_requested_date)

    def dequeue_job_and_maintain_ttl(
        self, timeout: int | None, max_idle_time: int | None = None
    ) -> tuple[Job, Queue] | None:
        found = super().dequeue_job_and_maintain_ttl(timeout, max_idle_time)
        # RQ waits for ever, but in a burst.
        self.is_done = found is None
        return found

    def run_maintenance_tasks(self) -> None:
        self._try(super().run_maintenance_tasks)

    def heartbeat(self, timeout: int | None = None, pipeline: Pipeline | None = None) -> None:
        self._try(super().heartbeat, timeout, pipeline)

    def maintain_heartbeats(self, job: Job, execution: Execution) -> None:
        """Go on with the job when Redis does not take the sign of life: its work is elsewhere."""
        self._try(super().maintain_heartbeats, job, execution)
        owner = _ids(job).get("environment")
        if isinstance(owner, int):
            self._try(keep_place, owner, job.id)

    def register_death(self) -> None:
        """Leave the registry; who can't is dropped from it when its time is up."""
        self._try(super().register_death)

    def main_work_horse(self, job: Job, queue: Queue) -> None:
        with self.app.app_context():
            # Connections of the parent must not be used, nor closed, by the child.
            db.engine.dispose(close=False)
        super().main_work_horse(job, queue)

    def perform_job(self, job: Job, queue: Queue, execution: Execution) -> bool:
        with self.app.app_context(), bound_contextvars(job=job.id, **_ids(job)):
            return super().perform_job(job, queue, execution)

    def handle_exception(self, job: Job, *exc_info: Any) -> None:
        """Log where it went wrong; RQ's own line quotes the message, which may hold a name.

        Where the database cannot work it did not go wrong with us: why is told, once a job.
        """
        error = exc_info[1]
        trouble = trouble_of(error) if isinstance(error, SQLAlchemyError) else None
        if trouble is None:
            log.error("job.failed", exc_info=exc_info)
        else:
            log.error("database.trouble", trouble=trouble, error=type(error).__name__)

    def handle_job_failure(
        self,
        job: Job,
        queue: Queue,
        started_job_registry: Any = None,
        exc_string: str = "",
        execution: Execution | None = None,
    ) -> None:
        """Keep no message in Redis, for the same reason."""
        super().handle_job_failure(job, queue, started_job_registry, "", execution)

    @staticmethod
    def _try(tell: Callable[..., None], *arguments: Any) -> None:
        """Tell Redis something that it may miss."""
        try:
            tell(*arguments)
        except RedisError as error:
            log.debug("worker.unheard", error=type(error).__name__)


def _ids(job: Job) -> dict[str, Any]:
    """Return what the job is about, by the names of its arguments: `run_id` becomes `run`."""
    try:
        names = signature(job.func).parameters
        arguments = zip(names, job.args, strict=False)
        ids = {name.removesuffix("_id"): id for name, id in arguments if name.endswith("_id")}
    except (DeserializationError, NotOurs, TypeError):
        # It is going to fail: it comes from another version of the plugin, or not from us.
        return {}
    return {"task": job.func_name} | {
        name: id if isinstance(id, int) else str(id) for name, id in ids.items()
    }
