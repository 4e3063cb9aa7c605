"""How long an environment keeps what it has of people, and how far that was enforced."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from spotler_plugin.extensions import Model
from spotler_plugin.models.columns import UtcDateTime
from spotler_plugin.models.environment import Owned
from spotler_plugin.models.leased import Queued


class Retention(Owned, Queued, Model):
    """What an administrator chose, in days; the row is due once a night."""

    __table_args__ = (UniqueConstraint("environment_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    acts_days: Mapped[int]
    """After a contact was last linked, or switched."""
    items_days: Mapped[int]
    """The contacts of a run, after its end; and firings of automatic actions."""
    images_days: Mapped[int]
    """What a run overwrote: as long as it can be taken back."""
    events_days: Mapped[int]
    previews_days: Mapped[int]
    drifts_days: Mapped[int]

    run_id: Mapped[UUID | None]
    """A run of many whose items, or images, are being removed."""
    acts_after: Mapped[int] = mapped_column(default=0)
    """The last act of this night's that was looked at."""
    enforced_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When a night's work last came to its end."""
