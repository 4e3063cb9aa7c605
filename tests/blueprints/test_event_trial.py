"""A test event: whether signature and clock of the CRM's events are right, for its developer."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

from spotler_plugin.extensions import redis_server
from spotler_plugin.models import Environment
from tests.blueprints.widget import Widget, words
from tests.events import body_of, send


def sent(client: FlaskClient, environment: Environment, **given: Any) -> None:
    """An event as the CRM sends it, with what is wrong with it."""
    body = given.pop("body", body_of("contact.changed", contact_id="c-1", version=1))
    send(client, environment, body, **given)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, "Aangekomen: de handtekening klopt."),
        ({"seconds": -90}, "seconden achter."),
        ({"seconds": 600}, "Geweigerd: het tijdstip klopt niet. De klok van Yoobi loopt"),
        ({"seconds": -1e6}, "De klok van Yoobi loopt meer dan een dag achter."),
        ({"secret": "whsec_" + "MDEy" * 11}, "Geweigerd: de handtekening klopt niet."),
        ({"body": b'{"type": "contact.changed"}'}, "De handtekening klopt, de inhoud niet."),
        ({"id": ""}, "Geweigerd: er ontbreken headers."),
    ],
)
def test_a_test_event_tells_how_it_arrived(
    client: FlaskClient, environment: Environment, admin: Widget, given: dict[str, Any], said: str
) -> None:
    sent(client, environment)
    answer = admin.ask("POST", "/admin/events/test")
    assert "Wacht op een gebeurtenis van Yoobi" in words(answer), "earlier ones do not count"
    assert 'hx-trigger="every 2s"' in answer.text
    at = datetime.now(UTC) + timedelta(seconds=given.get("seconds", 0))
    sent(client, environment, **{k: v for k, v in given.items() if k != "seconds"}, at=at)
    answer = admin.ask("GET", "/admin/events/test")
    assert said in words(answer)
    assert "hx-trigger" not in answer.text


def test_nothing_is_kept_of_events_that_no_test_waits_for(
    client: FlaskClient, environment: Environment, admin: Widget
) -> None:
    sent(client, environment, secret="whsec_" + "MDEy" * 11)
    assert "Geweigerd" not in words(admin.ask("GET", "/admin/events/test"))
    assert redis_server.queue.keys("*event_test*") == []


def test_a_test_without_redis_says_so(without_redis: None, admin: Widget) -> None:
    assert "Testen kan nu niet." in words(admin.ask("POST", "/admin/events/test"))
