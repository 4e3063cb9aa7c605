"""What holds for an environment's permissions, and which contact had which address."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from spotler_plugin.extensions import Model
from spotler_plugin.models.columns import EncryptedText, UtcDateTime, Whole
from spotler_plugin.models.environment import Owned


class ConsentSetting(Owned, Model):
    """What an administrator chose, and the key that addresses are digested with."""

    __table_args__ = (UniqueConstraint("environment_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    allows_again: Mapped[bool] = mapped_column(default=False)
    """Whether a person who looks at one contact may switch on what that contact signed off from."""
    address_key: Mapped[str] = mapped_column(EncryptedText)
    """Never changes: what was digested with it could not be found again."""
    told_act_id: Mapped[int] = mapped_column(default=0)
    """The newest sign-off seen in Spotler that the CRM was told of."""
    tell_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When to try again, after it was away or did not offer the call."""
    tell_attempts: Mapped[int] = mapped_column(default=0)


class AddressHolder(Owned, Model):
    """A contact that has or had an address, by its digest: what was signed off with the address
    counts for whoever has it, and what the contact signed off goes along to its next address."""

    __table_args__ = (
        UniqueConstraint("environment_id", "contact_id", "address_digest"),
        Index(None, "environment_id", "address_digest"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    contact_id: Mapped[str] = mapped_column(Whole(120))
    """Of the CRM or, of who has no id there, `mirror/merge.name_of_record`."""
    address_digest: Mapped[str] = mapped_column(Whole(64))
    since: Mapped[datetime] = mapped_column(UtcDateTime)
    """When we first knew; of one that came back to it, when it did."""
    until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When it went to another address."""
