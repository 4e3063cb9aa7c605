"""The ledger of work: a run, and one item per contact with outcome, reason and before-image."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from spotler_plugin.extensions import Model
from spotler_plugin.models.act import Source
from spotler_plugin.models.columns import UtcDateTime, enum_column
from spotler_plugin.models.environment import Owned


class RunKind(StrEnum):
    """What a run is for."""

    CONTACT = "contact"
    """One contact, by a person on its screen."""
    BULK = "bulk"
    MAPPING = "mapping"
    """The mapping was changed: all linked contacts follow."""
    SYNC = "sync"
    """All linked contacts, because somebody asked."""


ADDING = frozenset({RunKind.CONTACT, RunKind.BULK})
"""Kinds that link; the others synchronise, which adds nobody."""


class RunState(StrEnum):
    OPEN = "open"
    HALTED = "halted"
    """Nothing is sent until a person repairs the cause, e.g. the account's key."""
    FINISHED = "finished"
    CANCELLED = "cancelled"


class Outcome(StrEnum):
    """What became of one contact; their counts add up to the selection (product.md rule 7)."""

    OPEN = "open"
    LINKED = "linked"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    BLOCKED = "blocked"
    """We did not send it, by rule."""
    REJECTED = "rejected"
    """Spotler refused it."""
    FAILED = "failed"
    """It could not be done, however often it was tried."""
    CANCELLED = "cancelled"


WRITTEN = frozenset({Outcome.LINKED, Outcome.UPDATED, Outcome.UNCHANGED})


class Run(Owned, Model):
    __tablename__ = "run"
    __table_args__ = (
        UniqueConstraint("environment_id", "request_token"),
        Index(None, "environment_id", "created_at"),
        Index(None, "state", "rung_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    request_token: Mapped[UUID]
    """Of the form that asked for it: a form sent twice makes one run."""
    kind: Mapped[RunKind] = mapped_column(enum_column(RunKind))
    source: Mapped[Source] = mapped_column(enum_column(Source))
    mapping_version: Mapped[int | None]
    """The mapping for which it was asked; a newer one supersedes it."""
    actor_id: Mapped[str | None] = mapped_column(String(200))
    actor_name: Mapped[str | None] = mapped_column(String(200))
    state: Mapped[RunState] = mapped_column(enum_column(RunState), default=RunState.OPEN)
    halted_because: Mapped[str | None] = mapped_column(String(32))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    cancel_asked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    rung_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When a worker was last told of it; the sweeper tells again after a while."""

    selected: Mapped[int] = mapped_column(default=0)
    linked: Mapped[int] = mapped_column(default=0)
    updated: Mapped[int] = mapped_column(default=0)
    unchanged: Mapped[int] = mapped_column(default=0)
    blocked: Mapped[int] = mapped_column(default=0)
    rejected: Mapped[int] = mapped_column(default=0)
    failed: Mapped[int] = mapped_column(default=0)
    cancelled: Mapped[int] = mapped_column(default=0)


class RunItem(Owned, Model):
    __tablename__ = "run_item"
    __table_args__ = (
        UniqueConstraint("run_id", "contact_id"),
        Index(None, "run_id", "outcome", "due_at", "id"),
        Index(None, "run_id", "settled_at"),
        Index(None, "environment_id", "contact_id", "outcome"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    run_id: Mapped[UUID] = mapped_column(ForeignKey("run.id", ondelete="CASCADE"))
    contact_id: Mapped[str] = mapped_column(String(120))
    take_over: Mapped[bool] = mapped_column(default=False)
    """A person said that the Spotler contact with this address is this contact."""
    outcome: Mapped[Outcome] = mapped_column(enum_column(Outcome), default=Outcome.OPEN)
    reason: Mapped[str | None] = mapped_column(String(32))
    detail: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    attempts: Mapped[int] = mapped_column(default=0)
    """Tries that ended in an answer, or in knowing that there was none."""
    strikes: Mapped[int] = mapped_column(default=0)
    """Claims in a row that ended in nothing: the worker died, or we made a mistake."""
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    before: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    """What was there: active, permissions and the properties that were overwritten."""
    after: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    """What was sent."""
    settled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
