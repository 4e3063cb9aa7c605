"""The account's properties as they were last read."""

from __future__ import annotations

from sqlalchemy import ColumnElement, select, true

from spotler_plugin.extensions import db
from spotler_plugin.models import Property
from spotler_plugin.planning import mapping as planning
from spotler_plugin.planning.values.types import PropertyType
from spotler_plugin.services.catalogue.entries import entries_of


def property_types(environment_id: int) -> dict[str, PropertyType]:
    """Return the type of each property, by which the plan compares values."""
    rows = db.session.execute(
        select(Property.name, Property.type).where(Property.environment_id == environment_id)
    )
    return {name: type_ for name, type_ in rows}


def property_labels(environment_id: int) -> dict[str, str]:
    """Return what people call each property."""
    rows = db.session.execute(
        select(Property.name, Property.description).where(Property.environment_id == environment_id)
    )
    return {name: label for name, label in rows}


def mappable_properties(environment_id: int) -> list[planning.Property]:
    """Return the properties that a field may feed, in the account's order."""
    return [each for each in account_properties(environment_id) if planning.mappable(each)]


def account_properties(environment_id: int) -> list[planning.Property]:
    """Return all properties that exist now, in the account's order."""
    return _read(environment_id, Property.gone_at.is_(None))


def every_property(environment_id: int) -> list[planning.Property]:
    """Return those too that the account has no more: what was done with them is still told."""
    return _read(environment_id, true())


def _read(environment_id: int, which: ColumnElement[bool]) -> list[planning.Property]:
    found = db.session.execute(
        select(Property.name, Property.description, Property.type, Property.entries)
        .where(Property.environment_id == environment_id, which)
        .order_by(Property.position, Property.id)
    )
    return [
        planning.Property(name, description, type_, entries_of(entries))
        for name, description, type_, entries in found
    ]
