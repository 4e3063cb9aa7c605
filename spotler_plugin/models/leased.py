"""Columns of rows that one worker at a time works on: the lease, and when the row is due."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy.orm import Mapped, mapped_column

from spotler_plugin.models.columns import UtcDateTime


class Leased:
    """A row with a lease, which expires when its worker dies (`services/lease`)."""

    lease: Mapped[UUID | None]
    """Id of the current lease."""
    leased_until: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Queued(Leased):
    """A leased row for which jobs are enqueued."""

    due_at: Mapped[datetime] = mapped_column(UtcDateTime, default=lambda: datetime.now(UTC))
    enqueued_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When a job for it was last enqueued; after a while that job is taken for lost."""
    attempts: Mapped[int] = mapped_column(default=0)
    """Claims in a row without success."""
