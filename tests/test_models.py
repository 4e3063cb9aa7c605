"""The models are those of flask-sqlalchemy's `db`, though mypy is told of their base only."""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules

import pytest
from sqlalchemy import String, select
from sqlalchemy.exc import StatementError
from sqlalchemy.orm import DeclarativeBase

from spotler_plugin import models
from spotler_plugin.extensions import Base, Model, db
from spotler_plugin.models import Environment, Link, Permission
from spotler_plugin.models.columns import Unkeepable
from spotler_plugin.sql import among


def _mapped() -> set[type[DeclarativeBase]]:
    """All classes with a table that any module of the models holds."""
    modules = [
        import_module(f"{models.__name__}.{each.name}") for each in iter_modules(models.__path__)
    ]
    return {
        thing
        for module in modules
        for thing in vars(module).values()
        if isinstance(thing, type)
        and issubclass(thing, DeclarativeBase)
        and hasattr(thing, "__table__")
    }


def test_the_extension_owns_every_model() -> None:
    mapped = _mapped()
    assert {each.__name__ for each in mapped} >= {"Environment", "Link", "RunItem"}
    assert {each for each in mapped if not issubclass(each, db.Model)} == set()
    assert {each for each in mapped if each.metadata is not db.metadata} == set()
    assert mapped == {mapper.class_ for mapper in Model.registry.mappers}


def test_the_extension_names_constraints_by_our_convention() -> None:
    assert db.metadata is Base.metadata
    assert db.metadata.tables["link"].primary_key.name == "pk_link"


def test_every_text_is_measured_before_the_database_sees_it() -> None:
    plain = [
        str(column)
        for table in db.metadata.sorted_tables
        for column in table.columns
        if type(column.type) is String
    ]
    assert plain == [], "Whole or Cut (models/columns) says what becomes of a longer one"


@pytest.mark.parametrize("odd", ["x" * 121, "x" * 10_000, "a\x00b", "half \ud83d"])
def test_what_is_no_text_of_its_column_is_refused_on_every_database(
    environment: Environment, odd: str
) -> None:
    db.session.add(Link(environment_id=environment.id, contact_id=odd))
    with pytest.raises(StatementError) as caught:
        db.session.flush()
    assert isinstance(caught.value.orig, Unkeepable) and odd not in str(caught.value.orig)
    db.session.rollback()
    of_odd = select(Link).where(Link.environment_id == environment.id, Link.contact_id == odd[:-1])
    assert db.session.scalars(of_odd).all() == [], "compared it may be"
    long = select(Link).where(Link.environment_id == environment.id)
    assert db.session.scalars(long.where(among(Link.contact_id, ["x" * 500]))).all() == []


@pytest.mark.parametrize(
    ("odd", "kept"),
    [("x" * 300, "x" * 300), ("x" * 10_000, f"{'x' * 299}…"), ("a\x00\ud83d", "a\ufffd\ufffd")],
)
def test_what_people_read_is_cut(environment: Environment, odd: str, kept: str) -> None:
    row = Permission(environment_id=environment.id, bit=1, description=odd, position=0)
    db.session.add(row)
    db.session.commit()
    assert db.session.scalars(select(Permission.description)).one() == kept
