"""Whether the process lives, and whether it can work."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from spotler_plugin.extensions import db, redis_server


def test_the_process_lives(client: FlaskClient) -> None:
    answer = client.get("/healthz").json
    assert answer is not None and answer["status"] == "ok"


def test_it_can_work(client: FlaskClient) -> None:
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json == {"database": "ok", "queue": "ok", "keys": "ok"}


def test_without_a_queue_it_is_not_ready(client: FlaskClient, without_redis: None) -> None:
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json == {"database": "ok", "queue": "unreachable", "keys": "ok"}
    assert client.get("/healthz").status_code == 200


def test_a_full_queue_is_not_ready(client: FlaskClient) -> None:
    redis_server.queue.config_set("maxmemory", 1)
    try:
        answer = client.get("/readyz")
    finally:
        redis_server.queue.config_set("maxmemory", 0)
    assert answer.status_code == 503
    assert answer.json == {"database": "ok", "queue": "takes no writes", "keys": "ok"}


def test_without_tables_it_is_not_ready(client: FlaskClient) -> None:
    db.session.execute(text("ALTER TABLE alembic_version RENAME TO other"))
    db.session.commit()
    try:
        assert client.get("/readyz").json == {"database": "without tables", "queue": "ok"}
    finally:
        db.session.execute(text("ALTER TABLE other RENAME TO alembic_version"))
        db.session.commit()


def test_without_a_database_it_is_not_ready(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuses(*_: object) -> None:
        raise OperationalError("SELECT 1", {}, OSError("unreachable"))

    monkeypatch.setattr(db.session, "execute", refuses)
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json == {"database": "unreachable", "queue": "ok"}
