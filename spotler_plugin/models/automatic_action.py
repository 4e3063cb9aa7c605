"""Automatic actions: what to do with a contact when its sale reaches a sales phase."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from spotler_plugin.extensions import Model
from spotler_plugin.models.columns import Cut, JsonOf, UtcDateTime, enum_column
from spotler_plugin.models.environment import Owned
from spotler_plugin.planning.adjustment import Adjustment


class ActionType(StrEnum):
    ADJUST_CONTACT = "contact"
    """Aanpassen: contactpersoon."""


class AutomaticAction(Owned, Model):
    """The CRM names it by its id, which is never given to another one."""

    __table_args__ = (Index(None, "environment_id", "name"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    type: Mapped[ActionType] = mapped_column(
        enum_column(ActionType), default=ActionType.ADJUST_CONTACT
    )
    name: Mapped[str] = mapped_column(Cut(120))
    description: Mapped[str] = mapped_column(Cut(500), default="")
    adjustment: Mapped[Adjustment] = mapped_column(JsonOf(Adjustment))
    enabled: Mapped[bool] = mapped_column(default=True)
    changed_by: Mapped[str] = mapped_column(Cut(200))
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    deleted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """One that fired is hidden instead of removed: its history tells who was switched by it."""
