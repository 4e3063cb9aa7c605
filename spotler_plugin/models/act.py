"""Who switched which permission on or off for whom, when and from where. Append-only."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from spotler_plugin.extensions import Model
from spotler_plugin.models.columns import Cut, UtcDateTime, Whole, enum_column
from spotler_plugin.models.environment import Owned


class Source(StrEnum):
    """Where an act or a run comes from."""

    MODAL = "modal"
    BULK = "bulk"
    AUTOMATIC_ACTION = "automatic_action"
    ADMIN = "admin"
    SPOTLER = "spotler"
    """Seen in Spotler: switched by the recipient, or by a user of Spotler."""
    CRM = "crm"
    """The CRM told what happened there."""
    RESTORE = "restore"
    """Somebody put a backup back: what was off in it goes off again."""
    UNDO = "undo"
    """Somebody took a run back: what it switched on goes off again."""


TAKING_BACK = frozenset({Source.UNDO, Source.RESTORE})
"""What goes off by these is no sign-off."""


class Act(Owned, Model):
    """One switch of one permission. Only `applied_at` ever changes, once, when Spotler has it."""

    __table_args__ = (
        Index(None, "environment_id", "contact_id", "bit", "at"),
        Index(None, "environment_id", "at", "id", "bit", "source"),
        Index(None, "environment_id", "address_digest"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    contact_id: Mapped[str] = mapped_column(Whole(120))
    bit: Mapped[int] = mapped_column(BigInteger)
    enabled: Mapped[bool]
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    actor_id: Mapped[str | None] = mapped_column(Whole(200))
    actor_name: Mapped[str | None] = mapped_column(Cut(200))
    source: Mapped[Source] = mapped_column(enum_column(Source))
    run_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("run.id", ondelete="SET NULL"), index=True
    )
    ground: Mapped[str | None] = mapped_column(Cut(300))
    """Why it may, in the words of who made it: an agreement, a customer's relation, a request."""
    address_digest: Mapped[str | None] = mapped_column(Whole(64))
    """Of the address that the contact had: whoever gets it later is found by it."""
    applied_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
