"""One firing of an automatic action for one contact: the work, and afterwards the history."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from spotler_plugin.extensions import Model
from spotler_plugin.models.automatic_action import AutomaticAction
from spotler_plugin.models.columns import Cut, JsonOf, UtcDateTime, Whole, enum_column
from spotler_plugin.models.environment import Owned
from spotler_plugin.models.leased import Queued
from spotler_plugin.planning.adjustment import Adjustment, Skipped
from spotler_plugin.planning.reason import Reason
from spotler_plugin.planning.undo.patch import Patch


class FiringState(StrEnum):
    OPEN = "open"
    HANDED_OVER = "handed_over"
    """The CRM has its part; what becomes of the rest is in the run."""
    FAILED = "failed"
    """Nothing more happens until a person retries it."""


class Firing(Owned, Queued, Model):
    """One per action, contact and transition: however often the CRM tells of it."""

    __table_args__ = (
        UniqueConstraint("action_id", "contact_id", "transition_id"),
        Index(None, "environment_id", "action_id", "fired_at"),
        Index(None, "environment_id", "contact_id"),
        Index(None, "state", "due_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    """Also the request token of its run, and the key of its write to the CRM: a repeat of either
    does nothing twice."""
    action_id: Mapped[UUID] = mapped_column(ForeignKey("automatic_action.id", ondelete="CASCADE"))
    contact_id: Mapped[str] = mapped_column(Whole(120))
    transition_id: Mapped[str] = mapped_column(Whole(200))
    sale_id: Mapped[str | None] = mapped_column(Cut(200))
    from_phase: Mapped[str | None] = mapped_column(Cut(200))
    to_phase: Mapped[str | None] = mapped_column(Cut(200))
    moved_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When the sale reached the phase, by the CRM."""
    adjustment: Mapped[Adjustment] = mapped_column(JsonOf(Adjustment))
    """As it was when the action fired; changing the action changes nothing that fired before."""
    state: Mapped[FiringState] = mapped_column(enum_column(FiringState), default=FiringState.OPEN)
    fired_at: Mapped[datetime] = mapped_column(UtcDateTime)
    patch: Mapped[Patch | None] = mapped_column(JsonOf(Patch))
    """Note and status in the CRM, before and after; kept before they are written."""
    told_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When the CRM took note and status."""
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    reason: Mapped[Reason | None] = mapped_column(enum_column(Reason))
    """Why it waits, or failed."""
    message: Mapped[str | None] = mapped_column(Cut(300))
    """What the CRM said of it."""
    skipped: Mapped[Skipped | None] = mapped_column(JsonOf(Skipped))
    """What it was to switch or start, and Spotler no longer had."""
    refusals: Mapped[int] = mapped_column(default=0)
    """Times that the CRM declined: only what comes after that is another write."""
    run_id: Mapped[UUID | None] = mapped_column(ForeignKey("run.id", ondelete="SET NULL"))

    action: Mapped[AutomaticAction] = relationship()
