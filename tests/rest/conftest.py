"""Each test that asks for a `side` runs over both clients."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import responses

from tests.rest.sides import CRM, SPOTLER, Side

BASE = "https://other.test/api"


@pytest.fixture(params=[SPOTLER, CRM], ids=["spotler", "crm"])
def side(request: pytest.FixtureRequest) -> Side:
    found = request.param
    assert isinstance(found, Side)
    return found


@pytest.fixture
def client(side: Side) -> Any:
    return side.client(side.transport(BASE))


@pytest.fixture
def wire() -> Iterator[responses.RequestsMock]:
    with responses.RequestsMock() as wire:
        yield wire
