"""The admin widget of Acme, and what Spotler and the CRM answer it at the wire."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import responses
from flask import Flask
from flask.testing import FlaskClient

from spotler_plugin.extensions import redis_server
from tests.blueprints.widget import Widget
from tests.cast import Launch

SPOTLER = "https://spotler.example/integrationservice"
CRM = "https://crm.example/api"


@pytest.fixture
def admin(client: FlaskClient, launch: Launch) -> Widget:
    return Widget.launch(client, launch("Alice", widget="admin", resource={"type": "none"}))


@pytest.fixture
def wire() -> Iterator[responses.RequestsMock]:
    """Spotler and the CRM, in order; a test takes away or replaces what it wants otherwise."""
    with responses.RequestsMock(assert_all_requests_are_fired=False) as wire:
        properties = [
            {"name": "firstName", "description": "Voornaam", "type": "string"},
            {"name": "permissions", "description": "Permissies", "type": "set",
             "entries": [{"bit": 1, "description": "Nieuwsbrief", "rank": 1}]},
        ]  # fmt: skip
        field = {"name": "first_name", "label": "Voornaam", "type": "text", "entity": "contact",
                 "bulk_editable": False, "choices": []}  # fmt: skip
        automation = {"id": "1", "name": "Welkom", "active": True,
                      "triggers": [{"code": "c0de", "name": "start"}]}  # fmt: skip
        wire.get(f"{SPOTLER}/contact/properties/list", json=properties)
        wire.get(f"{SPOTLER}/automation/list", json=[automation])
        wire.get(f"{SPOTLER}/campaign/list", json=[])
        wire.get(f"{CRM}/fields", json={"fields": [field]})
        yield wire


@pytest.fixture
def without_redis(app: Flask) -> None:
    """Nobody listens where Redis should be."""
    redis_server.connect("unix:///nowhere")
