"""The revisions make the database that the models mean; each change of these has its own."""

from __future__ import annotations

import ast
import os
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from cryptography.fernet import Fernet
from flask import Flask
from flask_migrate import downgrade, migrate, upgrade
from sqlalchemy import create_engine, inspect, text
from sqlalchemy.exc import DBAPIError

from spotler_plugin import create_app
from spotler_plugin.config import Config
from spotler_plugin.extensions import db

MIGRATIONS = Path(__file__).resolve().parents[1] / "migrations"
REVISIONS = sorted((MIGRATIONS / "versions").glob("*.py"))
NEXT = len(REVISIONS) + 1
LIBRARIES = {"__future__", "sqlalchemy", "alembic"}
PYTHON = {"unicodedata"}
"""Modules of Python itself, which stay what they are."""
Add = Callable[[str], Path]


@pytest.fixture
def database_url(tmp_path: Path) -> Iterator[str]:
    """A database without tables: a file, or a schema of the shared PostgreSQL."""
    given = os.environ.get("TEST_DATABASE_URL")
    if not given:
        yield f"sqlite:///{tmp_path / 'db'}"
        return
    schema = f"migrations_{os.environ.get('PYTEST_XDIST_WORKER', 'tests')}"
    server = create_engine(given)
    with server.begin() as connection:
        connection.exec_driver_sql(f"CREATE SCHEMA {schema}")
    yield f"{given}?options=-csearch_path%3D{schema}"
    with server.begin() as connection:
        connection.exec_driver_sql(f"DROP SCHEMA {schema} CASCADE")
    server.dispose()


@pytest.fixture
def bare(database_url: str) -> Iterator[Flask]:
    """The application on a database without tables."""
    settings = {"DATABASE_URL": database_url, "REDIS_URL": "redis://localhost",
                "SECRET_KEYS": Fernet.generate_key().decode(),
                "PUBLIC_URL": "https://plugin.example", "LOG_LEVEL": "ERROR"}  # fmt: skip
    app = create_app(Config.read(settings))
    with app.app_context():
        yield app
        db.engine.dispose()


@pytest.fixture
def add(tmp_path: Path) -> Add:
    """Add a revision that does this to a copy of ours; answers the copy."""
    folder = Path(shutil.copytree(MIGRATIONS, tmp_path / "migrations"))

    def written(body: str) -> Path:
        (folder / "versions" / f"{NEXT:04}_more.py").write_text(
            "import sqlalchemy as sa\nfrom alembic import op\n"
            f"revision, down_revision = '{NEXT:04}', '{NEXT - 1:04}'\n"
            f"def upgrade():\n    {body}\n"
        )
        return folder

    return written


def differences() -> list[Any]:
    """What would have to change in the database, to be as the models say."""
    options = {"compare_type": True, "compare_server_default": True}
    with db.engine.connect() as connection:
        return list(
            compare_metadata(MigrationContext.configure(connection, opts=options), db.metadata)
        )


def test_the_revisions_make_what_the_models_mean(bare: Flask) -> None:
    upgrade()
    assert differences() == [], 'a change of the models takes a revision: `db migrate -m "…"`'
    found = inspect(db.engine)
    for name, table in db.metadata.tables.items():
        # What Alembic does not compare.
        assert found.get_pk_constraint(name)["name"] == table.primary_key.name
        foreign = {key["name"] for key in found.get_foreign_keys(name)}
        assert foreign == {key.name for key in table.foreign_key_constraints}


def test_the_way_back_leaves_nothing(bare: Flask) -> None:
    upgrade()
    downgrade(revision="base")
    assert inspect(db.engine).get_table_names() == ["alembic_version"]


def test_when_a_revision_fails_all_stays_as_it_was(bare: Flask, add: Add) -> None:
    with pytest.raises(DBAPIError):
        upgrade(directory=add("op.drop_table('nothing')"))
    assert inspect(db.engine).get_table_names() == []


def test_altering_a_table_keeps_what_refers_to_it(bare: Flask, add: Add) -> None:
    """SQLite drops the table on the way, which counts as deleting its rows."""
    upgrade()
    with db.engine.begin() as connection:
        connection.execute(
            text("INSERT INTO environment (id, key, name, crm_origins, crm_api, created_at,"
                 " region, mapping_version)"
                 " VALUES (1, 'acme', 'Yoobi', '[]', '', '2026-11-25', 'NL', 0)")
        )  # fmt: skip
        connection.execute(
            text("INSERT INTO mapping_row (environment_id, entity, field, property,"
                 " empties_former) VALUES (1, 'contact', 'city', 'city', false)")
        )  # fmt: skip
    alter = "batch.alter_column('name', existing_type=sa.String(80), nullable=True)"
    upgrade(directory=add(f"with op.batch_alter_table('environment') as batch: {alter}"))
    with db.engine.begin() as connection:
        assert connection.scalar(text("SELECT count(*) FROM mapping_row")) == 1
        connection.execute(text("DELETE FROM environment"))
        assert connection.scalar(text("SELECT count(*) FROM mapping_row")) == 0


def test_a_new_revision_gets_the_next_number_and_our_form(bare: Flask, add: Add) -> None:
    # Together these have all of our column types.
    folder = add("[op.drop_table(name) for name in ('connection', 'link', 'mirror_contact')]")
    upgrade(directory=folder)
    migrate(directory=folder, message="Tables again")
    path = folder / "versions" / f"{NEXT + 1:04}_tables_again.py"
    written = path.read_text()
    assert f'revision = "{NEXT + 1:04}"\ndown_revision = "{NEXT:04}"' in written
    assert "###" not in written and "'" not in written and "Enum" not in written
    assert imported(path) == LIBRARIES
    upgrade(directory=folder)
    assert differences() == []


def test_where_nothing_changed_no_revision_is_written(bare: Flask, add: Add) -> None:
    folder = add("pass")
    upgrade(directory=folder)
    migrate(directory=folder, message="nothing")
    assert len(list((folder / "versions").glob("*.py"))) == NEXT


def imported(path: Path) -> set[str | None]:
    """The modules that a file imports."""
    nodes = list(ast.walk(ast.parse(path.read_text())))
    return {
        alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names
    } | {node.module for node in nodes if isinstance(node, ast.ImportFrom)}


@pytest.mark.parametrize("path", REVISIONS, ids=lambda path: path.stem)
def test_each_revision_says_why_and_needs_none_of_our_code(path: Path) -> None:
    """What it imported of ours would be something else by the time that it runs."""
    assert imported(path) <= LIBRARIES | PYTHON
    said = ast.get_docstring(ast.parse(path.read_text()))
    assert said and re.fullmatch(r"[A-Z].+\.\n\n[A-Z].+\.", said, re.DOTALL)
    assert "Why it is needed" not in said


def test_the_revisions_are_numbered_without_a_gap() -> None:
    numbers = [path.name[:5] for path in REVISIONS]
    assert numbers == [f"{number:04}_" for number in range(1, NEXT)]
