"""The plugin's API for the CRM: who may ask, what it answers, and how it refuses."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
import responses
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event
from sqlalchemy.exc import OperationalError
from werkzeug.test import TestResponse

from spotler_plugin.blueprints.api import limit
from spotler_plugin.extensions import db
from spotler_plugin.models import (
    AutomaticAction,
    Connection,
    ConnectionState,
    Environment,
    Link,
    MirrorContact,
    Outcome,
    SecretKind,
)
from spotler_plugin.planning.adjustment import Adjustment
from spotler_plugin.planning.reason import Reason
from spotler_plugin.services import environment as environments

ACTIONS = "/api/v1/automatic-actions"
STATUSES = "/api/v1/contacts/statuses"
NOTHING_KNOWN = {"status": "not_synced", "synced_at": None, "reason": None}


def token_of(environment: Environment) -> str:
    return environments.valid_secrets(environment, SecretKind.API)[0]


def ask(
    client: FlaskClient, token: str | None, url: str, body: object = None, method: str | None = None
) -> TestResponse:
    return client.open(
        url,
        method=method or ("GET" if body is None else "POST"),
        headers={"Authorization": f"Bearer {token}"} if token is not None else {},
        json=body,
    )


def told(answer: TestResponse) -> tuple[int, str]:
    """Status and error; a refusal says more, in JSON."""
    assert answer.mimetype == "application/json", answer.text
    assert isinstance(answer.json, dict) and answer.json["detail"]
    return answer.status_code, answer.json["error"]


def action(environment: Environment, name: str, **columns: Any) -> AutomaticAction:
    made = AutomaticAction(
        id=uuid4(), environment_id=environment.id, name=name, adjustment=Adjustment(),
        changed_by="Alice", changed_at=datetime.now(UTC), **columns,
    )  # fmt: skip
    db.session.add(made)
    db.session.commit()
    return made


def test_actions_that_are_on_are_listed(
    client: FlaskClient, environment: Environment, other_environment: Environment
) -> None:
    made = action(environment, "Welkom", description="Na een offerte")
    action(environment, "Uit", enabled=False)
    action(environment, "Weg", deleted_at=datetime.now(UTC))
    action(other_environment, "Van een ander")
    assert ask(client, token_of(environment), ACTIONS).json == {
        "actions": [
            {"id": str(made.id), "name": "Welkom", "description": "Na een offerte",
             "type": "contact"}
        ]
    }  # fmt: skip


def test_each_status_comes_from_our_tables(client: FlaskClient, environment: Environment) -> None:
    now = datetime.now(UTC)
    owner = {"environment_id": environment.id}
    db.session.add_all(
        [
            Link(**owner, contact_id="c-1", linked_at=now, synced_at=now),
            Link(**owner, contact_id="c-2", problem=Reason.ADDRESS_REFUSED,
                 problem_outcome=Outcome.REJECTED),
            MirrorContact(**owner, external_id="c-3", active=False, observed_at=now,
                          permissions={}, properties={}),
            Connection(**owner, key="key", secret="secret", key_ending="-key", proved_at=now,
                       secret_ending="cret", state=ConnectionState.CONNECTED, connected_by="A"),
        ]
    )  # fmt: skip
    db.session.commit()
    expected = {
        "c-1": {"status": "synced", "synced_at": now.isoformat(), "reason": None},
        "c-2": {"status": "error", "synced_at": None, "reason": "address_refused"},
        "c-3": {"status": "inactive", "synced_at": None, "reason": "inactive"},
        "c-4": NOTHING_KNOWN,
    }
    with responses.RequestsMock():  # Nobody is called.
        found = ask(client, token_of(environment), STATUSES, {"ids": [*expected, "c-1"]})
        assert found.json == {"statuses": expected}
        for contact_id, status in expected.items():
            url = f"/api/v1/contacts/{contact_id}/status"
            assert ask(client, token_of(environment), url).json == status


def test_a_token_opens_its_own_environment_only(
    client: FlaskClient, environment: Environment, other_environment: Environment
) -> None:
    now = datetime.now(UTC)
    db.session.add(
        Link(environment_id=environment.id, contact_id="c-1", linked_at=now, synced_at=now)
    )
    db.session.commit()
    shown = ask(client, token_of(other_environment), STATUSES, {"ids": ["c-1"]})
    assert shown.json == {"statuses": {"c-1": NOTHING_KNOWN}}


def test_five_hundred_take_two_statements(client: FlaskClient, environment: Environment) -> None:
    """One finds the environment, one the statuses."""
    token, statements = token_of(environment), []

    @event.listens_for(db.engine, "before_cursor_execute")
    def note(_c: object, _u: object, statement: str, *_: object) -> None:
        if statement.startswith(("SELECT", "WITH")):
            statements.append(statement)

    found = ask(client, token, STATUSES, {"ids": [f"c-{n}" for n in range(500)]})
    assert found.json is not None and len(found.json["statuses"]) == 500
    assert len(statements) == 2


@pytest.mark.parametrize("token", [None, "", "x", "é", "a" * 5000])
def test_without_the_token_nothing_is_told(
    client: FlaskClient, environment: Environment, token: str | None
) -> None:
    for url, body in ((ACTIONS, None), ("/api/v1/contacts/c-1/status", None), (STATUSES, {})):
        answer = ask(client, token, url, body)
        assert told(answer) == (401, "unauthorized")
        assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_a_replaced_token_stays_valid_for_a_day(
    client: FlaskClient, environment: Environment
) -> None:
    old = token_of(environment)
    new = environments.rotate(environment, SecretKind.API)
    db.session.commit()
    assert ask(client, old, ACTIONS).status_code == ask(client, new, ACTIONS).status_code == 200
    for secret in environment.secrets:
        if secret.valid_until is not None:
            secret.valid_until = datetime.now(UTC) - timedelta(seconds=1)
    db.session.commit()
    assert ask(client, old, ACTIONS).status_code == 401
    assert ask(client, new, ACTIONS).status_code == 200


def test_a_token_that_two_have_opens_neither(client: FlaskClient, app: Flask) -> None:
    for key in ("one", "two"):
        environments.add(key, name=key, crm_origins=[], crm_api="https://crm.example/api",
                         spotler_url=None, given={SecretKind.API: "the same token"})  # fmt: skip
    db.session.commit()
    assert ask(client, "the same token", ACTIONS).status_code == 401


def test_a_disabled_environment_is_gone(client: FlaskClient, environment: Environment) -> None:
    environment.disabled_at = datetime.now(UTC)
    db.session.commit()
    assert told(ask(client, token_of(environment), ACTIONS)) == (410, "disabled")
    assert told(ask(client, "x", ACTIONS)) == (401, "unauthorized")


@pytest.mark.parametrize(
    "body", [None, [], "c-1", {}, {"ids": "c-1"}, {"ids": [1]}, {"ids": [""]}, {"ids": ["a,b"]}]
)
def test_what_is_no_list_of_ids_is_refused(
    client: FlaskClient, environment: Environment, body: object
) -> None:
    answer = ask(client, token_of(environment), STATUSES, body, "POST")
    assert told(answer) == (400, "bad_request")


def test_more_than_five_hundred_are_refused(client: FlaskClient, environment: Environment) -> None:
    answer = ask(client, token_of(environment), STATUSES, {"ids": [f"c-{n}" for n in range(501)]})
    assert told(answer) == (400, "too_many_ids")


def test_a_body_that_is_too_large(client: FlaskClient, environment: Environment) -> None:
    headers = {"Authorization": f"Bearer {token_of(environment)}"}
    large = json.dumps({"ids": ["c" * 120] * 1200})
    answer = client.post(STATUSES, headers=headers, data=large, content_type="application/json")
    assert told(answer) == (413, "request_entity_too_large")


@pytest.mark.parametrize("url", ["/api/v1/nothing", "/api/v1/contacts/a%20b/status", "/api/"])
def test_what_does_not_exist(client: FlaskClient, environment: Environment, url: str) -> None:
    assert told(ask(client, token_of(environment), url)) == (404, "not_found")


def test_another_method_is_told_which_there_are(
    client: FlaskClient, environment: Environment
) -> None:
    answer = ask(client, token_of(environment), STATUSES)
    assert told(answer) == (405, "method_not_allowed")
    assert set(answer.allow) == {"POST", "OPTIONS"}
    answer = ask(client, token_of(environment), ACTIONS, {}, "DELETE")
    assert told(answer)[0] == 405 and set(answer.allow) == {"GET", "HEAD", "OPTIONS"}


def test_who_asks_too_often_is_told_to_wait(
    client: FlaskClient, environment: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limit, "CALLS", 0)
    answer = ask(client, token_of(environment), ACTIONS)
    assert told(answer) == (429, "too_many_requests")
    assert 0 < int(answer.headers["Retry-After"]) <= 60


def test_without_redis_it_answers_all_the_same(
    client: FlaskClient, environment: Environment, without_redis: None
) -> None:
    assert ask(client, token_of(environment), ACTIONS).json == {"actions": []}


def test_a_database_that_is_away_is_told_in_json(
    client: FlaskClient, environment: Environment
) -> None:
    token = token_of(environment)

    @event.listens_for(db.engine, "before_cursor_execute")
    def refuse(*_: object) -> None:
        raise OperationalError("", {}, Exception())

    answer = ask(client, token, ACTIONS)
    event.remove(db.engine, "before_cursor_execute", refuse)
    assert told(answer) == (503, "service_unavailable")
    assert answer.headers["Retry-After"] == "10"
