"""An environment whose CRM is slow gets one worker at a time; the others are for everybody else."""

from __future__ import annotations

from contextlib import ExitStack

import pytest

from demo.crm.faults import Fault
from demo.crm.server import DemoCrm
from spotler_plugin.extensions import redis_server
from spotler_plugin.jobs import run as jobs
from spotler_plugin.jobs import share as shares
from spotler_plugin.jobs.share import share
from spotler_plugin.models import Environment, RunState
from tests.jobs.test_run import click, state, waiting, work


@pytest.fixture
def slow(acme: Environment, monkeypatch: pytest.MonkeyPatch) -> Environment:
    """One whose last turn lasted too long."""
    with monkeypatch.context() as patch:
        patch.setattr(shares, "LONG_SECONDS", -1)
        with share(acme.id) as admitted:
            assert admitted
    return acme


def test_who_is_quick_has_all_workers(acme: Environment) -> None:
    with ExitStack() as workers:
        assert all(workers.enter_context(share(acme.id)) for _ in range(3))


def test_who_is_slow_has_one_worker_and_others_have_the_rest(
    slow: Environment, bolt: Environment
) -> None:
    with share(slow.id) as first, share(slow.id) as second, share(bolt.id) as other:
        assert (first, second, other) == (True, False, True)
    with share(slow.id) as next_one:
        assert next_one


def test_a_job_beyond_the_share_ends_and_is_enqueued_again(
    slow: Environment, bolt: Environment, crm: DemoCrm
) -> None:
    contact_id = crm.data.contacts.ids("")[0]
    held, free = click(slow, contact_id), click(bolt, contact_id)
    with share(slow.id):
        work(100)
        assert (state(held), state(free)) == (RunState.OPEN, RunState.FINISHED)
        assert waiting() == []
    jobs.start(held)
    work(100)
    assert state(held) is RunState.FINISHED


def test_a_crm_that_is_slow_makes_its_environment_slow(
    acme: Environment, bolt: Environment, crm: DemoCrm, monkeypatch: pytest.MonkeyPatch
) -> None:
    seconds = 0.5
    monkeypatch.setattr(shares, "LONG_SECONDS", seconds)
    crm.data.faults.add(Fault("slow", calls=1, seconds=seconds))
    click(acme, crm.data.contacts.ids("")[0])
    work()
    with share(acme.id) as first, share(acme.id) as second:
        assert (first, second) == (True, False)


def test_a_place_is_given_back_by_a_job_that_fails(slow: Environment) -> None:
    with pytest.raises(ZeroDivisionError), share(slow.id):
        raise ZeroDivisionError
    with share(slow.id) as admitted:
        assert admitted


def test_nobody_is_slow_for_ever_and_a_dead_worker_keeps_no_place(slow: Environment) -> None:
    with share(slow.id):
        lasting = [redis_server.queue.ttl(key) for key in redis_server.queue.keys("*share*")]
    assert len(lasting) == 2
    assert all(0 < each <= 120 for each in lasting)


def test_without_redis_a_worker_goes_on(slow: Environment) -> None:
    redis_server.connect("unix:///nowhere")
    with share(slow.id) as first, share(slow.id) as second:
        assert (first, second) == (True, True)
