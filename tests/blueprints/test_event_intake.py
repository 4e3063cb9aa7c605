"""What the CRM is answered when it tells us something."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from flask.testing import FlaskClient

from spotler_plugin.extensions import db
from spotler_plugin.jobs.queue.enqueue import queue
from spotler_plugin.models import Environment, Event, EventOutcome, EventType, SecretKind
from spotler_plugin.services import environment as environments
from spotler_plugin.services.environment import valid_secrets
from spotler_plugin.services.event import intake
from tests.blueprints.test_database import read_only
from tests.events import body_of, send, signed

CHANGED = {"contact_id": "c-1", "version": 7}
TRANSITION = {"id": "t-1", "sale_id": "s-1", "from_phase": "Offerte", "to_phase": "Gewonnen",
              "at": "2026-11-25T10:00:00+01:00"}  # fmt: skip


def stored() -> Sequence[Event]:
    return db.session.scalars(db.select(Event).order_by(Event.id)).all()


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        ("contact.changed", CHANGED),
        ("contact.changed", {"contact_id": "c-1", "version": "2026-W48"}),
        # A sign that Unicode got after this Python was made.
        ("contact.changed", {"contact_id": "c-1", "version": "\U000d1b29"}),
        ("contact.deleted", {"contact_id": "c-1", "version": 8}),
        ("contact.merged", {"kept_id": "c-1", "merged_id": "c-2"}),
        ("relation.changed", {"relation_id": "r-1", "changed_fields": ["Uren module"]}),
        (
            "automatic_action.triggered",
            {"action_id": "7", "contact_id": "c-1", "transition": TRANSITION},
        ),
        (
            "automatic_action.triggered",
            {"action_id": "7", "contact_id": "c-1",
             "transition": TRANSITION | {"from_phase": None}},
        ),
    ],
)  # fmt: skip
def test_an_event_is_stored_and_its_work_enqueued(
    client: FlaskClient, environment: Environment, kind: str, data: dict[str, Any]
) -> None:
    answer = send(client, environment, body_of(kind, **data), id="evt_1")
    assert (answer.status_code, answer.data) == (202, b"")
    [event] = stored()
    assert (event.type, event.webhook_id) == (EventType(kind), "evt_1")
    assert event.outcome is EventOutcome.WAITING
    assert [job.args for job in queue().jobs] == [[environment.id]]


def test_for_what_nobody_sees_in_a_label_no_event_is_refused(
    client: FlaskClient, environment: Environment
) -> None:
    """It was answered 400, and what changed was lost with it."""
    names = ["Uren\u00ad module\u200b", "x" * 300 + " module", "a\x00\ud83d"]
    body = body_of("relation.changed", relation_id="r-1", changed_fields=names)
    assert send(client, environment, body).status_code == 202
    phases = TRANSITION | {"from_phase": "\u200b", "to_phase": "Gewonnen\ufeff " + "!" * 300}
    triggered = {"action_id": "7", "contact_id": "c-1", "transition": phases}
    body = body_of("automatic_action.triggered", **triggered)
    assert send(client, environment, body).status_code == 202
    changed, moved = stored()
    assert changed.data["changed_fields"] == ["Uren module", names[1], "a"]
    assert moved.data["transition"]["from_phase"] is None
    assert moved.data["transition"]["to_phase"] == "Gewonnen " + "!" * 191
    odd = TRANSITION | {"id": "t\u200b1"}
    body = body_of("automatic_action.triggered", **triggered | {"transition": odd})
    assert send(client, environment, body).status_code == 400, "an id is one to the letter"


def test_the_same_id_again_does_nothing(client: FlaskClient, environment: Environment) -> None:
    for version in (7, 8):
        body = body_of("contact.changed", contact_id="c-1", version=version)
        assert send(client, environment, body, id="evt_1").status_code == 202
    assert [event.version for event in stored()] == ["7"]


def test_many_events_make_one_job(client: FlaskClient, environment: Environment) -> None:
    for _ in range(5):
        send(client, environment, body_of("contact.changed", **CHANGED))
    assert len(stored()) == 5
    assert len(queue().jobs) == 1


def test_without_redis_the_event_is_there_all_the_same(
    client: FlaskClient, environment: Environment, without_redis: None
) -> None:
    assert send(client, environment, body_of("contact.changed", **CHANGED)).status_code == 202
    assert len(stored()) == 1


@pytest.mark.parametrize(
    ("minutes", "secret"),
    [(-6, None), (6, None), (0, "whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=")],
)
def test_a_signature_that_is_not_ours_now(
    client: FlaskClient, environment: Environment, minutes: int, secret: str | None
) -> None:
    at = datetime.now(UTC) + timedelta(minutes=minutes)
    body = body_of("contact.changed", **CHANGED)
    answer = send(client, environment, body, at=at, secret=secret)
    assert (answer.status_code, answer.json) == (401, {"error": "unauthorized"})
    assert stored() == []


@pytest.mark.parametrize(
    "changed",
    [
        {"webhook-id": "another"},
        {"webhook-id": ""},
        {"webhook-timestamp": "yesterday"},
        {"webhook-timestamp": "1e400"},
        {"webhook-signature": ""},
        {"webhook-signature": "v1"},
        {"webhook-signature": "v1,é"},
        {"webhook-signature": "v2,aaaa v1,aaaa v1,,"},
    ],
)
def test_headers_that_are_no_signature(
    client: FlaskClient, environment: Environment, changed: dict[str, str]
) -> None:
    body = body_of("contact.changed", **CHANGED)
    headers = signed(environment, body) | changed
    answer = client.post(f"/events/{environment.key}", data=body, headers=headers)
    assert (answer.status_code, answer.json) == (401, {"error": "unauthorized"})


def test_the_bytes_count(client: FlaskClient, environment: Environment) -> None:
    body = body_of("contact.changed", **CHANGED)
    headers = signed(environment, body)
    for other in (body + b" ", body.replace(b"c-1", b"c-2"), b"", b"\xff"):
        answer = client.post(f"/events/{environment.key}", data=other, headers=headers)
        assert answer.status_code == 401
    form = headers | {"Content-Type": "application/x-www-form-urlencoded"}
    assert client.post(f"/events/{environment.key}", data=body, headers=form).status_code == 202


def test_a_replaced_secret_is_valid_for_a_day(
    client: FlaskClient, environment: Environment
) -> None:
    old = valid_secrets(environment, SecretKind.EVENTS)[0]
    new = environments.rotate(environment, SecretKind.EVENTS)
    db.session.commit()
    body = body_of("contact.changed", **CHANGED)
    assert send(client, environment, body, secret=old).status_code == 202
    assert send(client, environment, body, secret=new).status_code == 202
    both = signed(environment, body, id="x", secret=new)
    both["webhook-signature"] = f"v1,aaaa {both['webhook-signature']}"
    answer = client.post(f"/events/{environment.key}", data=body, headers=both)
    assert answer.status_code == 202
    with time_machine.travel(datetime.now(UTC) + timedelta(hours=25)):
        late = body_of("contact.changed", **CHANGED)
        now = datetime.now(UTC)
        assert send(client, environment, late, secret=old, at=now).status_code == 401
        assert send(client, environment, late, secret=new, at=now).status_code == 202


@pytest.mark.parametrize(
    ("kind", "data", "named"),
    [
        ("contact.renamed", CHANGED, "type"),
        ("contact.changed", {"contact_id": "c-1"}, "version"),
        ("contact.changed", {"contact_id": "c-1", "version": True}, "version"),
        ("contact.changed", {"contact_id": "c-1", "version": 10**70}, "version"),
        ("contact.changed", {"contact_id": "c-1", "version": "\x00"}, "version"),
        ("contact.changed", {"contact_id": "c-1", "version": "\u200b"}, "version"),
        ("contact.changed", {"contact_id": 1, "version": 7}, "contact_id"),
        ("contact.changed", {"contact_id": "a,b", "version": 7}, "contact_id"),
        ("contact.deleted", {}, "contact_id"),
        ("contact.merged", {"kept_id": "c-1"}, "merged_id"),
        ("contact.merged", {"kept_id": "c-1", "merged_id": "c-1"}, "merged_id"),
        ("relation.changed", {"relation_id": "r-1"}, "changed_fields"),
        ("relation.changed", {"relation_id": "r-1", "changed_fields": [1]}, "changed_fields"),
        ("automatic_action.triggered", {"action_id": "7", "contact_id": "c-1"}, "transition"),
        (
            "automatic_action.triggered",
            {"action_id": "7", "contact_id": "c-1", "transition": TRANSITION | {"at": "gisteren"}},
            "transition.at",
        ),
    ],
)
def test_a_body_that_is_no_event(
    client: FlaskClient, environment: Environment, kind: str, data: dict[str, Any], named: str
) -> None:
    answer = send(client, environment, body_of(kind, **data))
    assert answer.status_code == 400 and answer.json is not None
    assert answer.json["error"] == "invalid" and named in answer.json["detail"]
    assert stored() == []


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"[" * 5000,
        json.dumps({"type": "contact.changed", "data": CHANGED}).encode(),
        json.dumps({"type": "contact.changed", "timestamp": 5, "data": CHANGED}).encode(),
        json.dumps(
            {"type": "contact.changed", "timestamp": "2026-11-25T10:00:00", "data": CHANGED}
        ).encode(),
        json.dumps(
            {"type": "contact.changed", "timestamp": "0001-01-01T00:00:00+14:00", "data": CHANGED}
        ).encode(),
        json.dumps(
            {"type": "contact.changed", "timestamp": "2026-11-25T10:00:00Z", "data": []}
        ).encode(),
        b'{"type": "contact.changed", "timestamp": "2026-11-25T10:00:00Z",'
        b' "data": {"contact_id": "c-1", "version": ' + b"9" * 5000 + b"}}",
    ],
)
def test_a_body_that_is_nothing(client: FlaskClient, environment: Environment, body: bytes) -> None:
    answer = send(client, environment, body)
    assert answer.status_code == 400 and answer.json is not None
    assert set(answer.json) == {"error", "detail"}


def test_an_id_that_is_too_long(client: FlaskClient, environment: Environment) -> None:
    body = body_of("contact.changed", **CHANGED)
    assert send(client, environment, body, id="x" * 201).status_code == 400
    assert send(client, environment, body, id="x" * 200).status_code == 202


def test_an_unknown_environment(client: FlaskClient, environment: Environment) -> None:
    body = body_of("contact.changed", **CHANGED)
    for key in ("nobody", "é", "%00"):
        answer = client.post(f"/events/{key}", data=body, headers=signed(environment, body))
        assert (answer.status_code, answer.json) == (404, {"error": "unknown_environment"})


def test_another_environments_secret(
    client: FlaskClient, environment: Environment, other_environment: Environment
) -> None:
    theirs = valid_secrets(other_environment, SecretKind.EVENTS)[0]
    body = body_of("contact.changed", **CHANGED)
    assert send(client, environment, body, secret=theirs).status_code == 401


def test_a_disabled_environment(client: FlaskClient, environment: Environment) -> None:
    environment.disabled_at = datetime.now(UTC)
    body = body_of("contact.changed", **CHANGED)
    assert send(client, environment, body).status_code == 410
    wrong = "whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="
    assert send(client, environment, body, secret=wrong).status_code == 401
    assert stored() == []


def test_a_body_of_more_than_20_kb(client: FlaskClient, environment: Environment) -> None:
    for extra, status in ((19_000, 202), (20_000, 413)):
        body = body_of("contact.changed", **CHANGED, other="x" * extra)
        assert send(client, environment, body).status_code == status
    assert len(stored()) == 1


def test_more_than_we_can_handle_is_to_be_sent_later(
    client: FlaskClient, environment: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(intake, "MOST_WAITING", 2)
    body = body_of("contact.changed", **CHANGED)
    answers = [send(client, environment, body) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [202, 202, 202, 429]
    assert answers[-1].headers["Retry-After"] == "60"
    assert len(stored()) == 3


def test_a_database_that_does_not_write(client: FlaskClient, environment: Environment) -> None:
    body = body_of("contact.changed", **CHANGED)
    url, headers = f"/events/{environment.key}", signed(environment, body)
    with read_only():
        answer = client.post(url, data=body, headers=headers)
    assert (answer.status_code, answer.json) == (503, {"error": "unavailable"})
    assert answer.headers["Retry-After"] == "10"
