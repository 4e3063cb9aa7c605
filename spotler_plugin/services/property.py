"""The account's properties as they were last read."""

from __future__ import annotations

from sqlalchemy import select

from spotler_plugin.extensions import db
from spotler_plugin.models import Property
from spotler_plugin.planning.types import PropertyType


def types(environment_id: int) -> dict[str, PropertyType]:
    """The type of each property, by which the plan compares values."""
    rows = db.session.execute(
        select(Property.name, Property.type).where(Property.environment_id == environment_id)
    )
    return {name: PropertyType(type_) for name, type_ in rows}
