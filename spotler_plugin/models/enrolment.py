"""One automation start for one contact; a call that may have arrived is never repeated."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ForeignKey, Index, UniqueConstraint, column
from sqlalchemy.orm import Mapped, mapped_column, relationship

from spotler_plugin.extensions import Model
from spotler_plugin.models.act import Source
from spotler_plugin.models.catalogue import Automation
from spotler_plugin.models.columns import Cut, UtcDateTime, Whole, enum_column
from spotler_plugin.models.environment import Owned


class EnrolmentState(StrEnum):
    WAITING = "waiting"
    LEAVING = "leaving"
    """Set before the call. After a crash it means that nobody knows whether the call arrived."""
    STARTED = "started"
    REFUSED = "refused"
    """Spotler refused the start."""
    UNKNOWN = "unknown"
    """The call was made and no answer came; a person decides."""
    DROPPED = "dropped"
    """Never sent: the contact was not written, or the run was cancelled."""


STILL_OPEN = frozenset({EnrolmentState.WAITING, EnrolmentState.LEAVING})
ENROLLED = STILL_OPEN | {EnrolmentState.STARTED, EnrolmentState.UNKNOWN}
"""The contact is, or may be, in the automation: it is not started again."""
AMISS = frozenset({EnrolmentState.UNKNOWN, EnrolmentState.REFUSED, EnrolmentState.DROPPED})
"""The automation was not started, or nobody knows whether it was."""

_ENROLLED = column("state").in_(sorted(ENROLLED))


class Enrolment(Owned, Model):
    __table_args__ = (
        UniqueConstraint("run_id", "contact_id", "automation_id"),
        Index(None, "environment_id", "contact_id", "automation_id"),
        # Two that ask for the same start at once: the database lets one of them in.
        Index(
            "uq_enrolment_enrolled",
            "environment_id",
            "contact_id",
            "automation_id",
            unique=True,
            postgresql_where=_ENROLLED,
            sqlite_where=_ENROLLED,
        ),
        Index(None, "state", "left_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    run_id: Mapped[UUID] = mapped_column(ForeignKey("run.id", ondelete="CASCADE"))
    contact_id: Mapped[str] = mapped_column(Whole(120))
    automation_id: Mapped[int] = mapped_column(ForeignKey("automation.id", ondelete="CASCADE"))
    state: Mapped[EnrolmentState] = mapped_column(enum_column(EnrolmentState))
    reason: Mapped[str | None] = mapped_column(Cut(64))
    """Spotler's own code for a refusal, or ours."""
    source: Mapped[Source] = mapped_column(enum_column(Source))
    actor_id: Mapped[str | None] = mapped_column(Whole(200))
    actor_name: Mapped[str | None] = mapped_column(Cut(200))
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    attempts: Mapped[int] = mapped_column(default=0)
    left_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    settled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    automation: Mapped[Automation] = relationship()
