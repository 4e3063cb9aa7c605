"""Which CRM field feeds which Spotler property."""

from __future__ import annotations

from sqlalchemy import UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from spotler_plugin.extensions import Model
from spotler_plugin.models.columns import Whole
from spotler_plugin.models.environment import Owned


class MappingRow(Owned, Model):
    """One field feeding one property; a property is fed by one field only."""

    __table_args__ = (
        UniqueConstraint("environment_id", "entity", "field"),
        UniqueConstraint("environment_id", "property"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    entity: Mapped[str] = mapped_column(Whole(16))
    field: Mapped[str] = mapped_column(Whole(120))
    property: Mapped[str] = mapped_column(Whole(120))
    empties_former: Mapped[bool] = mapped_column(default=False)
    """Of a relation's field: who was the primary contact, and is not any more, loses the value."""
