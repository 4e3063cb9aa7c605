"""Acme, not connected yet."""

from __future__ import annotations

import pytest
from flask import Flask

from demo.crm.server import DemoCrm
from demo.spotler.server import Sandbox
from spotler_plugin.models import (
    Environment,
)
from tests.world.accounts import environment_of


@pytest.fixture
def acme(app: Flask, sandbox: Sandbox, crm: DemoCrm) -> Environment:
    return environment_of("acme", sandbox, crm)
