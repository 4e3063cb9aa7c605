"""The documented CRMs do what the plugin expects of one: driven by our own client and intake."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
import requests
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from spotler_plugin.crm import CrmClient, Field, NotFound, TokenRefused, connect
from spotler_plugin.extensions import db
from spotler_plugin.models import Environment, Event, EventType, SecretKind
from spotler_plugin.services.environment import valid_secrets
from tests.contract.examples import Example, php, python
from tests.contract.port import on_a_port

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


@pytest.fixture(params=["python", "php"])
def crm(
    request: pytest.FixtureRequest, app: Flask, environment: Environment, tmp_path: Path
) -> Iterator[Example]:
    """A documented CRM that sends its events to the plugin."""
    settings: dict[str, str] = {
        "CRM_ORIGIN": environment.crm_origins[0],
        "ENVIRONMENT": environment.key,
        "LAUNCH_SECRET": valid_secrets(environment, SecretKind.LAUNCH)[0],
        "EVENTS_SECRET": valid_secrets(environment, SecretKind.EVENTS)[0],
        "API_TOKEN": valid_secrets(environment, SecretKind.API)[0],
    }
    db.session.commit()  # The plugin writes too, on its port.
    with on_a_port(app) as settings["PLUGIN_URL"]:
        running = python(settings) if request.param == "python" else php(settings, tmp_path)
        with running as example:
            yield example


@pytest.fixture
def api(crm: Example, environment: Environment) -> CrmClient:
    """What the plugin's jobs and screens call."""
    token = valid_secrets(environment, SecretKind.API)[0]
    db.session.commit()
    return connect(f"{crm.url}/api", token)


def test_a_launch_opens_the_widget(crm: Example, client: FlaskClient) -> None:
    asked = {"widget": "data-block", "resource": {"type": "contact", "id": "c-1"},
             "channel": uuid4().hex, "lang": "nl"}  # fmt: skip
    token = requests.post(f"{crm.url}/spotler-token", json=asked, timeout=5)
    assert token.status_code == 200
    answer = client.post("/launch", data={"token": token.text})
    assert answer.status_code == 200, answer.text


def test_events_arrive_once_each(crm: Example, api: CrmClient) -> None:
    crm.send_events()
    changed = EventType.CONTACT_CHANGED
    first = [(changed, "c-1", "1"), (changed, "c-2", "2"), (changed, "c-3", "3")]
    assert stored() == first
    api.contacts.patch(["c-2"], {"note": "Gebeld"}, idempotency_key="k")
    crm.send_events()
    crm.send_events()
    version = api.contacts.get_many(["c-2"]).contacts["c-2"].version
    assert stored() == [*first, (changed, "c-2", str(version))]


def test_the_token_is_asked_for(crm: Example) -> None:
    with pytest.raises(TokenRefused):
        connect(f"{crm.url}/api", "another").fields.list()


def test_fields_are_told(api: CrmClient) -> None:
    found = {field.name: field for field in api.fields.list()}
    assert [field.type for field in found.values()].count("email") == 1
    assert isinstance(found["language"], Field) and len(found["language"].choices) == 2
    assert found["keywords"].bulk_editable and not found["note"].bulk_editable


def test_contacts_are_read_by_id(api: CrmClient) -> None:
    batch = api.contacts.get_many(["c-1", "c-9"])
    assert batch.missing == {"c-9"}
    assert not batch.unreadable
    zoe = batch.contacts["c-1"]
    assert (zoe.relation_id, zoe.primary, zoe.active) == ("r-1", True, True)
    assert zoe.fields["first_name"] == "Zoë"


def test_changes_come_page_by_page(api: CrmClient) -> None:
    pages = [*api.contacts.changed_since(LONG_AGO, limit=2)]
    assert [[contact.id for contact in page.contacts] for page in pages] == [
        ["c-1", "c-2"],
        ["c-3"],
    ]
    later = datetime.now(UTC) + timedelta(hours=1)
    assert [page.contacts for page in api.contacts.changed_since(later)] == [[]]


def test_a_write_is_done_once_for_each_key(api: CrmClient) -> None:
    def patch(key: str, word: str, replace: bool = False) -> frozenset[str]:
        changes = {"keywords": [word], "active": False}
        done = api.contacts.patch(
            ["c-1", "c-9"], changes, replace_keywords=replace, idempotency_key=key
        )
        assert done.failed == {"c-9": "not_found"}
        return done.updated

    assert patch("one", "klant") == patch("one", "klant") == {"c-1"}
    first = api.contacts.get_many(["c-1"]).contacts["c-1"]
    assert (first.fields["keywords"], first.active, first.version) == (["klant"], False, 4)
    patch("two", "beurs")
    patch("three", "klant")
    assert api.contacts.get_many(["c-1"]).contacts["c-1"].fields["keywords"] == ["klant", "beurs"]
    patch("four", "nieuw", replace=True)
    assert api.contacts.get_many(["c-1"]).contacts["c-1"].fields["keywords"] == ["nieuw"]
    refused = api.contacts.patch(["c-1"], {"shoe_size": 43}, idempotency_key="five")
    assert list(refused.failed) == ["c-1"] and "shoe_size" in refused.failed["c-1"]


def test_a_selection_comes_page_by_page(api: CrmClient) -> None:
    pages = [*api.selections.ids("s-1", limit=2)]
    assert [(page.total, page.ids) for page in pages] == [(3, ("c-1", "c-2")), (3, ("c-3",))]
    with pytest.raises(NotFound):
        next(api.selections.ids("s-9"))


def test_a_relation_is_read(api: CrmClient) -> None:
    assert api.relations.get("r-1").primary_contact_id == "c-1"
    assert api.relations.get("r-1").fields == {"invoicing": True}
    with pytest.raises(NotFound):
        api.relations.get("r-9")


def test_an_opt_out_is_taken(api: CrmClient) -> None:
    def taken(contact_id: str) -> bool:
        return api.contacts.record_opt_out(
            contact_id, permission="Nieuwsbrief", at=LONG_AGO, source="spotler", idempotency_key="k"
        )

    assert taken("c-1")
    assert not taken("c-9")


def stored() -> list[tuple[EventType, str | None, str | None]]:
    """The events that the plugin took, in their order."""
    kept = select(Event.type, Event.contact_id, Event.version).where(Event.environment_id == 1)
    rows = db.session.execute(kept.order_by(Event.id))
    found = [(row.type, row.contact_id, row.version) for row in rows]
    db.session.commit()
    return found
