"""The connection of an environment to its Spotler account: key, secret and whether they work."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from spotler_plugin.extensions import Model
from spotler_plugin.models.columns import Cut, EncryptedText, UtcDateTime, Whole, enum_column
from spotler_plugin.models.environment import Owned


class ConnectionState(StrEnum):
    CONNECTED = "connected"
    REFUSED = "refused"
    """Spotler answered 401 or 403: nothing is sent until the key is proved again, or replaced."""
    UNCONFIRMED = "unconfirmed"
    """The key seems to be another account's: nothing is sent or read until a person confirms."""


class Connection(Owned, Model):
    """At most one per environment; disconnecting removes the row and its secrets."""

    __table_args__ = (UniqueConstraint("environment_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(EncryptedText)
    secret: Mapped[str] = mapped_column(EncryptedText)
    key_ending: Mapped[str] = mapped_column(Whole(4))
    secret_ending: Mapped[str] = mapped_column(Whole(4))
    state: Mapped[ConnectionState] = mapped_column(enum_column(ConnectionState))
    proved_at: Mapped[datetime] = mapped_column(UtcDateTime)
    refused_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    refusals: Mapped[int] = mapped_column(default=0)
    """Refusals of the key since it last was right for long: the pauses grow with them."""
    prove_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When a refused key is proved again by itself."""
    connected_by: Mapped[str] = mapped_column(Cut(200))
    previous_key: Mapped[str | None] = mapped_column(EncryptedText)
    previous_secret: Mapped[str | None] = mapped_column(EncryptedText)
    """Of the account known so far, while another one's key waits to be confirmed."""
    alike: Mapped[int] = mapped_column(default=0)
    """Of the contacts that were looked for with the key, to tell whose account it is: those whose
    id and address another record has than the one that we know."""
    strange: Mapped[int] = mapped_column(default=0)
    """Those whose id somebody with another address has."""
    absent: Mapped[int] = mapped_column(default=0)
    catalogue_read_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    catalogue_due_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When the catalogue is to be read again; None: at once."""
    list_only_updates: Mapped[bool] = mapped_column(default=False)
    """Whether `contact/list` was seen to create nobody (spotler-api.md §2.1 [U])."""
