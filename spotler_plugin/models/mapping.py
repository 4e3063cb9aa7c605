"""Which CRM field feeds which Spotler property."""

from __future__ import annotations

from sqlalchemy import String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from spotler_plugin.extensions import Model
from spotler_plugin.models.environment import Owned


class MappingRow(Owned, Model):
    """One field feeding one property; a property is fed by one field only."""

    __table_args__ = (
        UniqueConstraint("environment_id", "entity", "field"),
        UniqueConstraint("environment_id", "property"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    entity: Mapped[str] = mapped_column(String(16))
    field: Mapped[str] = mapped_column(String(120))
    property: Mapped[str] = mapped_column(String(120))
    empties_former: Mapped[bool] = mapped_column(default=False)
    """Of a relation's field: who was the primary contact, and is not any more, loses the value."""
