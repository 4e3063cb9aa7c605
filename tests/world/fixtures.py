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
from tests.world.crowd import Crowd, contact_id_of, gather, in_crm
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
def connections() -> dict[int, Connected]:
    """Those that were made in this process, by how many people were linked."""
    return {}


@pytest.fixture
def gathered(request: pytest.FixtureRequest) -> int:
    """How many are linked when a test begins that has a crowd."""
    asked = request.node.get_closest_marker("people")
    return asked.args[0] if asked and "crowd" in request.fixturenames else 0


@pytest.fixture
def world(
    app: Flask, sandbox: Sandbox, crm: DemoCrm, connections: dict[int, Connected], gathered: int
) -> World:
    alone = not environments.all_environments()
    known = connections.get(gathered) if alone else None
    if known:
        known.again(
            sandbox if gathered else None, crm_api=crm.api_url, spotler_url=sandbox.base_url
        )
        world = _world(sandbox, crm)
        in_crm(world, gathered)
        return world
    acme = environment_of("acme", sandbox, crm)
    credentials.connect(acme, sandbox.key, sandbox.secret, ALICE)
    db.session.commit()
    world = _world(sandbox, crm)
    if gathered:
        gather(world, gathered)
    # As it is for those after it.
    sandbox.state.calls.clear()
    crm.data.calls.clear()
    redis_server.queue.flushdb()
    if alone:
        connections[gathered] = Connected.now(sandbox)
    return world


def _world(sandbox: Sandbox, crm: DemoCrm) -> World:
    found = environments.find("acme")
    assert found is not None
    return World(found, sandbox, crm)


@pytest.fixture
def crowd(world: World, gathered: int) -> Crowd:
    """`@pytest.mark.people(3)` says that there are three."""
    assert gathered, "a test with a crowd says of how many"
    return Crowd(world, [contact_id_of(number) for number in range(gathered)])
