"""From an event at the door to Spotler, by the jobs of a worker and the clock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.exc import DatabaseError

from demo.crm.server import DemoCrm
from spotler_plugin.extensions import db, redis_server
from spotler_plugin.jobs import event as jobs
from spotler_plugin.jobs import retention as retention_jobs
from spotler_plugin.jobs.queue.enqueue import has_urgent_job, kept_back, queue
from spotler_plugin.jobs.schedule import sweep
from spotler_plugin.models import Environment, Event, EventOutcome, Run
from spotler_plugin.services.account.client import client_of
from spotler_plugin.services.event import turn
from tests.events import body_of, send
from tests.jobs.test_run import click, work


@pytest.fixture
def zoe(acme: Environment, crm: DemoCrm) -> str:
    """Linked."""
    zoe = crm.data.contacts.add(
        {"email": "zoe@example.nl", "first_name": "Zoë", "last_name": "Bakker"}, silent=True
    ).id
    click(acme, zoe)
    work(10)
    return zoe


def first_name(environment: Environment, contact_id: str) -> object:
    found = client_of(environment).contacts.get(contact_id)
    return found.properties.get("firstName") if found else None


def rename(crm: DemoCrm, contact_id: str, name: str) -> bytes:
    """In the CRM; the event that tells it."""
    version = crm.data.contacts.change(contact_id, {"first_name": name}, silent=True).version
    return body_of("contact.changed", contact_id=contact_id, version=version)


def test_an_event_reaches_spotler(
    app: Flask, client: FlaskClient, acme: Environment, crm: DemoCrm, zoe: str
) -> None:
    assert send(client, acme, rename(crm, zoe, "Zoetje")).status_code == 202
    work(10)
    assert first_name(acme, zoe) == "Zoetje"


def test_many_events_are_few_jobs(
    client: FlaskClient, acme: Environment, crm: DemoCrm, zoe: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(turn, "BATCH", 10)
    before = db.session.query(Run).count()
    for number in range(25):
        send(client, acme, rename(crm, zoe, f"Naam {number}"))
    assert len(queue().jobs) == 1
    work(10)
    assert first_name(acme, zoe) == "Naam 24"
    outcomes = db.session.scalars(db.select(Event.outcome)).all()
    assert set(outcomes) <= {EventOutcome.RUN, EventOutcome.KNOWN}
    # The run of the first batch, and those that came before another one had begun.
    assert db.session.query(Run).count() <= before + 3


def test_one_job_handles_what_waits_and_carries_it_out(
    client: FlaskClient, acme: Environment, crm: DemoCrm, zoe: str
) -> None:
    send(client, acme, rename(crm, zoe, "Zoetje"))
    work()
    assert first_name(acme, zoe) == "Zoetje"
    assert queue().jobs == []


def test_one_that_somebody_waits_for_is_done_before_what_an_event_led_to(
    client: FlaskClient, acme: Environment, crm: DemoCrm, zoe: str
) -> None:
    send(client, acme, rename(crm, zoe, "Zoetje"))
    [job] = queue().jobs
    click(acme, crm.data.contacts.ids("")[0])
    jobs.handle(*job.args)
    assert first_name(acme, zoe) != "Zoetje"
    assert has_urgent_job(), "the click is still at the front"
    work(10)
    assert first_name(acme, zoe) == "Zoetje"


def test_while_one_is_handled_no_other_worker_is_called(
    client: FlaskClient, acme: Environment, crm: DemoCrm, zoe: str
) -> None:
    redis_server.queue.flushdb()
    with kept_back(jobs.handle, acme.id):
        send(client, acme, rename(crm, zoe, "Zoetje"))
        assert queue().jobs == []
    jobs.sweep()
    assert len(queue().jobs) == 1


def test_what_came_at_the_last_moment_is_handled_by_another_job(
    client: FlaskClient,
    acme: Environment,
    crm: DemoCrm,
    zoe: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(jobs, "TURN_SECONDS", 0)
    monkeypatch.setattr(turn, "BATCH", 1)
    noor = crm.data.contacts.add({"email": "noor@example.nl"}, silent=True).id
    click(acme, noor)
    work(10)
    for contact_id in (zoe, noor):
        send(client, acme, rename(crm, contact_id, "Nieuw"))
    work(1)
    assert [job.args for job in queue().jobs if "handle" in str(job.func_name)] == [[acme.id]]
    work(10)
    assert first_name(acme, zoe) == first_name(acme, noor) == "Nieuw"


def test_what_redis_lost_the_sweeper_takes_up(
    client: FlaskClient, acme: Environment, crm: DemoCrm, zoe: str
) -> None:
    send(client, acme, rename(crm, zoe, "Zoetje"))
    redis_server.queue.flushdb()
    jobs.sweep()
    assert [job.args for job in queue().jobs] == [[acme.id]]
    jobs.sweep()
    assert len(queue().jobs) == 1
    work(10)
    assert first_name(acme, zoe) == "Zoetje"
    jobs.sweep()
    assert queue().jobs == []


def test_what_is_wrong_with_runs_keeps_no_event_waiting(
    client: FlaskClient, acme: Environment, crm: DemoCrm, zoe: str
) -> None:
    send(client, acme, rename(crm, zoe, "Zoetje"))
    redis_server.queue.flushdb()
    db.session.execute(db.text("ALTER TABLE enrolment RENAME COLUMN left_at TO gone_at"))
    db.session.commit()
    try:
        with pytest.raises(DatabaseError):
            sweep()
    finally:
        db.session.execute(db.text("ALTER TABLE enrolment RENAME COLUMN gone_at TO left_at"))
        db.session.commit()
    assert [job.args for job in queue().jobs] == [[acme.id]]


def test_what_no_event_told_is_caught_up(acme: Environment, crm: DemoCrm, zoe: str) -> None:
    rename(crm, zoe, "Zoetje")
    jobs.enqueue_all()
    assert [job.args for job in queue().jobs] == [[acme.id]]
    # No transaction of ours stands in the way of the threads.
    db.session.commit()
    work(10)
    assert first_name(acme, zoe) == "Zoetje"


def test_a_week_later_they_are_forgotten(
    client: FlaskClient, acme: Environment, crm: DemoCrm, zoe: str
) -> None:
    send(client, acme, rename(crm, zoe, "Zoetje"))
    work(10)
    retention_jobs.enforce(acme.id)
    assert db.session.query(Event).count() == 1
    with time_machine.travel(datetime.now(UTC) + timedelta(days=8)):
        retention_jobs.sweep()
        work(10)
    assert db.session.query(Event).count() == 0
