"""Turns: small runs overtake, large ones are fair, and several workers share one."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest
from flask import Flask
from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry
from rq import SimpleWorker
from rq.serializers import JSONSerializer
from sqlalchemy.exc import DatabaseError

from demo.crm.server import DemoCrm
from spotler_plugin.extensions import db, redis_server
from spotler_plugin.jobs import run as jobs
from spotler_plugin.jobs.queue.enqueue import has_urgent_job, queue
from spotler_plugin.jobs.queue.registry import AppJob
from spotler_plugin.models import Environment, Link, Outcome, Run, RunItem, RunKind, RunState, Whom
from spotler_plugin.services.contact.save import save_contact
from spotler_plugin.services.run.create import create_run_for
from spotler_plugin.services.sync import advance
from spotler_plugin.services.sync.advance import advance_run
from tests.settings import configure
from tests.world.accounts import ALICE

MANY = 1000


@pytest.fixture(autouse=True)
def short_slices(monkeypatch: pytest.MonkeyPatch) -> None:
    """A chunk per slice."""
    monkeypatch.setattr(advance, "TURN_SECONDS", 0)


def large_run(environment: Environment) -> UUID:
    """Of many linked contacts, none of which the CRM knows any more."""
    now = datetime.now(UTC)
    rows = [
        {"environment_id": environment.id, "contact_id": f"gone-{number}", "linked_at": now}
        for number in range(MANY)
    ]
    db.session.execute(db.insert(Link), rows)
    made = create_run_for(
        environment, Whom.LINKED, kind=RunKind.SYNC, actor=ALICE, request_token=uuid4()
    )
    jobs.start(made.id)
    return made.id


def click(environment: Environment, contact_id: str) -> UUID:
    run_id = save_contact(
        environment,
        contact_id,
        actor=ALICE,
        request_token=uuid4(),
        permissions={},
        automations=[],
    )
    jobs.start(run_id)
    return run_id


def work(jobs_at_most: int = 1) -> None:
    """A worker takes so many jobs from the front of the queue."""
    worker = SimpleWorker(
        [queue()], connection=redis_server.queue, job_class=AppJob, serializer=JSONSerializer
    )
    worker.work(burst=True, max_jobs=jobs_at_most, logging_level="ERROR")
    db.session.expire_all()


def waiting() -> list[tuple[UUID, int]]:
    """The runs and slots in the queue, in their order."""
    found = [queue().fetch_job(each) for each in queue().job_ids]
    return [(UUID(job.args[1]), job.args[2]) for job in found if job is not None]


def done(run_id: UUID) -> int:
    return (
        db.session.query(RunItem)
        .filter(RunItem.run_id == run_id, RunItem.outcome != Outcome.OPEN)
        .count()
    )


def state(run_id: UUID) -> RunState:
    return db.session.get_one(Run, run_id, populate_existing=True).state


def test_a_click_waits_for_one_chunk_of_anybody_at_most(
    acme: Environment, bolt: Environment, crm: DemoCrm
) -> None:
    large = large_run(acme)
    work()
    assert 0 < done(large) < MANY
    before = done(large)
    small = click(bolt, crm.data.contacts.ids("")[0])
    # One slice that carries it out, one that finds nothing more.
    work(2)
    assert done(large) == before
    assert state(small) is RunState.FINISHED
    assert state(large) is RunState.OPEN


def test_who_saved_first_is_served_first(
    app: Flask, acme: Environment, bolt: Environment, crm: DemoCrm
) -> None:
    configure(app, spotler_parallel_calls=1)
    large = large_run(acme)
    saves = [click(bolt, contact_id) for contact_id in crm.data.contacts.ids("")[:3]]
    assert [run_id for run_id, _slot in waiting()] == [*saves, large]


def test_turns_of_large_runs_are_fair(acme: Environment, bolt: Environment) -> None:
    first, second = large_run(acme), large_run(bolt)
    for turn in range(1, 5):
        work(4)
        assert done(first) == done(second) == turn * 200, "two slots each"
    work(100)
    assert state(first) is state(second) is RunState.FINISHED


def test_a_large_run_has_seats_for_as_many_workers_as_may_call_at_once(
    app: Flask, acme: Environment
) -> None:
    configure(app, spotler_parallel_calls=3)
    large = large_run(acme)
    assert waiting() == [(large, 0), (large, 1), (large, 2)]


def test_a_large_run_goes_on_while_nobody_waits(
    app: Flask, acme: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    configure(app, spotler_parallel_calls=1)
    large = large_run(acme)
    monkeypatch.setattr(advance, "MOST_SECONDS", 0)
    work()
    assert 0 < done(large) < MANY, "but not for ever"
    monkeypatch.setattr(advance, "MOST_SECONDS", 60)
    work()
    assert state(large) is RunState.FINISHED


def test_a_small_run_has_one_seat(acme: Environment, crm: DemoCrm) -> None:
    small = click(acme, crm.data.contacts.ids("")[0])
    assert waiting() == [(small, 0)]


def test_a_seat_waits_in_the_queue_once(acme: Environment) -> None:
    large = large_run(acme)
    for _ in range(3):
        jobs.start(large)
    assert waiting() == [(large, 0), (large, 1)]
    work()
    assert waiting() == [(large, 1), (large, 0)]


def test_what_waits_is_forgotten_with_redis_and_enqueued_again(acme: Environment) -> None:
    large = large_run(acme)
    redis_server.queue.flushdb()
    db.session.execute(db.update(Run).values(enqueued_at=None))
    db.session.commit()
    jobs.sweep()
    assert waiting() == [(large, 0), (large, 1)]
    work(100)
    assert state(large) is RunState.FINISHED


def test_what_was_saved_without_redis_is_taken_by_the_first_sweep(
    acme: Environment, crm: DemoCrm, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was taken for enqueued, and looked at again ten seconds later."""
    here = redis_server.queue
    monkeypatch.setattr(redis_server, "queue", Redis(port=9, retry=Retry(NoBackoff(), 0)))
    small = click(acme, crm.data.contacts.ids("")[0])
    monkeypatch.setattr(redis_server, "queue", here)
    assert waiting() == []
    jobs.sweep()
    assert waiting() == [(small, 0)]
    work(5)
    assert state(small) is RunState.FINISHED


def test_a_run_of_many_ends_its_turn_when_somebody_clicks(
    acme: Environment, bolt: Environment, crm: DemoCrm, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(advance, "TURN_SECONDS", 60)
    monkeypatch.setattr(advance, "LOOK_SECONDS", 0)
    large = large_run(acme)
    assert not has_urgent_job()
    small = click(bolt, crm.data.contacts.ids("")[0])
    assert has_urgent_job()
    assert advance_run(large, lambda _: has_urgent_job()), "it comes back for the rest"
    assert 0 < done(large) < MANY
    work(1)
    assert not has_urgent_job()
    assert state(small) is RunState.FINISHED
    advance_run(large, lambda _: has_urgent_job())
    assert state(large) is RunState.FINISHED


def test_runs_are_enqueued_whatever_is_wrong_with_lost_calls(acme: Environment) -> None:
    large = large_run(acme)
    redis_server.queue.flushdb()
    db.session.execute(db.update(Run).values(enqueued_at=None))
    db.session.execute(db.text("ALTER TABLE enrolment RENAME COLUMN left_at TO gone_at"))
    db.session.commit()
    try:
        with pytest.raises(DatabaseError):
            jobs.sweep()
    finally:
        db.session.execute(db.text("ALTER TABLE enrolment RENAME COLUMN gone_at TO left_at"))
        db.session.commit()
    assert waiting() == [(large, 0), (large, 1)]
