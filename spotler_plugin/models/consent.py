"""What holds for an environment's permissions: what is allowed, and the key of its digests."""

from __future__ import annotations

from sqlalchemy import UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from spotler_plugin.extensions import Model
from spotler_plugin.models.columns import EncryptedText
from spotler_plugin.models.environment import Owned


class ConsentSetting(Owned, Model):
    """What an administrator chose, and the key that addresses are digested with."""

    __table_args__ = (UniqueConstraint("environment_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    allows_again: Mapped[bool] = mapped_column(default=False)
    """Whether a person who looks at one contact may switch on what that contact signed off from."""
    address_key: Mapped[str] = mapped_column(EncryptedText)
    """Never changes: what was digested with it could not be found again."""
