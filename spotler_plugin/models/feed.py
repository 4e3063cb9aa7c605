"""How far Spotler's feed of changed contacts and bounces was read into the mirror."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from spotler_plugin.extensions import Model
from spotler_plugin.models.columns import UtcDateTime, enum_column
from spotler_plugin.models.environment import Owned
from spotler_plugin.models.leased import Queued
from spotler_plugin.planning.reason import Reason


class Feed(Owned, Queued, Model):
    """One row per environment whose feed was ever read."""

    __table_args__ = (UniqueConstraint("environment_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    updates_since: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """Where the next read starts; it overlaps the previous one."""
    bounces_since: Mapped[datetime | None] = mapped_column(UtcDateTime)
    read_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When the last complete read began: everything that changed before it is in the mirror."""

    full_started_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When the last read of all contacts began; None requests one."""
    full_since: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """Where the read of all contacts continues; None when none is under way."""
    full_finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When a read of all contacts last ended; None: some may never have been seen."""

    known_after: Mapped[int | None] = mapped_column()
    """Row of the mirror up to which the CRM was asked who was in Spotler before we came."""
    known_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When it had been asked about all of them; None: not yet in this account."""

    sought_after: Mapped[str | None] = mapped_column(Text)
    """Where the CRM's list of contacts goes on, that is read for addresses which Spotler has."""
    sought_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When it had been read to its end; None: not yet for this account."""

    skipped: Mapped[int] = mapped_column(default=0)
    """Contacts that could not be read or kept when all were last read, or later if there were more
    in one read."""

    error: Mapped[Reason | None] = mapped_column(enum_column(Reason))
    """Why a read last failed; if `read_at` is later than `error_at`, one succeeded since."""
    error_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
