"""What Spotler last told us about its contacts."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from spotler_plugin.extensions import Model
from spotler_plugin.models.columns import BitMap, Cut, UtcDateTime, Whole
from spotler_plugin.models.environment import Owned


class MirrorContact(Owned, Model):
    """A Spotler contact as last observed, linked to the CRM or not."""

    __table_args__ = (
        UniqueConstraint("environment_id", "external_id"),
        UniqueConstraint("environment_id", "encrypted_id"),
        Index(None, "environment_id", "address"),
        Index(None, "environment_id", "bare_name"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    external_id: Mapped[str | None] = mapped_column(Whole(120))
    encrypted_id: Mapped[str | None] = mapped_column(Whole(120))
    """None between our first write, whose answer has no id, and the next read."""
    address: Mapped[str | None] = mapped_column(Whole(320))
    """What its e-mail address is known by (`planning/values/address`)."""
    bare_name: Mapped[str | None] = mapped_column(Cut(300))
    """The name without case and accents, by which it is found (`services/mirror/name`)."""
    active: Mapped[bool]
    permissions: Mapped[dict[int, bool]] = mapped_column(BitMap)
    properties: Mapped[dict[str, Any]] = mapped_column(JSON)
    created: Mapped[datetime | None] = mapped_column(UtcDateTime)
    last_changed: Mapped[datetime | None] = mapped_column(UtcDateTime)
    observed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    doubted: Mapped[bool] = mapped_column(default=False)
    """A write of ours that came too late may have changed it: it counts when it is read again."""
