"""The tie between a CRM contact and its Spotler contact, and the lane in which it is written."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from spotler_plugin.extensions import Model
from spotler_plugin.models.columns import UtcDateTime
from spotler_plugin.models.environment import Owned


class Link(Owned, Model):
    """One per CRM contact that was ever worked on; `contact_id` is Spotler's external id."""

    __tablename__ = "link"
    __table_args__ = (
        UniqueConstraint("environment_id", "contact_id"),
        Index(None, "environment_id", "address"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    contact_id: Mapped[str] = mapped_column(String(120))
    address: Mapped[str | None] = mapped_column(String(320))
    """The e-mail address it was last written with, lower-cased; two contacts cannot claim one."""
    linked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    synced_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    crm_version: Mapped[str | None] = mapped_column(String(64))

    problem: Mapped[str | None] = mapped_column(String(32))
    """The reason why the last attempt did not write, or nothing."""
    problem_detail: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    problem_outcome: Mapped[str | None] = mapped_column(String(32))

    lease: Mapped[UUID | None]
    """Who is writing this contact now: one worker at a time, whatever the run."""
    leased_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
