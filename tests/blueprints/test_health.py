"""Whether the process lives, and whether it can work."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient
from sqlalchemy.exc import OperationalError

from spotler_plugin.extensions import db


def test_the_process_lives(client: FlaskClient) -> None:
    assert client.get("/healthz").json == {"status": "ok"}


def test_it_can_work(client: FlaskClient) -> None:
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json == {"database": "ok", "queue": "ok"}


def test_without_a_queue_it_is_not_ready(client: FlaskClient, without_redis: None) -> None:
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json == {"database": "ok", "queue": "unreachable"}
    assert client.get("/healthz").status_code == 200


def test_without_a_database_it_is_not_ready(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuses(*_: object) -> None:
        raise OperationalError("SELECT 1", {}, OSError("unreachable"))

    monkeypatch.setattr(db.session, "execute", refuses)
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json == {"database": "unreachable", "queue": "ok"}
