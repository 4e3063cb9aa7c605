"""Contacts whose data were erased: what was done, and by what they are known without the data."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import JSON, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from spotler_plugin.extensions import Model
from spotler_plugin.models.act import Source
from spotler_plugin.models.columns import Cut, EncryptedText, UtcDateTime, Whole, enum_column
from spotler_plugin.models.environment import Owned
from spotler_plugin.models.leased import Queued
from spotler_plugin.planning.reason import Reason


class ErasureState(StrEnum):
    OPEN = "open"
    """Our tables are wiped; Spotler, or the backups, are still to be done."""
    DONE = "done"


class Erasure(Owned, Queued, Model):
    """One contact, erased because somebody asked; tried until all of it is done."""

    __table_args__ = (
        Index(None, "environment_id", "contact_id"),
        Index(None, "environment_id", "asked_at"),
        Index(None, "state", "due_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    contact_id: Mapped[str] = mapped_column(Whole(120))
    """The CRM's id, which says who it was to the CRM alone."""
    state: Mapped[ErasureState] = mapped_column(
        enum_column(ErasureState), default=ErasureState.OPEN
    )
    source: Mapped[Source] = mapped_column(enum_column(Source))
    actor_id: Mapped[str | None] = mapped_column(Whole(200))
    """Who asked; None: the CRM told it by an event."""
    actor_name: Mapped[str | None] = mapped_column(Cut(200))
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    reason: Mapped[Reason | None] = mapped_column(enum_column(Reason))
    """Why it waits."""
    remains: Mapped[str | None] = mapped_column(EncryptedText)
    """A `services.erasure.remains.Remains`: what is still looked for; None once it is done."""
    counts: Mapped[dict[str, int]] = mapped_column(JSON)
    """What was wiped, by kind of copy."""
    anonymised: Mapped[int] = mapped_column(default=0)
    """Contacts in Spotler."""
    left_there: Mapped[int] = mapped_column(default=0)
    """Others with the address in Spotler, which only a person there can judge."""

    lifted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When an administrator let the contact be linked again."""
    lifted_by_id: Mapped[str | None] = mapped_column(Whole(200))
    lifted_by_name: Mapped[str | None] = mapped_column(Cut(200))


class ErasedMark(Owned, Model):
    """By what an erased contact is known: an id, or the keyed digest of an address."""

    __table_args__ = (
        Index(None, "environment_id", "contact_id"),
        Index(None, "environment_id", "address_digest"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    erasure_id: Mapped[UUID] = mapped_column(
        ForeignKey("erasure.id", ondelete="CASCADE"), index=True
    )
    contact_id: Mapped[str | None] = mapped_column(Whole(120))
    address_digest: Mapped[str | None] = mapped_column(Whole(64))
