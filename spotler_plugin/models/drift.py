"""A comparison of CRM and Spotler as both are: how far it is, and who differs in what."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, ForeignKey, Index, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from spotler_plugin.extensions import Model
from spotler_plugin.models.columns import Cut, UtcDateTime, Whole, enum_column
from spotler_plugin.models.environment import Owned
from spotler_plugin.models.leased import Queued
from spotler_plugin.planning.reason import Reason


class DriftState(StrEnum):
    OPEN = "open"
    READY = "ready"
    FAILED = "failed"
    """CRM or Spotler could not be read, however often it was tried."""
    CANCELLED = "cancelled"


class DriftStage(StrEnum):
    """What an open comparison does now; the stages follow each other in this order."""

    READING = "reading"
    """All contacts of Spotler are read."""
    COMPARING = "comparing"
    """The linked contacts are read from the CRM, and compared."""
    OTHERS = "others"
    """Those in Spotler that are not linked are looked for in the CRM."""


class DriftKind(StrEnum):
    """In what a contact differs."""

    DIFFERENT = "different"
    """It is linked, and a mapped value in Spotler is not the CRM's."""
    UNFIT = "unfit"
    """Linked and otherwise equal, but a value of the CRM does not fit its property."""
    MISSING = "missing"
    """It was linked, and Spotler no longer knows its id."""
    GONE = "gone"
    """It is linked, and the CRM no longer knows it."""
    UNREADABLE = "unreadable"
    """Linked, and not compared: one of the two sides has it in a form that nobody understands."""
    UNLINKED = "unlinked"
    """Spotler has it by the CRM's id, and it is not linked."""
    UNKNOWN_ID = "unknown_id"
    """Spotler has it by an id that the CRM does not know."""
    WITHOUT_ID = "without_id"
    """Spotler has it without an external id."""
    MIRROR = "mirror"
    """Spotler has it otherwise than our mirror said; the reading put the mirror right."""


OF_LINKED = frozenset(
    {DriftKind.DIFFERENT, DriftKind.UNFIT, DriftKind.MISSING, DriftKind.GONE, DriftKind.UNREADABLE}
)
"""Kinds of linked contacts: each of these has one of them, or is equal."""
OF_CRM = OF_LINKED - {DriftKind.GONE} | {DriftKind.UNLINKED}
"""Kinds of contacts that the CRM has."""
OF_NOBODY = frozenset({DriftKind.UNKNOWN_ID, DriftKind.WITHOUT_ID})
"""Kinds of contacts that only Spotler has: mostly many, and nothing is wrong with them."""


class Drift(Owned, Queued, Model):
    """Made in turns by one worker at a time; the two newest that are ready are kept."""

    __table_args__ = (
        Index(None, "environment_id", "created_at"),
        Index(None, "state", "due_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    state: Mapped[DriftState] = mapped_column(enum_column(DriftState), default=DriftState.OPEN)
    stage: Mapped[DriftStage] = mapped_column(enum_column(DriftStage), default=DriftStage.READING)
    reason: Mapped[Reason | None] = mapped_column(enum_column(Reason))
    """Why it waits, or failed."""
    actor_id: Mapped[str | None] = mapped_column(Whole(200))
    """Who asked; None: the clock did."""
    actor_name: Mapped[str | None] = mapped_column(Cut(200))
    mapping_version: Mapped[int]
    """Version of the mapping with which it compares."""
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    """Also when the reading of Spotler began: what the mirror has of before was not seen."""
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    read_since: Mapped[datetime] = mapped_column(UtcDateTime)
    """Where the reading of Spotler continues."""
    read_until: Mapped[datetime] = mapped_column(UtcDateTime)
    position: Mapped[int] = mapped_column(default=0)
    """The last row of the stage that was looked at."""

    read: Mapped[int] = mapped_column(default=0)
    """Contacts of Spotler that were read; one that changed meanwhile counts twice."""
    to_read: Mapped[int] = mapped_column(default=0)
    """How many there were, as far as the mirror knew."""
    compared: Mapped[int] = mapped_column(default=0)
    to_compare: Mapped[int] = mapped_column(default=0)
    others: Mapped[int] = mapped_column(default=0)
    other_total: Mapped[int] = mapped_column(default=0)
    equal: Mapped[int] = mapped_column(default=0)
    """Linked contacts that do not differ."""
    asked: Mapped[int] = mapped_column(default=0)
    """Contacts that Spotler was asked for one by one."""
    counts: Mapped[dict[str, int]] = mapped_column(JSON)
    """Kind to the number of contacts."""
    by_property: Mapped[dict[str, int]] = mapped_column(JSON)
    """Property to the number of contacts of kind `DIFFERENT` that differ in it."""


class DriftItem(Owned, Model):
    """A contact that differs; what it differs in holds values of people, and goes with the row."""

    __table_args__ = (
        UniqueConstraint("drift_id", "kind", "contact_id", "encrypted_id"),
        Index(None, "drift_id", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    drift_id: Mapped[UUID] = mapped_column(ForeignKey("drift.id", ondelete="CASCADE"))
    kind: Mapped[DriftKind] = mapped_column(enum_column(DriftKind))
    contact_id: Mapped[str] = mapped_column(Whole(120), default="")
    """Spotler's external id, of linked contacts the CRM's id; empty without one."""
    encrypted_id: Mapped[str] = mapped_column(Whole(120), default="")
    """Spotler's own id, where a contact has no other."""
    name: Mapped[str] = mapped_column(Cut(300), default="")
    address: Mapped[str] = mapped_column(Whole(320), default="")
    searched: Mapped[str] = mapped_column(Text, default="")
    """Name and address in small letters: SQLite makes none of letters with accents."""
    reason: Mapped[Reason | None] = mapped_column(enum_column(Reason))
    """Why a synchronisation would not write it."""
    properties: Mapped[str] = mapped_column(Text, default="")
    """Names of what differs, each between bars, to be searched."""
    differences: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    """Each a `services.drift.difference.Difference`."""
    refusals: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    """Each a `planning.reason.Refusal`: values of the CRM that do not fit."""
    changed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When Spotler last changed it, as Spotler says."""


class DriftSetting(Owned, Model):
    """What an administrator chose; without a row nothing is compared by itself."""

    __table_args__ = (UniqueConstraint("environment_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    nightly: Mapped[bool] = mapped_column(default=False)
    threshold: Mapped[int] = mapped_column(default=10)
    """The overview gives notice when more linked contacts than this differ."""
