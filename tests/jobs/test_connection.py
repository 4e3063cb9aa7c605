"""A refused key is proved again by itself, and what halted goes on where it is right after all."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import time_machine
from flask import Flask
from sqlalchemy import select

from demo.crm.faults import Fault as CrmFault
from spotler_plugin.extensions import db
from spotler_plugin.jobs import connection as jobs
from spotler_plugin.jobs import event as event_jobs
from spotler_plugin.jobs.queue.enqueue import queue
from spotler_plugin.jobs.schedule import scheduler
from spotler_plugin.models import Connection, ConnectionState, Outcome, Run, RunState
from spotler_plugin.planning.reason import Reason
from spotler_plugin.services.account.client import find_connection
from spotler_plugin.services.account.proof import LONGEST_PAUSE, overdue_proofs
from spotler_plugin.services.backup.request import waive_first
from spotler_plugin.services.event.inbox import overdue_inboxes
from tests.world.world import World


def connection(world: World) -> Connection:
    db.session.expire_all()
    row = find_connection(world.environment.id)
    assert row is not None
    return row


def run(run_id: UUID) -> Run:
    db.session.expire_all()
    return db.session.get_one(Run, run_id)


def work(world: World, run_id: UUID) -> None:
    """A worker takes a turn; it waits for no backup."""
    waive_first(world.environment.id)
    db.session.commit()
    world.work(run_id)


def proofs() -> list[int]:
    """The environments whose key a job in the queue proves."""
    found = [queue().fetch_job(id_) for id_ in queue().job_ids]
    name = f"{jobs.__name__}.prove"
    return [each.args[0] for each in found if each is not None and each.func_name == name]


def test_the_clock_knows_the_job(app: Flask) -> None:
    assert f"{jobs.__name__}.enqueue_all" in [job.func_name for job in scheduler().get_jobs()]


def test_one_stray_refusal_ends_nothing(world: World) -> None:
    """Everything stood still until a person tested the key."""
    zoe = world.person("zoe@example.nl")
    run_id = world.ask(zoe)
    world.fault("forbidden", times=1)
    world.work(run_id)
    assert run(run_id).halted_because is Reason.CREDENTIALS_REFUSED
    assert connection(world).state is ConnectionState.REFUSED
    jobs.enqueue_all()
    assert proofs() == [], "not at once"
    with time_machine.travel(datetime.now(UTC) + timedelta(minutes=2), tick=True):
        jobs.enqueue_all()
        jobs.enqueue_all()
        assert proofs() == [world.environment.id], "once"
        jobs.prove(world.environment.id)
        assert connection(world).state is ConnectionState.CONNECTED
        assert run(run_id).state is RunState.OPEN
        work(world, run_id)
    assert world.view(run_id, zoe).outcome is Outcome.LINKED


def test_a_key_that_stays_wrong_is_proved_ever_less_often(world: World) -> None:
    run_id = world.ask(world.person("zoe@example.nl"))
    world.control("PUT", "/settings", revoked=True)
    world.work(run_id)
    pauses, now = [], datetime.now(UTC)
    for _ in range(6):
        due = connection(world).prove_at
        assert due is not None
        pauses.append(round((due - now) / timedelta(minutes=1)))
        now = due
        with time_machine.travel(now, tick=False):
            assert overdue_proofs() == [world.environment.id]
            db.session.commit()
            jobs.prove(world.environment.id)
        assert run(run_id).state is RunState.HALTED
    assert pauses == [1, 3, 9, 27, 30, 30] and pauses[-1] == LONGEST_PAUSE / timedelta(minutes=1)


def test_a_call_that_is_refused_each_time_is_tried_ever_less_often(world: World) -> None:
    """As where the licence lacks that call, and the key is right for all others."""
    run_id = world.ask(world.person("zoe@example.nl"))
    world.fault("forbidden", path="/contact/list")
    now, pauses = datetime.now(UTC), []
    for _ in range(3):
        with time_machine.travel(now, tick=True):
            work(world, run_id)
            due = connection(world).prove_at
            assert due is not None and run(run_id).state is RunState.HALTED
            pauses.append(round((due - now) / timedelta(minutes=1)))
        now = due + timedelta(seconds=1)
        with time_machine.travel(now, tick=True):
            jobs.prove(world.environment.id)
            assert connection(world).state is ConnectionState.CONNECTED
            now = datetime.now(UTC) + timedelta(seconds=1)
    assert pauses == [1, 3, 9]


def test_nothing_of_another_account_or_of_a_disabled_environment_is_proved(world: World) -> None:
    run_id = world.ask(world.person("zoe@example.nl"))
    world.fault("forbidden", times=1)
    world.work(run_id)
    world.environment.disabled_at = datetime.now(UTC)
    db.session.commit()
    with time_machine.travel(datetime.now(UTC) + timedelta(minutes=2), tick=True):
        assert overdue_proofs() == []
        jobs.prove(world.environment.id)
    assert run(run_id).state is RunState.HALTED


def test_one_stray_refusal_of_the_crm_ends_nothing_either(world: World) -> None:
    zoe = world.person("zoe@example.nl")
    run_id = world.ask(zoe)
    world.crm.data.faults.add(CrmFault("401", calls=1, path="/contacts"))
    world.work(run_id)
    assert run(run_id).halted_because is Reason.CRM_REFUSED
    overdue_inboxes()
    db.session.commit()
    event_jobs.read_changes(world.environment.id)
    assert db.session.scalars(select(Run.state).where(Run.id == run_id)).one() is RunState.OPEN
    world.work(run_id)
    assert world.view(run_id, zoe).outcome is Outcome.LINKED
