"""`flask worker` and `flask scheduler`: the processes beside the web.

Both wait while Redis is away or takes no writes, and go on by themselves: systemd would give up
on a process that ends a few times in a row.
"""

from __future__ import annotations

import signal
import time
from collections.abc import Callable
from itertools import chain, repeat
from types import FrameType

import click
from flask import Flask, current_app
from flask.cli import with_appcontext
from redis.exceptions import RedisError
from rq.exceptions import StopRequested
from structlog import get_logger

from spotler_plugin.commands.guard import GuardedProcess
from spotler_plugin.extensions import redis_server
from spotler_plugin.jobs.queue.worker import AppWorker
from spotler_plugin.jobs.schedule import scheduler as clock_of_jobs
from spotler_plugin.services.readiness.stores import start_trouble
from spotler_plugin.version import VERSION

LONGEST_PAUSE = 5.0
"""Seconds between two looks at Redis."""

log = get_logger()

Sleep = Callable[[float], None]


@click.command("worker", cls=GuardedProcess)
@click.option("--burst", is_flag=True, help="Stop when the queue is empty.")
@with_appcontext
def worker(burst: bool) -> None:
    """Run a worker; start as many as the machine has room for."""
    _refuse_to_start()
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined] # the proxy's own way
    keep_going("worker", lambda: _work(app, burst))


@click.command("scheduler", cls=GuardedProcess)
@with_appcontext
def scheduler() -> None:
    """Run the scheduler of periodic jobs; one is enough, a second does no harm."""
    _refuse_to_start()
    keep_going("scheduler", _schedule)


def _refuse_to_start() -> None:
    """End where starting makes no sense; what may pass by itself is waited for."""
    trouble = start_trouble()
    if trouble is not None:
        raise click.ClickException(f"Cannot start: {trouble}")


def keep_going(what: str, attempt: Callable[[], bool], sleep: Sleep = time.sleep) -> None:
    """Attempt until that says it is done, and wait before each for a Redis that takes writes."""
    pauses = _pauses()
    _stop_on_signals()
    try:
        while True:
            wait_for_redis(what, sleep)
            try:
                if attempt():
                    break
                log.warning(f"{what}.interrupted")
            except RedisError as error:
                log.warning(f"{what}.interrupted", error=type(error).__name__)
            # RQ's own handlers are for the time in which it works.
            _stop_on_signals()
            # Redis may look well and refuse what is larger than a look: do not spin.
            sleep(next(pauses))
    except StopRequested:
        log.debug(f"{what}.stopped_waiting")
    log.info(f"{what}.stopped")


def _stop_on_signals() -> None:
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _stop)


def _stop(_number: int, _frame: FrameType | None) -> None:
    raise StopRequested


def wait_for_redis(what: str, sleep: Sleep) -> None:
    """Return once Redis takes a write. Says when it has to wait, and when it goes on."""
    trouble = _trouble()
    if trouble is None:
        return
    log.warning(f"{what}.waits", error=type(trouble).__name__)
    pauses = _pauses()
    while trouble is not None:
        sleep(next(pauses))
        trouble = _trouble()
    log.info(f"{what}.continues")


def _work(app: Flask, burst: bool) -> bool:
    worker = AppWorker(app)
    log.info("worker.started", worker=worker.name, version=VERSION)
    worker.work(burst=burst)
    return worker.is_done


def _schedule() -> bool:
    clock = clock_of_jobs()
    log.info("scheduler.started", scheduler=clock.name, version=VERSION)
    clock.start()  # type: ignore[no-untyped-call] # RQ left this one untyped
    return clock.is_done


def _trouble() -> RedisError | None:
    try:
        redis_server.check()
    except RedisError as error:
        return error
    return None


def _pauses() -> chain[float]:
    return chain((0.5, 1.0, 2.0), repeat(LONGEST_PAUSE))
