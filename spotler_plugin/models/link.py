"""The link between a CRM contact and its Spotler contact, and the lease for writing it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from spotler_plugin.extensions import Model
from spotler_plugin.models.columns import JsonOf, UtcDateTime, Whole, enum_column
from spotler_plugin.models.environment import Owned
from spotler_plugin.models.leased import Leased
from spotler_plugin.models.outcome import Outcome
from spotler_plugin.planning.detail import Detail
from spotler_plugin.planning.reason import Reason


class Link(Owned, Leased, Model):
    """One row per CRM contact that a run was ever about; `contact_id` is Spotler's external id."""

    __table_args__ = (
        UniqueConstraint("environment_id", "contact_id"),
        Index(None, "environment_id", "address"),
        Index(None, "environment_id", "merged_into"),
        Index(None, "environment_id", "primary_of"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    contact_id: Mapped[str] = mapped_column(Whole(120))
    address: Mapped[str | None] = mapped_column(Whole(320))
    """The e-mail address that it has or reserved, lower-cased (`services/link/address`)."""
    former_address: Mapped[str | None] = mapped_column(Whole(320))
    """Set when the account was replaced, to the address in the one before, or to an empty text:
    who has our id in this account, but neither this address nor the CRM's, is somebody else."""
    linked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    synced_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    crm_version: Mapped[str | None] = mapped_column(Whole(64))
    deleted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When the CRM told that the contact is gone: Spotler knowing its id does not tie it again."""
    erased_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When its data were erased: likewise, until that is lifted."""
    merged_into: Mapped[str | None] = mapped_column(Whole(120))
    """The contact that the CRM merged it into, for which its acts count."""
    primary_of: Mapped[str | None] = mapped_column(Whole(120))
    """The relation whose primary contact it was when it was last that of any."""
    primary_since: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When a run first read so; None once one read that it no longer is."""

    problem: Mapped[Reason | None] = mapped_column(enum_column(Reason))
    """Why the last attempt wrote nothing; None when it succeeded."""
    problem_detail: Mapped[Detail | None] = mapped_column(JsonOf(Detail))
    problem_outcome: Mapped[Outcome | None] = mapped_column(enum_column(Outcome))
