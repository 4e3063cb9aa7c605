"""What differs between SQLite and PostgreSQL: statements, and how they say that they cannot."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Mapping, Sequence
from enum import StrEnum
from typing import Any, cast
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Select,
    String,
    Subquery,
    UnaryExpression,
    Uuid,
    any_,
    func,
    inspect,
    literal,
    select,
)
from sqlalchemy import cast as cast_to
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as NoConnectionFree
from sqlalchemy.sql.operators import custom_op

from spotler_plugin.extensions import Model, db


class Trouble(StrEnum):
    """What keeps a database from its work, where nothing is wrong with the statement."""

    LOCKED = "locked"
    READ_ONLY = "read-only"
    FULL = "full"
    AWAY = "unreachable"


_OF_SQLITE = {
    sqlite3.SQLITE_BUSY: Trouble.LOCKED,
    sqlite3.SQLITE_LOCKED: Trouble.LOCKED,
    sqlite3.SQLITE_READONLY: Trouble.READ_ONLY,
    sqlite3.SQLITE_FULL: Trouble.FULL,
    sqlite3.SQLITE_IOERR: Trouble.AWAY,
    sqlite3.SQLITE_CANTOPEN: Trouble.AWAY,
}
_OF_POSTGRESQL = {
    "40001": Trouble.LOCKED,
    "40P01": Trouble.LOCKED,
    "55P03": Trouble.LOCKED,
    "25006": Trouble.READ_ONLY,
    "53100": Trouble.FULL,
    # Out of memory, too many connections; shutting down or starting; the connection broke.
    "53": Trouble.AWAY,
    "57P": Trouble.AWAY,
    "08": Trouble.AWAY,
}
"""By SQLSTATE, or how it begins; the first that fits."""


def trouble_of(error: SQLAlchemyError) -> Trouble | None:
    """Return what kept the database from its work, or None for a mistake in the statement."""
    if isinstance(error, NoConnectionFree):
        return Trouble.LOCKED
    if not isinstance(error, DBAPIError):
        return None
    code = getattr(error.orig, "sqlite_errorcode", None)
    if code is not None:
        # The last byte is the kind, what stands before it the variety.
        return _OF_SQLITE.get(code & 0xFF)
    state = getattr(error.orig, "sqlstate", None)
    if state is not None:
        found = (each for begin, each in _OF_POSTGRESQL.items() if state.startswith(begin))
        return next(found, None)
    # Without a code it never came as far as the database.
    return Trouble.AWAY if isinstance(error, OperationalError) else None


def among(column: Any, values: Collection[str] | Collection[int]) -> ColumnElement[bool]:
    """Return the condition that a column has one of these values, passed as one parameter.

    A chunk has a hundred contacts, and `IN` with a hundred parameters costs SQLAlchemy a
    millisecond per statement.
    """
    if _is_postgresql():
        found: ColumnElement[bool] = column == any_(literal(list(values), ARRAY(column.type)))
        return found
    each = func.json_each(json.dumps(list(values))).table_valued("value")
    one_of: ColumnElement[bool] = column.in_(select(each.c.value))
    return one_of


def listed(values: Collection[str]) -> Subquery:
    """Return these texts as rows with the column `id`, passed as one parameter."""
    if _is_postgresql():
        array = literal(list(values), ARRAY(String))
        return select(func.unnest(array, type_=String).label("id")).subquery()
    each = func.json_each(json.dumps(list(values))).table_valued("value")
    return select(cast_to(each.c.value, String).label("id")).subquery()


def unindexed(column: Any) -> ColumnElement[Any]:
    """Return the column so that SQLite does not use its index, when another index finds less."""
    if _is_postgresql():
        return cast(ColumnElement[Any], column)
    return UnaryExpression(column, operator=custom_op("+"), type_=column.type)


def insert_new(model: type[Model], rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows, except those that a unique constraint says exist."""
    if not rows:
        return
    dialect = postgresql if _is_postgresql() else sqlite
    db.session.execute(dialect.insert(model).on_conflict_do_nothing(), rows)


def insert_selected(
    model: type[Model], columns: Sequence[str], rows: Select[*tuple[Any, ...]]
) -> None:
    """Insert what a query finds, except rows that a unique constraint says exist."""
    dialect = postgresql if _is_postgresql() else sqlite
    statement = dialect.insert(model).from_select(list(columns), rows)
    # Past the session: there may be a hundred thousand.
    db.session.connection().execute(statement.on_conflict_do_nothing())


def new_uuid() -> ColumnElement[UUID]:
    """Return a random UUID of the database's own, one for each row."""
    if _is_postgresql():
        return func.gen_random_uuid(type_=Uuid())
    return func.lower(func.hex(func.randomblob(16)), type_=Uuid())


def insert_one(model: type[Model], row: Mapping[str, Any]) -> bool:
    """Insert a row; False when a unique constraint says that it exists.

    On PostgreSQL this waits for another transaction that is inserting the same row.
    """
    dialect = postgresql if _is_postgresql() else sqlite
    statement = dialect.insert(model).values(**row).on_conflict_do_nothing()
    return bool(db.session.execute(statement.returning(*inspect(model).primary_key)).all())


def _is_postgresql() -> bool:
    return db.engine.dialect.name == "postgresql"
