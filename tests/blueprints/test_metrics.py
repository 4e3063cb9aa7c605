"""What Prometheus reads: who may, that the numbers are the tables', and that nobody is named."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
import responses
from flask import Flask
from flask.testing import FlaskClient
from prometheus_client.parser import text_string_to_metric_families

from spotler_plugin.extensions import db, redis_server
from spotler_plugin.models import (
    Connection,
    ConnectionState,
    Environment,
    Event,
    EventType,
    Feed,
    Outcome,
    Run,
    RunItem,
    RunKind,
    RunState,
    Source,
)
from spotler_plugin.services.account.client import client_of
from spotler_plugin.services.calls.count import Side
from spotler_plugin.services.calls.crm import observing
from tests.blueprints.conftest import SPOTLER
from tests.blueprints.widget import Widget
from tests.settings import configure

TOKEN = "a-token-for-prometheus"


def now() -> datetime:
    """When asked: a constant would be from the beginning of the whole suite."""
    return datetime.now(UTC)


Samples = dict[tuple[str, ...], float]


@pytest.fixture
def scraped(app: Flask) -> None:
    configure(app, metrics_token=TOKEN)


def scrape(client: FlaskClient) -> Samples:
    """By name and the values of the labels, which Prometheus can read."""
    answer = client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
    assert answer.status_code == 200 and answer.mimetype == "text/plain"
    return {
        (sample.name.removeprefix("spotler_plugin_"), *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


def run_of(owner: Environment, state: RunState, outcomes: list[Outcome], due_at: datetime) -> None:
    closed = state in (RunState.FINISHED, RunState.CANCELLED)
    counts = {end.value: outcomes.count(end) for end in set(outcomes)} if closed else {}
    run = Run(id=uuid4(), environment_id=owner.id, request_token=uuid4(), kind=RunKind.SYNC,
              source=Source.ADMIN, state=state, created_at=due_at, selected=len(outcomes),
              actor_name="Alice", **counts)  # fmt: skip
    db.session.add(run)
    db.session.flush()
    db.session.add_all(
        RunItem(environment_id=owner.id, run_id=run.id, contact_id=f"c-{number}",
                outcome=outcome, due_at=due_at)
        for number, outcome in enumerate(outcomes)
    )  # fmt: skip


def event_of(owner: Environment, due_at: datetime) -> None:
    db.session.add(
        Event(environment_id=owner.id, webhook_id=uuid4().hex, type=EventType.CONTACT_CHANGED,
              contact_id="c-1", data={}, sent_at=now(), received_at=now(), due_at=due_at)
    )  # fmt: skip


def connected(owner: Environment, state: ConnectionState) -> Connection:
    return Connection(environment_id=owner.id, key="k", secret="s", key_ending="k",
                      secret_ending="s", state=state, proved_at=now(), connected_by="")  # fmt: skip


def test_without_the_setting_there_is_nothing(client: FlaskClient) -> None:
    answer = client.get("/metrics", headers={"Authorization": "Bearer "})
    assert answer.status_code == 404


@pytest.mark.parametrize("header", [None, "Bearer", "Bearer wrong", f"Basic {TOKEN}", "Bearer é"])
def test_only_who_has_the_token(scraped: None, client: FlaskClient, header: str | None) -> None:
    answer = client.get("/metrics", headers={"Authorization": header} if header else {})
    assert answer.status_code == 401 and answer.text == ""


def test_the_numbers_are_the_tables(
    scraped: None, client: FlaskClient, environment: Environment, other_environment: Environment
) -> None:
    hour, minute = now() - timedelta(hours=1), now() - timedelta(minutes=1)
    closed = [Outcome.UPDATED, Outcome.UPDATED, Outcome.BLOCKED]
    run_of(environment, RunState.FINISHED, closed, hour)
    run_of(environment, RunState.OPEN, [Outcome.UPDATED, Outcome.OPEN, Outcome.OPEN], minute)
    run_of(other_environment, RunState.HALTED, [Outcome.OPEN], hour)
    event_of(environment, now() - timedelta(minutes=2))
    event_of(environment, now() + timedelta(minutes=2))
    db.session.add_all(
        [
            Feed(environment_id=environment.id, read_at=minute),
            Feed(environment_id=other_environment.id),
            connected(environment, ConnectionState.CONNECTED),
            connected(other_environment, ConnectionState.REFUSED),
        ]
    )
    seen = scrape(client)
    assert seen["items", "acme", "updated"] == 3 and seen["items", "acme", "blocked"] == 1
    assert seen["open_items", "acme"] == 2 and seen["open_items", "bolt"] == 1
    assert seen["runs", "acme", "finished"] == 1 and seen["runs", "bolt", "halted"] == 1
    assert seen["oldest_waiting_seconds", "acme"] == pytest.approx(120, abs=20)
    assert (seen["waiting_events", "acme"], seen["waiting_events", "bolt"]) == (1, 0)
    assert seen["oldest_waiting_seconds", "bolt"] == 0, "it waits for a person"
    assert seen["feed_age_seconds", "acme"] == pytest.approx(60, abs=20)
    assert ("feed_age_seconds", "bolt") not in seen, "never read is not new"
    assert (seen["halted", "acme"], seen["halted", "bolt"]) == (0, 1)
    assert (seen["redis_up",], seen["workers_alive",], seen["scheduler_alive",]) == (1, 0, 0)


def test_calls_are_counted_by_endpoint_and_ending(
    scraped: None,
    client: FlaskClient,
    environment: Environment,
    wire: responses.RequestsMock,
) -> None:
    db.session.add(connected(environment, ConnectionState.CONNECTED))
    wire.get(f"{SPOTLER}/contact/c-99", status=404, json={"errorType": "CONTACT_NOT_FOUND"})
    spotler = client_of(environment)
    spotler.properties.list()
    spotler.properties.list()
    spotler.contacts.get("c-99")
    seen = scrape(client)
    counts = {key[1:]: value for key, value in seen.items() if key[0].endswith("seconds_count")}
    assert counts == {("GET contact/properties/list", "2xx"): 2, ("GET contact/{}", "4xx"): 1}
    name = "spotler_call_seconds_bucket"
    assert seen[name, "GET contact/properties/list", "+Inf", "2xx"] == 2
    assert seen[name, "GET contact/properties/list", "0.05", "2xx"] <= 2


def test_the_crm_is_known_as_spotler_is(
    scraped: None, client: FlaskClient, environment: Environment, other_environment: Environment
) -> None:
    observing(environment.id)("GET fields", 0.1, 200, None)
    observing(other_environment.id)("GET fields", 0.1, 401, None)
    seen = scrape(client)
    assert (seen["crm_refused", "acme"], seen["crm_refused", "bolt"]) == (0, 1)
    good = seen["crm_good_timestamp_seconds", "acme"]
    assert good == pytest.approx(now().timestamp(), abs=20)
    assert ("crm_good_timestamp_seconds", "bolt") not in seen, "it never was"


def test_without_redis_it_says_what_the_database_knows(
    scraped: None,
    client: FlaskClient,
    environment: Environment,
    without_redis: None,
) -> None:
    seen = scrape(client)
    assert seen["redis_up",] == 0 and ("workers_alive",) not in seen
    assert seen["open_items", "acme"] == 0


def test_nobody_is_named(
    scraped: None, client: FlaskClient, environment: Environment, admin: Widget
) -> None:
    run_of(environment, RunState.FINISHED, [Outcome.UPDATED], now())
    redis_server.queue.hset(Side.SPOTLER.key, "GET contact/{}|2xx|0", 1)
    answer = client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"}).text
    assert "Alice" not in answer and "c-0" not in answer and "acme" in answer
