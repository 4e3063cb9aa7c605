"""A database that is locked, read-only or full: what is said, and that nothing is half done."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, func, select, text
from werkzeug.test import TestResponse

from spotler_plugin import extensions
from spotler_plugin.extensions import db
from spotler_plugin.models import Act, Connection, ConnectionState, Environment, Permission, Run
from tests.blueprints.widget import Widget, words
from tests.cast import Launch

FORM: dict[str, Any] = {"seen": ["1:0"], "permission": ["1"]}


@pytest.fixture
def modal(client: FlaskClient, launch: Launch, environment: Environment) -> Widget:
    owner = {"environment_id": environment.id}
    db.session.add_all(
        [
            Connection(**owner, key="key", secret="secret", key_ending="-key", secret_ending="cret",
                       proved_at=datetime.now(UTC), state=ConnectionState.CONNECTED,
                       connected_by="Alice"),
            Permission(**owner, bit=1, description="Maandelijkse nieuwsbrief", position=1),
        ]
    )  # fmt: skip
    db.session.commit()
    return Widget.launch(client, launch("Bob"))


def is_postgresql() -> bool:
    return db.engine.dialect.name == "postgresql"


@contextmanager
def every_connection(statement: str) -> Iterator[None]:
    """Begin each connection so, until it is over."""

    def say(connection: Any, _record: object) -> None:
        connection.execute(statement)
        if is_postgresql():
            connection.commit()

    db.session.remove()
    db.engine.dispose()
    event.listen(db.engine, "connect", say)
    yield
    event.remove(db.engine, "connect", say)
    db.session.remove()
    db.engine.dispose()


@contextmanager
def locked() -> Iterator[None]:
    """Somebody else writes, and does not end."""
    db.session.remove()
    db.engine.dispose()
    with db.engine.connect() as other:
        # On SQLite a transaction takes the only lock there is when it begins.
        other.execute(text("LOCK run, alembic_version" if is_postgresql() else "SELECT 1"))
        yield
        other.rollback()


@contextmanager
def read_only() -> Iterator[None]:
    with every_connection(
        "SET default_transaction_read_only = on" if is_postgresql() else "PRAGMA query_only = on"
    ):
        yield


@contextmanager
def full() -> Iterator[None]:
    if is_postgresql():
        pytest.skip("what PostgreSQL says of a full disk is in test_sql")
    # A small row would still fit into a page that is there.
    db.session.execute(text("CREATE TABLE filler (x)"))
    for trigger in (
        "CREATE TRIGGER a AFTER INSERT ON run "
        "BEGIN INSERT INTO filler VALUES (zeroblob(9999)); END",
        "CREATE TRIGGER b AFTER UPDATE ON alembic_version "
        "BEGIN INSERT INTO filler VALUES (zeroblob(9999)); END",
    ):
        db.session.execute(text(trigger))
    pages = db.session.execute(text("PRAGMA page_count")).scalar_one()
    db.session.commit()
    with every_connection(f"PRAGMA max_page_count = {pages}"):
        yield


@pytest.fixture(autouse=True)
def impatient(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(extensions, "LOCK_MS", 50)


def save(modal: Widget) -> TestResponse:
    return modal.ask("POST", "/contact-modal/save", request_token=str(uuid4()), **FORM)


@pytest.mark.parametrize(
    ("trouble", "said"),
    [
        (locked, "De plugin is nu te druk"),
        (read_only, "De plugin kan nu niets bewaren"),
        (full, "De schijf van de plugin is vol"),
    ],
)
def test_a_save_that_fails_says_so_and_leaves_nothing(
    modal: Widget, trouble: Callable[[], Any], said: str
) -> None:
    with trouble():
        answer = save(modal)
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "10"
    assert answer.headers["HX-Retarget"] == "#notices", "the form stays where it is"
    assert said in words(answer) and "Wat je invulde, staat er nog" in words(answer)
    for model in (Run, Act):
        assert db.session.scalar(select(func.count()).select_from(model)) == 0
    assert save(modal).status_code == 200, "and afterwards it works"


@pytest.mark.parametrize(
    ("trouble", "said"), [(locked, "locked"), (read_only, "read-only"), (full, "full")]
)
def test_it_is_not_ready(client: FlaskClient, trouble: Callable[[], Any], said: str) -> None:
    with trouble():
        answer = client.get("/readyz")
    assert (answer.status_code, answer.json) == (503, {"database": said, "queue": "ok"})
    assert client.get("/readyz").status_code == 200


@pytest.mark.parametrize(
    ("trouble", "said"), [(locked, "nu te druk"), (read_only, "kan nu niets bewaren")]
)
def test_a_launch_that_cannot_be_noted_is_a_page_that_the_crm_shows(
    client: FlaskClient,
    launch: Launch,
    environment: Environment,
    trouble: Callable[[], Any],
    said: str,
) -> None:
    token, origin = launch("Bob"), environment.crm_origins[0]
    if is_postgresql() and trouble is locked:
        pytest.skip("a launch notes itself beside whatever is locked")
    db.session.commit()
    with trouble():
        answer = client.post("/launch", data={"token": token})
    assert answer.status_code == 503
    assert answer.text.startswith("<!doctype html>") and said in words(answer)
    assert f"frame-ancestors {origin}" in answer.headers["Content-Security-Policy"]
    assert client.post("/launch", data={"token": token}).status_code == 200, "it was not used up"
