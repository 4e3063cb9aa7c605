"""One customer of the CRM with its Spotler account: the owner of every other row."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import JSON, ForeignKey, Index
from sqlalchemy.orm import Mapped, declared_attr, mapped_column, relationship

from spotler_plugin.extensions import Model
from spotler_plugin.models.columns import EncryptedText, UtcDateTime, Whole, enum_column
from spotler_plugin.planning.values.phone import REGION


class SecretKind(StrEnum):
    """What CRM and plugin share (crm-developer.md §1)."""

    LAUNCH = "launch"
    EVENTS = "events"
    API = "api"


class Environment(Model):
    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(Whole(40), unique=True)
    name: Mapped[str] = mapped_column(Whole(80))
    """The CRM's name on the screens ("Yoobi")."""
    crm_origins: Mapped[list[str]] = mapped_column(JSON)
    crm_api: Mapped[str] = mapped_column(Whole(500))
    spotler_url: Mapped[str | None] = mapped_column(Whole(500))
    region: Mapped[str] = mapped_column(Whole(2), default=REGION)
    """The country of telephone numbers without a code, as ISO 3166 has it."""
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    disabled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    mapping_version: Mapped[int] = mapped_column(default=0)
    """Counts the saved mappings, so that a preview or run knows which one it is based on."""
    account_since: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When its Spotler account last replaced another one: what was asked before is not asked of
    this one, whose permissions are others."""

    restored_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When the database was last put back from a copy: what was asked before may have been done."""

    secrets: Mapped[list[EnvironmentSecret]] = relationship(
        back_populates="environment", cascade="all, delete-orphan", passive_deletes=True
    )


class Owned:
    """A row that belongs to one environment and is only ever reached through it."""

    @declared_attr
    def environment_id(cls) -> Mapped[int]:
        return mapped_column(ForeignKey("environment.id", ondelete="CASCADE"))


class EnvironmentSecret(Owned, Model):
    """A shared secret; after a rotation the previous one stays valid for a while."""

    __table_args__ = (Index(None, "environment_id", "kind"), Index(None, "digest"))

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[SecretKind] = mapped_column(enum_column(SecretKind))
    value: Mapped[str] = mapped_column(EncryptedText)
    digest: Mapped[str | None] = mapped_column(Whole(64))
    """Of an API token: keyed, and what its environment is found by."""
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    valid_until: Mapped[datetime | None] = mapped_column(UtcDateTime)

    environment: Mapped[Environment] = relationship(back_populates="secrets")
