"""Statements that differ between SQLite and PostgreSQL."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from functools import cache
from typing import Any, Self, cast
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    Boolean,
    ColumnElement,
    Dialect,
    Select,
    String,
    Subquery,
    Table,
    Uuid,
    any_,
    bindparam,
    func,
    inspect,
    select,
    type_coerce,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.dml import ReturningInsert
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeDecorator, TypeEngine

from spotler_plugin.extensions import Model, db


class _Listed(TypeDecorator[Collection[Any]]):
    """Texts or numbers as one parameter: JSON on SQLite, an array on PostgreSQL."""

    impl = String
    cache_ok = True

    def __init__(self, each: TypeEngine[Any]) -> None:
        super().__init__()
        # A text that is only compared may be longer than its column.
        is_text = isinstance(each, TypeDecorator) and isinstance(each.impl_instance, String)
        self.each = String() if is_text else each

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return ARRAY(self.each) if dialect.name == "postgresql" else self.impl_instance

    def process_bind_param(self, value: Collection[Any] | None, dialect: Dialect) -> Any:
        found = list(value or ())
        return found if dialect.name == "postgresql" else json.dumps(found)


class _Among(FunctionElement[bool]):
    """A column, and the parameter with its values."""

    type = Boolean()
    inherit_cache = True

    def self_group(self, against: Any = None) -> Self:
        # It is a condition on every database: nothing is put around it.
        return self


@compiles(_Among)
def _among(element: _Among, compiler: SQLCompiler, **named: Any) -> str:
    column, values = element.clauses
    if compiler.dialect.name == "postgresql":
        return compiler.process(column == any_(values), **named)
    each = select(func.json_each(values).table_valued("value").c.value)
    return compiler.process(column.in_(each), **named)


def among(column: Any, values: Collection[str] | Collection[int] | str) -> ColumnElement[bool]:
    """Return the condition that a column has one of these values, passed as one parameter.

    A chunk has a hundred contacts, and `IN` with a hundred parameters costs SQLAlchemy a
    millisecond per statement. A text is the name of a parameter that is given later.
    """
    if isinstance(values, str):
        return _Among(column, bindparam(values, type_=_Listed(column.type)))
    return _Among(column, bindparam(None, list(values), type_=_Listed(column.type)))


def listed(name: str) -> Subquery:
    """Return texts as rows with the column `id`, from one parameter of this name, given later."""
    texts = bindparam(name, type_=_Listed(String()))
    if _is_postgresql():
        return select(func.unnest(texts, type_=String).label("id")).subquery()
    each = func.json_each(texts).table_valued("value")
    return select(each.c.value.cast(String).label("id")).subquery()


class _Unindexed(FunctionElement[Any]):
    """A column that SQLite is not to look for by an index."""

    inherit_cache = True


@compiles(_Unindexed)
def _unindexed(element: _Unindexed, compiler: SQLCompiler, **named: Any) -> str:
    [column] = element.clauses
    found = compiler.process(column, **named)
    return found if compiler.dialect.name == "postgresql" else f"(+ {found})"


def unindexed(column: Any) -> ColumnElement[Any]:
    """Return the column so that SQLite does not use its index, when another index finds less."""
    return type_coerce(_Unindexed(column), column.type)


def insert_new(model: type[Model], rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows, except those that a unique constraint says exist."""
    dialect = postgresql if _is_postgresql() else sqlite
    if rows:
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
    statement = _insertion(model, is_postgresql=_is_postgresql())
    return bool(db.session.connection().execute(statement, dict(row)).all())


@cache
def _insertion(model: type[Model], *, is_postgresql: bool) -> ReturningInsert[Any]:
    """Make it once: that takes as long as executing it."""
    dialect = postgresql if is_postgresql else sqlite
    new = dialect.insert(cast(Table, model.__table__)).on_conflict_do_nothing()
    statement: ReturningInsert[Any] = new.returning(*inspect(model).primary_key)
    return statement


def _is_postgresql() -> bool:
    return db.engine.dialect.name == "postgresql"
