"""The SQLite file: nobody but its owner reads the names and addresses in it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import text

from spotler_plugin import create_app
from spotler_plugin.config import Config, settings_of
from spotler_plugin.extensions import db


@pytest.fixture
def config(app: Flask) -> Config:
    return settings_of(app)


@pytest.fixture(autouse=True)
def everybody_may() -> Iterator[None]:
    before = os.umask(0)
    yield
    os.umask(before)


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


def test_file_and_folders_are_made_for_their_owner(config: Config, tmp_path: Path) -> None:
    file = tmp_path / "var" / "lib" / "plugin.sqlite3"
    app = create_app(replace(config, database_url=f"sqlite:///{file}"))
    with app.app_context():
        db.session.execute(text("CREATE TABLE names (name)"))
        db.session.commit()
        assert sorted(each.name for each in file.parent.iterdir()) == [
            "plugin.sqlite3",
            "plugin.sqlite3-shm",
            "plugin.sqlite3-wal",
        ]
        assert {mode(each) for each in file.parent.iterdir()} == {0o600}
        assert mode(file.parent) == mode(file.parent.parent) == 0o700
        db.session.remove()
        db.engine.dispose()


def test_what_is_there_stays_as_its_owner_made_it(config: Config, tmp_path: Path) -> None:
    file = tmp_path / "plugin.sqlite3"
    file.touch(0o640)
    app = create_app(replace(config, database_url=f"sqlite:///{file}"))
    with app.app_context():
        db.session.execute(text("CREATE TABLE names (name)"))
        db.session.commit()
        assert mode(file) == 0o640
        db.session.remove()
        db.engine.dispose()
