"""Work that one worker at a time does: who has it now, and when its turn comes."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy.orm import Mapped, mapped_column

from spotler_plugin.models.columns import UtcDateTime


class Leased:
    """One worker at a time; a dead one loses it by time. `services/lease` has the verbs."""

    lease: Mapped[UUID | None]
    """Who has it now."""
    leased_until: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Queued(Leased):
    """The same for what waits in the queue until its turn comes."""

    due_at: Mapped[datetime] = mapped_column(UtcDateTime, default=lambda: datetime.now(UTC))
    enqueued_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When a worker was last told of it; one that did not come since never will."""
    attempts: Mapped[int] = mapped_column(default=0)
    """Tries in a row that came to nothing."""
