"""SQL that differs between SQLite and PostgreSQL."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from typing import Any, cast

from sqlalchemy import ARRAY, ColumnElement, UnaryExpression, any_, func, inspect, literal, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.operators import custom_op

from spotler_plugin.extensions import Model, db


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


def insert_one(model: type[Model], row: Mapping[str, Any]) -> bool:
    """Insert a row; False when a unique constraint says that it exists.

    On PostgreSQL this waits for another transaction that is inserting the same row.
    """
    dialect = postgresql if _is_postgresql() else sqlite
    statement = dialect.insert(model).values(**row).on_conflict_do_nothing()
    return bool(db.session.execute(statement.returning(*inspect(model).primary_key)).all())


def _is_postgresql() -> bool:
    return db.engine.dialect.name == "postgresql"
