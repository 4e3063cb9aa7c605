"""Whose an e-mail address is, as a person said. Append-only, as acts are."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from spotler_plugin.extensions import Model
from spotler_plugin.models.columns import Cut, UtcDateTime, Whole
from spotler_plugin.models.environment import Owned


class AddressAct(Owned, Model):
    """One row for each contact that it is about: who has the address, and who has not."""

    __table_args__ = (
        Index(None, "environment_id", "contact_id", "at"),
        Index(None, "environment_id", "address_digest"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    contact_id: Mapped[str] = mapped_column(Whole(120))
    owner_id: Mapped[str] = mapped_column(Whole(120))
    """The contact whose address it is."""
    address_digest: Mapped[str] = mapped_column(Whole(64))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    actor_id: Mapped[str | None] = mapped_column(Whole(200))
    actor_name: Mapped[str | None] = mapped_column(Cut(200))
