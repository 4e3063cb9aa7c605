"""A selection: the contacts that were ticked in the CRM for a bulk mutation, as it told them."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from spotler_plugin.extensions import Model
from spotler_plugin.models.columns import UtcDateTime, Whole, enum_column
from spotler_plugin.models.environment import Owned
from spotler_plugin.models.leased import Leased


class SelectionState(StrEnum):
    OPEN = "open"
    """Not read to its end yet."""
    READY = "ready"
    UNEVEN = "uneven"
    """The pages do not hold as many contacts as the CRM says: nothing is done with it."""
    GONE = "gone"
    """The CRM no longer has it."""


class Selection(Owned, Leased, Model):
    """Read once, by one worker; a mutation of it makes one run, however often it is saved."""

    __table_args__ = (
        UniqueConstraint("environment_id", "crm_id"),
        Index(None, "created_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    """Also the request token of its run."""
    crm_id: Mapped[str] = mapped_column(Whole(200))
    state: Mapped[SelectionState] = mapped_column(
        enum_column(SelectionState), default=SelectionState.OPEN
    )
    total: Mapped[int] = mapped_column(default=0)
    """How many contacts the CRM says that it has."""
    found: Mapped[int] = mapped_column(default=0)
    """How many its pages have so far."""
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    run_id: Mapped[UUID | None] = mapped_column(ForeignKey("run.id", ondelete="SET NULL"))


class SelectionContact(Owned, Model):
    """One contact of a selection, in its order; removed when its run was made, or after a day."""

    __table_args__ = (
        UniqueConstraint("selection_id", "contact_id"),
        Index(None, "selection_id", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    selection_id: Mapped[UUID] = mapped_column(ForeignKey("selection.id", ondelete="CASCADE"))
    contact_id: Mapped[str] = mapped_column(Whole(120))
