"""Column types: a time that is always UTC, a text that is encrypted at rest, an enum as text."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import DateTime, Dialect, Enum, LargeBinary
from sqlalchemy.types import TypeDecorator

from spotler_plugin.extensions import cipher


class UtcDateTime(TypeDecorator[datetime]):
    """A moment. Goes in with any offset, comes out in UTC, on SQLite as on PostgreSQL."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("A moment without an offset says nothing.")
        return value.astimezone(UTC)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        if not isinstance(value, datetime):
            return None
        # SQLite keeps no offset; what was stored is UTC.
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class EncryptedText(TypeDecorator[str]):
    """A secret: encrypted with the first of `SECRET_KEYS`, readable with any of them."""

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> bytes | None:
        return None if value is None else cipher.fernet.encrypt(value.encode())

    def process_result_value(self, value: Any, dialect: Dialect) -> str | None:
        return None if value is None else cipher.fernet.decrypt(value).decode()


def enum_column(enum: type[StrEnum]) -> Enum:
    """An enum stored as its value in a text column, so that a new member needs no migration."""
    return Enum(
        enum,
        native_enum=False,
        create_constraint=False,
        length=32,
        values_callable=lambda members: [member.value for member in members],
    )
