"""Launch tokens that were used, so that none is accepted twice."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from spotler_plugin.extensions import Model
from spotler_plugin.models.columns import UtcDateTime, Whole
from spotler_plugin.models.environment import Owned


class UsedLaunch(Owned, Model):
    id: Mapped[int] = mapped_column(primary_key=True)
    token_id: Mapped[str] = mapped_column(Whole(64), unique=True)
    """Digest of environment and `jti`: the CRM may choose a `jti` of any length."""
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
