"""`flask worker` and `flask scheduler`: the processes beside the web."""

from __future__ import annotations

import click
from flask import Flask, current_app
from flask.cli import with_appcontext
from structlog import get_logger

from spotler_plugin.extensions import redis_server
from spotler_plugin.jobs.queue import AppWorker, queue
from spotler_plugin.jobs.schedule import scheduler as clock_of_jobs

# Short intervals, so that RQ notices a dead worker soon; the sweeper enqueues its work again.
MONITORING_SECONDS = 5
WORKER_TTL = 20

log = get_logger()


@click.command("worker")
@click.option("--burst", is_flag=True, help="Stop when the queue is empty.")
@with_appcontext
def worker(burst: bool) -> None:
    """Run a worker; start as many as the machine has room for."""
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined] # the proxy's own way
    rq_worker = AppWorker(
        [queue()],
        connection=redis_server.queue,
        worker_ttl=WORKER_TTL,
        job_monitoring_interval=MONITORING_SECONDS,
        maintenance_interval=MONITORING_SECONDS,
    )
    rq_worker.app = app
    log.info("worker.started", worker=rq_worker.name)
    rq_worker.work(burst=burst)
    log.info("worker.stopped", worker=rq_worker.name)


@click.command("scheduler")
@with_appcontext
def scheduler() -> None:
    """Run the scheduler of periodic jobs; one is enough, a second does no harm."""
    clock = clock_of_jobs()
    log.info("scheduler.started", scheduler=clock.name)
    clock.start()  # type: ignore[no-untyped-call] # RQ left this one untyped
    log.info("scheduler.stopped", scheduler=clock.name)
