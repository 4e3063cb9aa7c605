"""From an event at the door to Spotler, by the jobs of a worker and the clock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient

from demo.crm.server import DemoCrm
from spotler_plugin.extensions import db, redis_server
from spotler_plugin.jobs import event as jobs
from spotler_plugin.jobs.queue import queue
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


def test_what_no_event_told_is_caught_up(acme: Environment, crm: DemoCrm, zoe: str) -> None:
    rename(crm, zoe, "Zoetje")
    jobs.enqueue_all()
    assert [job.args for job in queue().jobs] == [[acme.id]]
    work(10)
    assert first_name(acme, zoe) == "Zoetje"


def test_a_week_later_they_are_forgotten(
    client: FlaskClient, acme: Environment, crm: DemoCrm, zoe: str
) -> None:
    send(client, acme, rename(crm, zoe, "Zoetje"))
    work(10)
    jobs.forget_old()
    assert db.session.query(Event).count() == 1
    with time_machine.travel(datetime.now(UTC) + timedelta(days=8)):
        jobs.forget_old()
    assert db.session.query(Event).count() == 0
