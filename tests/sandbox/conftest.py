"""One sandbox for all tests, started over before each."""

from collections.abc import Iterator

import pytest

from demo.spotler.server import Sandbox
from tests.sandbox.clients import Api, Control


@pytest.fixture(scope="session")
def running() -> Iterator[Sandbox]:
    with Sandbox() as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(running: Sandbox) -> Sandbox:
    running.reset()
    return running


@pytest.fixture
def api(sandbox: Sandbox) -> Iterator[Api]:
    client = Api(sandbox.base_url)
    yield client
    client.session.close()


@pytest.fixture
def legacy(sandbox: Sandbox) -> Iterator[Api]:
    client = Api(f"{sandbox.url}/integrationservice-1.1.0")
    yield client
    client.session.close()


@pytest.fixture
def control(sandbox: Sandbox) -> Iterator[Control]:
    client = Control(f"{sandbox.url}/_sandbox")
    yield client
    client.session.close()
