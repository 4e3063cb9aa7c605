"""Backups: all contacts of a Spotler account as they were, encrypted, in chunks."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, LargeBinary, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from spotler_plugin.extensions import Model
from spotler_plugin.models.columns import (
    Cut,
    EncryptedText,
    JsonOf,
    UtcDateTime,
    Whole,
    enum_column,
)
from spotler_plugin.models.environment import Owned
from spotler_plugin.models.leased import Queued
from spotler_plugin.planning.backup.fault import Fault
from spotler_plugin.planning.backup.layout import Layout
from spotler_plugin.planning.reason import Reason


class BackupKind(StrEnum):
    SPOTLER = "spotler"
    """Read from the account."""
    UPLOADED = "uploaded"
    """A file that somebody had: exported from Spotler, or downloaded here before."""


class BackupCause(StrEnum):
    PERSON = "person"
    FIRST = "first"
    """Made when the account was connected, before a run writes."""
    NIGHTLY = "nightly"


class BackupState(StrEnum):
    OPEN = "open"
    """Being made: nobody restores from it."""
    UNMATCHED = "unmatched"
    """An uploaded file of which a person has yet to say what its columns are."""
    COMPLETE = "complete"
    FAILED = "failed"
    """It has no contacts any more; `reason` says why."""
    CANCELLED = "cancelled"


class Backup(Owned, Queued, Model):
    """Made in turns by one worker at a time; complete only when all of it is there."""

    __table_args__ = (
        Index(None, "environment_id", "created_at"),
        Index(None, "state", "due_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[BackupKind] = mapped_column(enum_column(BackupKind))
    cause: Mapped[BackupCause] = mapped_column(enum_column(BackupCause))
    state: Mapped[BackupState] = mapped_column(enum_column(BackupState), default=BackupState.OPEN)
    actor_id: Mapped[str | None] = mapped_column(Whole(200))
    actor_name: Mapped[str | None] = mapped_column(Cut(200))
    """Who asked for it; None where it was made by itself."""
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    progress_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When contacts were last added."""
    expires_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    reason: Mapped[Reason | None] = mapped_column(enum_column(Reason))
    """Why it waits, or failed."""
    waived_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """Of a first one that did not succeed: when a person said that runs may go on without it."""

    key: Mapped[str] = mapped_column(EncryptedText)
    """What its contacts are encrypted with: so new `SECRET_KEYS` take one small write a backup."""
    format: Mapped[int]
    layout: Mapped[Layout] = mapped_column(JsonOf(Layout))

    since: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """Up to which moment of change the account was read; None: not begun."""
    total: Mapped[int] = mapped_column(default=0)
    """Contacts that are expected, or rows of an uploaded file; 0: unknown."""
    found: Mapped[int] = mapped_column(default=0)
    """Contacts that it holds."""
    skipped: Mapped[int] = mapped_column(default=0)
    """Contacts that could not be read, or rows that were refused."""
    chunks: Mapped[int] = mapped_column(default=0)
    size: Mapped[int] = mapped_column(BigInteger, default=0)
    """Bytes that its contacts take."""

    file_name: Mapped[str | None] = mapped_column(Cut(200))
    """Of an uploaded one."""
    rows: Mapped[int] = mapped_column(default=0)
    """Rows of the file that were read."""
    matching: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    """What each column of the file is, as a person said."""


class BackupChunk(Owned, Model):
    """Some contacts, compressed and encrypted, and by what they are found: keyed digests of 64
    bits, as many as there were contacts, in their order. One that was erased leaves a gap."""

    __table_args__ = (UniqueConstraint("backup_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    backup_id: Mapped[UUID] = mapped_column(ForeignKey("backup.id", ondelete="CASCADE"))
    number: Mapped[int]
    count: Mapped[int]
    content: Mapped[bytes] = mapped_column(LargeBinary)
    contacts: Mapped[bytes] = mapped_column(LargeBinary)
    """Of who each is: one contact is in a backup once."""
    external_ids: Mapped[bytes] = mapped_column(LargeBinary)
    addresses: Mapped[bytes] = mapped_column(LargeBinary)


class BackupPiece(Owned, Model):
    """A piece of an uploaded file, encrypted; gone as soon as its rows are contacts."""

    __table_args__ = (UniqueConstraint("backup_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    backup_id: Mapped[UUID] = mapped_column(ForeignKey("backup.id", ondelete="CASCADE"))
    number: Mapped[int]
    content: Mapped[bytes] = mapped_column(LargeBinary)


class BackupRefusal(Owned, Model):
    """A row of an uploaded file that was not taken over, and why."""

    __table_args__ = (Index(None, "backup_id", "row"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    backup_id: Mapped[UUID] = mapped_column(ForeignKey("backup.id", ondelete="CASCADE"))
    row: Mapped[int]
    """As a spreadsheet counts: the headings are row 1."""
    heading: Mapped[str] = mapped_column(Cut(300))
    fault: Mapped[Fault] = mapped_column(enum_column(Fault))
    value: Mapped[bytes] = mapped_column(LargeBinary)
    """What stood there, encrypted as the contacts are."""


class BackupDownload(Owned, Model):
    """A link by which a backup can be downloaded once; afterwards it tells who did."""

    __table_args__ = (Index(None, "backup_id", "used_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    backup_id: Mapped[UUID] = mapped_column(ForeignKey("backup.id", ondelete="CASCADE"))
    digest: Mapped[str] = mapped_column(Whole(64), unique=True)
    """Of the link's token, which only the browser of the person has."""
    actor_id: Mapped[str] = mapped_column(Whole(200))
    actor_name: Mapped[str] = mapped_column(Cut(200))
    lang: Mapped[str] = mapped_column(Whole(8))
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class BackupSettings(Owned, Model):
    """What an environment chose about its backups; without a row the defaults count."""

    __table_args__ = (UniqueConstraint("environment_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    nightly: Mapped[bool] = mapped_column(default=False)
    keep_days: Mapped[int]
    night: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When the last nightly one was asked for."""
