"""Two environments with a CRM and an account, and a worker that takes job after job."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask

from demo.crm.server import DemoCrm
from demo.spotler.server import Sandbox
from spotler_plugin.extensions import db
from spotler_plugin.models import Environment
from spotler_plugin.services.connection import credentials
from tests.world.accounts import ALICE, environment_of


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(empty=True) as sandbox:
        yield sandbox


@pytest.fixture
def crm(crm_app: Flask) -> Iterator[DemoCrm]:
    with DemoCrm(app=crm_app) as crm:
        yield crm


@pytest.fixture
def acme(app: Flask, sandbox: Sandbox, crm: DemoCrm) -> Environment:
    return _connected("acme", sandbox, crm)


@pytest.fixture
def bolt(app: Flask, sandbox: Sandbox, crm: DemoCrm) -> Environment:
    return _connected("bolt", sandbox, crm)


def _connected(key: str, sandbox: Sandbox, crm: DemoCrm) -> Environment:
    made = environment_of(key, sandbox, crm)
    credentials.connect(made, sandbox.key, sandbox.secret, ALICE)
    db.session.commit()
    return made
