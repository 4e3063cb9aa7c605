"""An environment never has all workers, so that others are not kept waiting by its CRM."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from uuid import UUID

import pytest
import time_machine
from flask import Flask

from demo.crm.server import DemoCrm
from spotler_plugin.extensions import db, redis_server
from spotler_plugin.jobs.queue.enqueue import queue
from spotler_plugin.jobs.queue.share import PLACE_SECONDS, keep_place, place, put_aside
from spotler_plugin.jobs.queue.worker import AppWorker
from spotler_plugin.models import Environment, RunState
from tests.jobs.test_run import click, large_run, state, waiting, work

WORKERS = 3


@pytest.fixture(autouse=True)
def workers(app: Flask) -> None:
    for _ in range(WORKERS):
        AppWorker(app).register_birth()  # type: ignore[no-untyped-call] # RQ left this one untyped


@contextmanager
def working(environment: Environment, *jobs: str) -> Iterator[list[bool]]:
    """So many workers that take a job of the environment; whether one was left for each."""
    with ExitStack() as stack:
        yield [stack.enter_context(place(environment.id, each)) for each in jobs]


@contextmanager
def all_but_one(app: Flask, environment: Environment) -> Iterator[None]:
    """All workers are at work for the environment; `work` starts one more."""
    last = AppWorker(app)
    last.register_birth()  # type: ignore[no-untyped-call] # RQ left this one untyped
    with working(environment, "a", "b", "c") as admitted:
        assert all(admitted)
        last.register_death()
        yield


def finished(*runs: UUID) -> list[bool]:
    return [state(each) is RunState.FINISHED for each in runs]


@pytest.fixture
def people(crm: DemoCrm) -> list[str]:
    return list(crm.data.contacts.ids(""))


def test_the_last_worker_is_for_others(acme: Environment, bolt: Environment) -> None:
    with working(acme, "a", "b", "c") as admitted, working(bolt, "d") as others:
        assert admitted == [True, True, False]
        assert others == [True]


def test_who_is_alone_has_all_workers(acme: Environment) -> None:
    with working(acme, "a", "b", "c", "d") as admitted:
        assert all(admitted)


def test_a_single_worker_is_for_everybody(
    acme: Environment, bolt: Environment, people: list[str]
) -> None:
    redis_server.queue.flushdb()
    mine, theirs = click(acme, people[0]), click(bolt, people[0])
    work(10)
    assert finished(mine, theirs) == [True, True]


def test_what_finds_no_worker_left_is_enqueued_by_the_next_that_leaves(
    app: Flask, acme: Environment, bolt: Environment, people: list[str]
) -> None:
    mine, theirs = click(acme, people[0]), click(bolt, people[0])
    with all_but_one(app, acme):
        work(10)
        assert finished(mine, theirs) == [False, True]
        assert queue().count == 0
    assert waiting() == [(mine, 0)]
    work(10)
    assert finished(mine) == [True]


def test_what_was_put_aside_keeps_its_turn(
    app: Flask, acme: Environment, bolt: Environment, people: list[str]
) -> None:
    first, second = click(acme, people[0]), click(acme, people[1])
    with all_but_one(app, acme):
        work(10)
        other = click(bolt, people[0])
        background = large_run(bolt)
    # They were a person's, and go to the front again, behind who came there meanwhile.
    waits = [run for run, _slot in waiting()]
    assert waits[0] == other and set(waits[1:3]) == {first, second}
    assert set(waits[3:]) == {background}


def test_nothing_stays_aside_when_all_left_meanwhile(app: Flask) -> None:
    put_aside("spotler_plugin.jobs.run.advance", [1, "run", 0], first=False)
    assert queue().count == 1
    with place(1, "a"):
        put_aside("spotler_plugin.jobs.run.advance", [1, "run", 0], first=False)
        assert queue().count == 1
    assert queue().count == 2


def test_a_job_that_fails_gives_its_place_back(acme: Environment, bolt: Environment) -> None:
    for _ in range(WORKERS):
        with pytest.raises(ZeroDivisionError), place(acme.id, "a"):
            raise ZeroDivisionError
    with working(acme, "b", "c") as admitted:
        assert all(admitted)


def test_a_worker_that_died_is_not_counted_for_long(acme: Environment, bolt: Environment) -> None:
    with time_machine.travel("2026-11-25T12:00:00Z", tick=False) as clock:
        dead = place(acme.id, "dead")
        dead.__enter__()
        with place(acme.id, "alive"):
            assert places(acme) == 2
            clock.shift(PLACE_SECONDS - 1)
            keep_place(acme.id, "alive")
            clock.shift(2)
            with place(acme.id, "next") as admitted:
                assert admitted and places(acme) == 2


def places(environment: Environment) -> int:
    return redis_server.queue.zcard(f"spotler_plugin:share:places:{environment.id}")


@pytest.mark.parametrize("junk", [b"", b"\xff", b"7", b"[1, 2, 3]", b'["os.mkdir", ["/x"], true]'])
def test_what_is_not_ours_is_not_enqueued(
    acme: Environment, bolt: Environment, junk: bytes
) -> None:
    redis_server.queue.rpush(f"spotler_plugin:share:aside:{acme.id}", junk)
    with working(acme, "a"):
        pass
    assert queue().count == 0


def test_without_redis_a_worker_goes_on(acme: Environment, bolt: Environment) -> None:
    redis_server.connect("unix:///nowhere")
    with working(acme, "a", "b", "c") as admitted:
        assert all(admitted)
    db.session.rollback()
