"""The sandbox and the demo CRM over HTTP, and an environment connected to both."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask

from demo.crm.app import create_app
from demo.crm.crm import Crm
from demo.crm.server import DemoCrm
from demo.crm.settings import Settings
from demo.spotler.server import Sandbox
from spotler_plugin.extensions import db, redis_server
from spotler_plugin.services import environment as environments
from spotler_plugin.services.connection import credentials
from tests.world.accounts import ALICE, environment_of
from tests.world.connected import Connected
from tests.world.world import World


@pytest.fixture(scope="session")
def running_sandbox() -> Iterator[Sandbox]:
    with Sandbox() as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(running_sandbox: Sandbox) -> Sandbox:
    running_sandbox.reset()
    return running_sandbox


@pytest.fixture(scope="session")
def crm_app() -> Flask:
    return create_app(Crm.open(Settings(contacts=0)))


@pytest.fixture
def crm(crm_app: Flask) -> Iterator[DemoCrm]:
    with DemoCrm(Settings(contacts=20), app=crm_app) as crm:
        yield crm


@pytest.fixture(scope="session")
def connections() -> list[Connected]:
    """The one that was made in this process, once it was."""
    return []


@pytest.fixture
def world(app: Flask, sandbox: Sandbox, crm: DemoCrm, connections: list[Connected]) -> World:
    alone = not environments.all_environments()
    if alone and connections:
        connections[0].again(crm_api=crm.api_url, spotler_url=sandbox.base_url)
    else:
        acme = environment_of("acme", sandbox, crm)
        credentials.connect(acme, sandbox.key, sandbox.secret, ALICE)
        db.session.commit()
        # As it is for those after it.
        sandbox.state.calls.clear()
        redis_server.queue.flushdb()
        if alone:
            connections.append(Connected.now())
    found = environments.find("acme")
    assert found is not None
    return World(found, sandbox, crm)
