"""What the CRM told us, and what it led to; and how far its own list of changes was read."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from spotler_plugin.extensions import Model
from spotler_plugin.models.columns import UtcDateTime, Whole, enum_column
from spotler_plugin.models.environment import Owned
from spotler_plugin.models.leased import Queued
from spotler_plugin.planning.reason import Reason


class EventType(StrEnum):
    """What happened (crm-developer.md §4)."""

    CONTACT_CHANGED = "contact.changed"
    CONTACT_DELETED = "contact.deleted"
    CONTACT_MERGED = "contact.merged"
    CONTACT_ERASED = "contact.erased"
    RELATION_CHANGED = "relation.changed"
    ACTION_TRIGGERED = "automatic_action.triggered"


class EventOutcome(StrEnum):
    """What an event led to."""

    WAITING = "waiting"
    RUN = "run"
    """A run has the contact; what became of it stands in the run's item."""
    KNOWN = "known"
    """We have this version, or a newer one."""
    NOT_LINKED = "not_linked"
    NO_MODULE = "no_module"
    """None of the relation's changed fields is a module field."""
    NO_PRIMARY = "no_primary"
    """The relation has no primary contact."""
    NO_RELATION = "no_relation"
    """The CRM no longer knows the relation."""
    FIRED = "fired"
    """An automatic action fired; what became of it stands in its history."""
    NO_ACTION = "no_action"
    ERASED = "erased"
    """The contact's data are, or were, erased."""
    FAILED = "failed"
    """Given up; a person may ask for it again."""


class EventStanding(StrEnum):
    """How an event stands, by its outcome and that of its run; for who looks for some of them."""

    WAITING = "waiting"
    DONE = "done"
    NOTHING = "nothing"
    """There was nothing to do."""
    FAILED = "failed"


class Event(Owned, Model):
    """One event, handled once; kept for a week, so that one that comes again is known."""

    __table_args__ = (
        UniqueConstraint("environment_id", "webhook_id"),
        Index(None, "environment_id", "outcome", "due_at"),
        Index(None, "environment_id", "contact_id"),
        Index(None, "received_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    webhook_id: Mapped[str] = mapped_column(Whole(200))
    type: Mapped[EventType] = mapped_column(enum_column(EventType))
    contact_id: Mapped[str | None] = mapped_column(Whole(120))
    """Whom it is about; of merged contacts the one that was kept. Of a relation its primary
    contact, once the CRM was asked; the one before, where only that one is linked."""
    merged_id: Mapped[str | None] = mapped_column(Whole(120))
    relation_id: Mapped[str | None] = mapped_column(Whole(120))
    version: Mapped[str | None] = mapped_column(Whole(64))
    data: Mapped[dict[str, Any]] = mapped_column(JSON)
    """What only its own type has: names of fields, or an action and its transition. Of a relation
    also who was its primary contact before, and went along with the run."""
    sent_at: Mapped[datetime] = mapped_column(UtcDateTime)
    received_at: Mapped[datetime] = mapped_column(UtcDateTime)
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    attempts: Mapped[int] = mapped_column(default=0)
    outcome: Mapped[EventOutcome] = mapped_column(
        enum_column(EventOutcome), default=EventOutcome.WAITING
    )
    reason: Mapped[Reason | None] = mapped_column(enum_column(Reason))
    """Why it waits, or was given up."""
    run_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("run.id", ondelete="SET NULL"), index=True
    )

    @property
    def former_ids(self) -> list[str]:
        """Who was the relation's primary contact before, and went along with the run."""
        return list(self.data.get("former_ids", ()))


class Inbox(Owned, Queued, Model):
    """One row per environment that has work for us: the lease by which its events are handled one
    after the other. It is due when the CRM's own list of changes is to be read."""

    __table_args__ = (UniqueConstraint("environment_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    changes_since: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """Where the read of the list that is under way began, or the next one begins."""
    cursor: Mapped[str | None] = mapped_column(Whole(500))
    """The CRM's own, of the page to read next; None when no read is under way."""
    reading_since: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When the read under way began."""
    read_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When the last complete read began."""
    night_read_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When the last complete read that goes back further began."""
    error: Mapped[Reason | None] = mapped_column(enum_column(Reason))
    """Why the last read failed; None when it succeeded."""
