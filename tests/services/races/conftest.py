"""Two at once, on connections of their own: PostgreSQL only."""

from __future__ import annotations

import pytest
from flask import Flask

from spotler_plugin.extensions import db
from tests.services.races.two import Two


@pytest.fixture
def two(app: Flask) -> Two:
    if db.engine.dialect.name != "postgresql":
        pytest.skip("SQLite has one writer at a time")
    return Two(app)
