"""The models are those of flask-sqlalchemy's `db`, though mypy is told of their base only."""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules

from sqlalchemy.orm import DeclarativeBase

from spotler_plugin import models
from spotler_plugin.extensions import Base, Model, db


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
