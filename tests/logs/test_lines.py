"""Logs: each line a JSON object with the ids of what it is about, and nobody's name or secret."""

from __future__ import annotations

import json
import logging
import signal
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient
from psycopg.errors import DiskFull
from sqlalchemy.exc import OperationalError

from spotler_plugin import embedding
from spotler_plugin.config import settings_of
from spotler_plugin.embedding import Session
from spotler_plugin.extensions import db
from spotler_plugin.jobs import run as run_jobs
from spotler_plugin.jobs.queue.enqueue import queue
from spotler_plugin.jobs.queue.registry import JOBS
from spotler_plugin.jobs.queue.worker import AppWorker
from spotler_plugin.logs import lines
from spotler_plugin.models import Environment, Run, RunItem
from tests.cast import Launch
from tests.world.accounts import ALICE
from tests.world.world import MONTHLY, World

NAME, ADDRESS = "Österbaanski", "zoe.geheim@prive.example"


@pytest.fixture(autouse=True)
def all_levels(app: Flask) -> Iterator[None]:
    """As talkative as it gets; a worker that ran here gives the signals back."""
    handlers = {each: signal.getsignal(each) for each in (signal.SIGINT, signal.SIGTERM)}
    lines.set_up("DEBUG")
    yield
    lines.set_up(settings_of(app).log_level)
    for each, handler in handlers.items():
        signal.signal(each, handler)


@pytest.fixture
def zoe(world: World) -> str:
    return world.person(ADDRESS, last_name=NAME)


@pytest.fixture
def secrets(world: World) -> list[str]:
    """What must not be in any line."""
    return [NAME, ADDRESS, ALICE.name, world.sandbox.key, world.sandbox.secret,
            world.crm.settings.api_token]  # fmt: skip


def headers(world: World, widget: str, contact_id: str | None) -> dict[str, str]:
    """As htmx sends them, of Alice's session."""
    session = Session(
        environment=world.environment,
        actor=ALICE,
        widget=widget,
        resource_type="contact" if contact_id else "none",
        resource_id=contact_id,
        permission="admin",
        origin="http://localhost",
        lang="nl",
        channel="channel",
    )
    return {"Authorization": f"Bearer {embedding.seal(session)}", "HX-Request": "true"}


def connect(client: FlaskClient, world: World) -> None:
    """Paste key and secret."""
    pair = {"key": world.sandbox.key, "secret": world.sandbox.secret}
    admin = headers(world, "admin", None)
    assert client.post("/admin/connection", headers=admin, data=pair).status_code == 200


def save(client: FlaskClient, world: World, contact_id: str) -> None:
    """Open the contact, switch a newsletter on, press Opslaan."""
    modal = headers(world, "contact-modal", contact_id)
    assert ADDRESS in client.post("/contact-modal/fresh", headers=modal).text
    form = {"request_token": str(uuid4()), "permission": MONTHLY, "seen": f"{MONTHLY}:0",
            "automation": world.automation("download e-book")}  # fmt: skip
    assert client.post("/contact-modal/save", headers=modal, data=form).status_code == 200


def work(app: Flask) -> None:
    """All that waits in the queue, by a worker with a process per job."""
    AppWorker(app).work(burst=True)


def objects(written: str) -> list[dict[str, Any]]:
    found = [json.loads(line) for line in written.splitlines()]
    assert all(each["event"] and each["level"] and each["timestamp"] for each in found)
    return found


def test_a_whole_save_names_nobody(
    app: Flask,
    client: FlaskClient,
    world: World,
    zoe: str,
    secrets: list[str],
    capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    connect(client, world)
    # The first backup, before which nothing is written.
    work(app)
    save(client, world, zoe)
    world.fault("unavailable", times=1, retry_after=None)
    work(app)
    db.session.execute(db.update(RunItem).values(due_at=datetime.now(UTC)))
    run_jobs.start(db.session.scalars(db.select(Run.id)).one())
    work(app)
    written = capfd.readouterr()
    assert written.err == ""
    found = objects(written.out)
    postponed = next(each for each in found if each["event"] == "run.postponed")
    assert {"job", "task", "run", "environment"} <= postponed.keys()
    assert any(each.get("logger") == "rq.worker" for each in found), "libraries write through us"
    for secret in secrets:
        assert secret not in written.out and secret not in caplog.text
    assert world.in_spotler(zoe), "and yet it was saved"


def fails(run_id: str) -> None:
    """A job that trips over a contact."""
    try:
        raise KeyError(NAME, run_id)
    except KeyError as error:
        raise RuntimeError(f"{ADDRESS} is there already") from error


def test_a_job_that_fails_says_where_and_not_on_whom(
    app: Flask,
    secrets: list[str],
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(JOBS, f"{fails.__module__}.fails", fails)
    queue().enqueue(fails, str(uuid4()))
    work(app)
    written = capfd.readouterr().out
    [failed] = [each for each in objects(written) if each["event"] == "job.failed"]
    assert [each["type"] for each in failed["errors"]] == ["RuntimeError", "KeyError"]
    assert failed["errors"][0]["at"][-1].endswith("fails") and failed["run"] and failed["job"]
    assert not any(secret in written for secret in secrets)


def cannot_write(run_id: str) -> None:
    """A job that finds the disk full."""
    raise OperationalError(f"UPDATE {ADDRESS}", {}, DiskFull())


def test_a_database_that_cannot_work_is_told_by_its_cause(
    app: Flask, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    name = f"{cannot_write.__module__}.cannot_write"
    monkeypatch.setitem(JOBS, name, cannot_write)
    queue().enqueue(cannot_write, str(uuid4()))
    work(app)
    written = capfd.readouterr().out
    [told] = [each for each in objects(written) if each["event"] == "database.trouble"]
    assert told["trouble"] == "full" and told["run"] and told["task"] == name
    assert "errors" not in told and "job.failed" not in written and ADDRESS not in written


def test_what_happens_all_the_time_is_not_told(
    app: Flask, client: FlaskClient, world: World, zoe: str, capfd: pytest.CaptureFixture[str]
) -> None:
    lines.set_up("INFO")
    connect(client, world)
    save(client, world, zoe)
    capfd.readouterr()
    work(app)
    told = objects(capfd.readouterr().out)
    [closed] = [each for each in told if each["event"] == "run.closed"]
    assert closed["state"] == "finished" and closed["selected"] == closed["linked"] == 1
    others = {each["event"] for each in told} - {"run.closed"}
    assert others == {"backup.complete", "feed.full", "feed.sought"}, "once each"


def test_a_request_has_a_number_in_the_answer_and_in_the_log(
    app: Flask, client: FlaskClient, world: World, capfd: pytest.CaptureFixture[str]
) -> None:
    answer = client.delete("/admin/connection", headers=headers(world, "admin", None))
    [broken] = [
        each for each in objects(capfd.readouterr().out) if each["event"] == "connection.broken"
    ]
    assert broken["request"] == answer.headers["X-Request-Id"]
    assert broken["environment"] == world.environment.id


def test_a_refused_launch_says_where_and_why(
    client: FlaskClient, environment: Environment, launch: Launch, capfd: pytest.CaptureFixture[str]
) -> None:
    """The screen tells neither."""
    answer = client.post("/launch", data={"token": launch(lang="fr")})
    assert answer.status_code == 403
    told = objects(capfd.readouterr().out)
    [refused] = [each for each in told if each["event"] == "launch.refused"]
    assert (refused["environment"], refused["because"]) == (environment.id, "lang is unknown")
    assert refused["request"] == answer.headers["X-Request-Id"]


@pytest.mark.parametrize(
    ("given", "taken"), [("from-the-proxy-1", True), ("too short"[:5], False), ("a\tb" * 9, False)]
)
def test_the_proxys_number_is_taken_where_it_is_one(
    client: FlaskClient, given: str, taken: bool
) -> None:
    answer = client.get("/healthz", headers={"X-Request-Id": given})
    assert (answer.headers["X-Request-Id"] == given) is taken
