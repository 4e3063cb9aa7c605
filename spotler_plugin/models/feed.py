"""How far Spotler's feed of changed contacts and bounces was read into the mirror."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from spotler_plugin.extensions import Model
from spotler_plugin.models.columns import UtcDateTime, enum_column
from spotler_plugin.models.environment import Owned
from spotler_plugin.models.leased import Queued
from spotler_plugin.planning.reason import Reason


class Feed(Owned, Queued, Model):
    """One per environment that was ever followed."""

    __table_args__ = (UniqueConstraint("environment_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    updates_since: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """From where the next reading starts; it overlaps what was read before."""
    bounces_since: Mapped[datetime | None] = mapped_column(UtcDateTime)
    read_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When the last reading that came to its end began: what changed before it is in the mirror."""

    full_started_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When the last reading of all contacts began, or was asked for."""
    full_since: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """From where a reading of all contacts goes on; nothing when none is under way."""
    full_finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """Nothing: not everybody in this account has been seen yet."""

    error: Mapped[Reason | None] = mapped_column(enum_column(Reason))
    """The reason of the last reading that failed; `read_at` tells whether one went well since."""
    error_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
