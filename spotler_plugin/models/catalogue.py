"""The catalogue: the account's properties, permissions and automations, and the CRM's fields, as
they were last read. Entries that vanished are kept and marked."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, BigInteger, Boolean, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from spotler_plugin.extensions import Model
from spotler_plugin.models.columns import Cut, UtcDateTime, Whole, enum_column
from spotler_plugin.models.environment import Owned
from spotler_plugin.planning.values.types import FieldType, PropertyType


class Listed(Owned):
    """A row of the catalogue."""

    id: Mapped[int] = mapped_column(primary_key=True)
    position: Mapped[int] = mapped_column(default=0)
    gone_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When it was no longer found; cleared when it is found again."""


class Property(Listed, Model):
    """A field of a Spotler contact (spotler-api.md §3)."""

    __table_args__ = (UniqueConstraint("environment_id", "name"),)

    name: Mapped[str] = mapped_column(Whole(120))
    description: Mapped[str] = mapped_column(Cut(300))
    type: Mapped[PropertyType] = mapped_column(enum_column(PropertyType))
    entries: Mapped[list[dict[str, Any]]] = mapped_column(JSON)


class Permission(Listed, Model):
    """One bit of the property `permissions` (spotler-api.md §2.3)."""

    __table_args__ = (UniqueConstraint("environment_id", "bit"),)

    bit: Mapped[int] = mapped_column(BigInteger)
    description: Mapped[str] = mapped_column(Cut(300))


class AutomationKind(StrEnum):
    AUTOMATION = "automation"
    CAMPAIGN = "campaign"
    """The old module; started through its first external trigger (spotler-api.md §2.4)."""


class AutomationOrigin(StrEnum):
    LISTED = "listed"
    TYPED = "typed"
    """Entered by an administrator, because automations cannot always be listed."""


class Automation(Listed, Model):
    """A flow in Spotler that a contact can be enrolled in."""

    __table_args__ = (
        UniqueConstraint("environment_id", "kind", "code"),
        Index(None, "environment_id", "label"),
    )

    kind: Mapped[AutomationKind] = mapped_column(enum_column(AutomationKind))
    origin: Mapped[AutomationOrigin] = mapped_column(enum_column(AutomationOrigin))
    code: Mapped[str] = mapped_column(Whole(120))
    """Argument of the start call: a trigger code (UUID) or an encrypted trigger id."""
    label: Mapped[str] = mapped_column(Cut(300))
    active: Mapped[bool] = mapped_column(Boolean, default=True)


class Field(Listed, Model):
    """A field of the CRM (crm-developer.md §5)."""

    __table_args__ = (UniqueConstraint("environment_id", "entity", "name"),)

    entity: Mapped[str] = mapped_column(Whole(16))
    name: Mapped[str] = mapped_column(Whole(120))
    label: Mapped[str] = mapped_column(Cut(300))
    type: Mapped[FieldType] = mapped_column(enum_column(FieldType))
    bulk_editable: Mapped[bool] = mapped_column(Boolean, default=False)
    choices: Mapped[list[dict[str, str]]] = mapped_column(JSON)
