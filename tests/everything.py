"""Acme has a row in every table, with a word of its own in each text; and all routes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
import responses
from flask import Flask
from sqlalchemy import JSON, Column, DateTime, Enum, LargeBinary, insert
from sqlalchemy.types import TypeDecorator
from werkzeug.routing import Rule

from spotler_plugin.extensions import Model, db
from spotler_plugin.models import Environment
from spotler_plugin.models.columns import BitMap, JsonOf
from spotler_plugin.planning.adjustment import Adjustment, Skipped
from spotler_plugin.planning.backup import layout
from spotler_plugin.planning.backup.layout import Layout
from spotler_plugin.planning.detail import Detail
from spotler_plugin.planning.image import Image
from spotler_plugin.planning.proposal import Remapping
from spotler_plugin.planning.restore.order import Restore
from spotler_plugin.planning.undo.order import Undo
from spotler_plugin.planning.undo.patch import Patch
from tests.tenancy import OWNED

MARK = "Qcm7"
CONTACT = "c-1"
"""Of either: a CRM numbers its contacts as it likes."""
SAME = frozenset({"contact_id", "external_id"})

Keys = Mapping[str, Any]


@pytest.fixture
def acme(environment: Environment) -> dict[str, Any]:
    """The key of acme's row in each table."""
    keys: dict[str, Any] = {"environment": environment.id}
    for table in Model.metadata.sorted_tables:
        if table.name in OWNED:
            values = {column.name: value(column, keys) for column in table.columns}
            made = {name: each for name, each in values.items() if each is not None}
            added = db.session.connection().execute(insert(table).values(made))
            assert added.inserted_primary_key
            keys[table.name] = added.inserted_primary_key[0]
    db.session.commit()
    return keys


def value(column: Column[Any], keys: Keys) -> Any:
    """Something of acme's for this column; nothing where the database chooses."""
    if column.foreign_keys:
        [key] = column.foreign_keys
        # Of its own table it has none yet.
        return keys.get(key.column.table.name)
    if isinstance(column.type, BitMap):
        return {1: True}
    if isinstance(column.type, JsonOf):
        return {Adjustment: Adjustment(note=MARK), Detail: Detail(message=MARK),
                Image: Image(properties={MARK: MARK}),
                Layout: Layout((layout.Column(MARK, MARK),), {1: MARK}),
                Skipped: Skipped(((1, MARK),)), Patch: Patch({MARK: MARK}, {MARK: MARK}),
                Remapping: Remapping({(MARK, MARK): MARK}, {}),
                Restore: Restore((MARK,)), Undo: Undo(CONTACT)}[column.type.value]  # fmt: skip
    kind = column.type.impl if isinstance(column.type, TypeDecorator) else column.type
    if isinstance(kind, Enum) and kind.enum_class is not None:
        return next(iter(kind.enum_class))
    if isinstance(kind, JSON):
        return {MARK: MARK}
    if isinstance(kind, DateTime):
        # What has no moment of its end is still there.
        return None if column.nullable else datetime.now(UTC)
    if kind.python_type is UUID:
        return uuid4()
    if isinstance(column.type, LargeBinary):
        return MARK.encode()
    if kind.python_type in (str, bytes):
        return CONTACT if column.name in SAME else MARK
    # What is left are numbers and switches.
    return None if column.primary_key else 1


@pytest.fixture
def nobody_calls_out() -> Iterator[None]:
    with responses.RequestsMock():
        yield


def rules(app: Flask) -> list[tuple[Rule, str]]:
    """Each route with each of its methods."""
    return [
        (rule, method)
        for rule in app.url_map.iter_rules()
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})
    ]
