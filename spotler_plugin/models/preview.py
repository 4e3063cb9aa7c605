"""A preview: what a run would do to which contacts, computed before anybody confirms it."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from spotler_plugin.extensions import Model
from spotler_plugin.models.columns import Cut, JsonOf, UtcDateTime, Whole, enum_column
from spotler_plugin.models.environment import Owned
from spotler_plugin.models.leased import Queued
from spotler_plugin.models.run import RunKind
from spotler_plugin.models.selection import Selection
from spotler_plugin.models.whom import Whom
from spotler_plugin.planning.adjustment import Adjustment
from spotler_plugin.planning.detail import Detail
from spotler_plugin.planning.proposal import Listed
from spotler_plugin.planning.reason import Reason
from spotler_plugin.planning.restore.order import Restore
from spotler_plugin.planning.undo.order import Undo


class PreviewState(StrEnum):
    OPEN = "open"
    READY = "ready"
    FAILED = "failed"
    """The CRM could not be read, however often it was tried."""
    CANCELLED = "cancelled"
    CONFIRMED = "confirmed"
    """The run was created."""


class Figure(StrEnum):
    """A number of a preview, other than of who is left out, with the people behind it."""

    LINKED = "linked"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    EMPTIED = "emptied"
    """They lose something in Spotler: anything, or the value of one property."""
    LESSENED = "lessened"
    """Some entries of a set go off."""
    REFUSED = "refused"
    """The value of a property does not go along, for one reason."""
    SWITCHED = "switched"
    """What becomes of a permission (`planning.tally.Switched`)."""
    STARTED = "started"
    """What becomes of an automation (`planning.tally.Started`)."""
    SWITCHED_OFF = "switched_off"
    STAYS_OFF = "stays_off"
    STAYS_LINKED = "stays_linked"
    IN_CRM = "in_crm"


class Preview(Owned, Queued, Model):
    """Computed in turns by one worker at a time; deleted after a day, or so."""

    __table_args__ = (
        Index(None, "environment_id", "created_at"),
        Index(None, "state", "due_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    """Also the request token of its run: confirming twice creates one run."""
    whom: Mapped[Whom] = mapped_column(enum_column(Whom))
    kind: Mapped[RunKind] = mapped_column(enum_column(RunKind))
    """The kind of run that it becomes."""
    state: Mapped[PreviewState] = mapped_column(
        enum_column(PreviewState), default=PreviewState.OPEN
    )
    actor_id: Mapped[str] = mapped_column(Whole(200))
    actor_name: Mapped[str] = mapped_column(Cut(200))
    mapping_version: Mapped[int]
    """Version of the mapping that the proposal changes; it can be saved on that version only."""
    catalogue: Mapped[str] = mapped_column(Whole(64))
    """Fingerprint of the fields and properties that it is computed with."""
    is_renewed: Mapped[bool] = mapped_column(default=False)
    """Whether it replaces one that was no longer true when somebody agreed."""
    base: Mapped[Listed] = mapped_column(JSON)
    """That mapping, as entity, field and property of each row."""
    proposal: Mapped[Listed] = mapped_column(JSON)
    """The mapping that the preview is computed with, in the same form."""

    adjustment: Mapped[Adjustment | None] = mapped_column(JsonOf(Adjustment))
    """What a bulk mutation changes in all its contacts."""
    selection_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("selection.id", ondelete="CASCADE")
    )
    """Whose contacts it is about, where those are ticked in the CRM."""
    selection: Mapped[Selection | None] = relationship()
    undoes_id: Mapped[UUID | None] = mapped_column(ForeignKey("run.id", ondelete="CASCADE"))
    """The run that would be taken back."""
    undo: Mapped[Undo | None] = mapped_column(JsonOf(Undo))
    restores_id: Mapped[UUID | None] = mapped_column(ForeignKey("backup.id", ondelete="CASCADE"))
    """The backup that would be put back."""
    restore: Mapped[Restore | None] = mapped_column(JsonOf(Restore))
    resumes_id: Mapped[UUID | None] = mapped_column(ForeignKey("run.id", ondelete="CASCADE"))
    """The run that halted before it did more than was agreed to, and would go on."""

    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    reason: Mapped[Reason | None] = mapped_column(enum_column(Reason))
    """Why it waits, or failed."""

    position: Mapped[int] = mapped_column(default=0)
    """Position of the last contact that was planned (`services/run/whom`)."""
    total: Mapped[int] = mapped_column(default=0)
    tally: Mapped[dict[str, Any]] = mapped_column(JSON)
    """A `planning.tally.Tally`."""
    samples: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    """Some contacts with what changes: name, and property, before and after."""
    run_id: Mapped[UUID | None] = mapped_column(ForeignKey("run.id", ondelete="SET NULL"))


class PreviewClaim(Owned, Model):
    """The address that a contact would have by then, while the preview is computed."""

    __table_args__ = (
        UniqueConstraint("preview_id", "contact_id"),
        Index(None, "preview_id", "address"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    preview_id: Mapped[UUID] = mapped_column(ForeignKey("preview.id", ondelete="CASCADE"))
    contact_id: Mapped[str] = mapped_column(Whole(120))
    address: Mapped[str] = mapped_column(Whole(320))
    goes: Mapped[bool]
    """Whether it gets the address, or keeps others from it (`planning/claims`)."""


class PreviewItem(Owned, Model):
    """A contact by name: of which less would be done than was asked, and why; or one of the first
    behind another number."""

    __table_args__ = (Index(None, "preview_id", "reason", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    preview_id: Mapped[UUID] = mapped_column(ForeignKey("preview.id", ondelete="CASCADE"))
    contact_id: Mapped[str] = mapped_column(Whole(120))
    name: Mapped[str] = mapped_column(Cut(300))
    reason: Mapped[Reason | None] = mapped_column(enum_column(Reason))
    figure: Mapped[Figure | None] = mapped_column(enum_column(Figure))
    """The number that it is behind, where there is no reason."""
    subject: Mapped[str] = mapped_column(Whole(120), default="")
    """The property, the permission's bit or the automation's id that the number is about."""
    end: Mapped[str] = mapped_column(Whole(32), default="")
    """What becomes of that: `Switched`, `Started`, or why a value does not go along."""
    sign_offs: Mapped[list[list[Any]]] = mapped_column(JSON, default=list)
    """Each permission that stays off: its bit, and moment and source of the last sign-off, where
    those are known."""
    detail: Mapped[Detail | None] = mapped_column(JsonOf(Detail))
    """What an undo leaves alone."""
