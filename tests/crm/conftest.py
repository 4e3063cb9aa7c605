"""A client of an invented CRM whose answers the test writes, and one of the demo CRM."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import responses

from spotler_plugin.crm import CrmClient, Transport

BASE = "https://crm.test/api"


@pytest.fixture
def wire() -> Iterator[responses.RequestsMock]:
    with responses.RequestsMock() as wire:
        yield wire


@pytest.fixture
def client() -> CrmClient:
    return CrmClient(Transport(BASE, "the-token"))
