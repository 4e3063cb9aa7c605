"""A client of an invented Mail+ whose answers the test writes, and one of the sandbox."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import responses

from demo.spotler.server import Sandbox
from spotler_plugin.spotler import SpotlerClient, Transport

BASE = "https://spotler.test/integrationservice"


@pytest.fixture
def mail_plus() -> Iterator[responses.RequestsMock]:
    with responses.RequestsMock() as wire:
        yield wire


@pytest.fixture
def client() -> SpotlerClient:
    return SpotlerClient(Transport(BASE, "key", "secret"))


@pytest.fixture(scope="module")
def _running() -> Iterator[Sandbox]:
    with Sandbox() as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(_running: Sandbox) -> Sandbox:
    _running.reset()
    return _running
