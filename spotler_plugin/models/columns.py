"""Column types: measured text, UTC moments, encrypted text, enums as text, and values as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Protocol, Self, TypeVar

from sqlalchemy import JSON, DateTime, Dialect, Enum, LargeBinary, String
from sqlalchemy.sql.operators import OperatorType
from sqlalchemy.types import TypeDecorator, TypeEngine

from spotler_plugin.extensions import cipher
from spotler_plugin.storable import storable


class Unkeepable(ValueError):
    """A text that its column does not keep, and that is another text when it is cut."""


class _Compared(TypeDecorator[str]):
    """What is only compared with a measured text: it may have any length, and equals none then."""

    impl = String
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else storable(value)


class _Measured(TypeDecorator[str]):
    """A text of so many characters at most, measured before any database sees it.

    PostgreSQL refuses a longer one, and with it all else of its statement; SQLite keeps it.
    """

    impl = String
    cache_ok = True

    def __init__(self, length: int) -> None:
        super().__init__(length)
        self.length = length

    def coerce_compared_value(self, op: OperatorType | None, value: Any) -> TypeEngine[Any]:
        return _Compared()


class Whole(_Measured):
    """An id, an address, a key: refused where it is too long. Raises Unkeepable."""

    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        if value is not None and (len(value) > self.length or storable(value) != value):
            raise Unkeepable(f"A text of {len(value)} characters where {self.length} fit.")
        return value


class Cut(_Measured):
    """A name, a label, words: what is too long ends with a sign that there is more."""

    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        if value is None:
            return None
        return storable(value if len(value) <= self.length else f"{value[: self.length - 1]}…")


class UtcDateTime(TypeDecorator[datetime]):
    """A moment, stored with any offset and read back in UTC, on SQLite and PostgreSQL."""

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
        # SQLite stores no offset; the value is in UTC.
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class EncryptedText(TypeDecorator[str]):
    """A secret: encrypted with the first of `SECRET_KEYS`, readable with any of them."""

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> bytes | None:
        return None if value is None else cipher.fernet.encrypt(value.encode())

    def process_result_value(self, value: Any, dialect: Dialect) -> str | None:
        return None if value is None else cipher.fernet.decrypt(value).decode()


class BitMap(TypeDecorator[dict[int, bool]]):
    """Bits of a set to whether they are on; JSON has text keys, so the bits are converted."""

    impl = JSON
    cache_ok = True

    def process_bind_param(
        self, value: Mapping[int, bool] | None, dialect: Dialect
    ) -> dict[str, bool] | None:
        return None if value is None else {str(bit): on for bit, on in value.items()}

    def process_result_value(self, value: Any, dialect: Dialect) -> dict[int, bool] | None:
        return None if value is None else {int(bit): on for bit, on in value.items()}


class HasJson(Protocol):
    """A value that converts itself to and from JSON."""

    def to_json(self) -> dict[str, Any]: ...

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Self: ...


Value = TypeVar("Value", bound=HasJson)


class JsonOf(TypeDecorator[Value]):
    """A `HasJson` value in a JSON column; a falsy one is stored as NULL."""

    impl = JSON
    cache_ok = True

    def __init__(self, value: type[Value]) -> None:
        super().__init__(none_as_null=True)
        self.value = value

    def coerce_compared_value(self, op: OperatorType | None, value: Any) -> TypeEngine[Any]:
        # A part of the JSON, such as detail["message"], is compared with its own type.
        return self.impl_instance.coerce_compared_value(op, value)

    def process_bind_param(self, value: Value | None, dialect: Dialect) -> dict[str, Any] | None:
        return value.to_json() if value else None

    def process_result_value(self, value: Any, dialect: Dialect) -> Value | None:
        return None if value is None else self.value.from_json(value)


def enum_column(enum: type[StrEnum]) -> Enum:
    """An enum stored as its value in a text column, so that a new member needs no migration."""
    return Enum(
        enum,
        native_enum=False,
        create_constraint=False,
        length=32,
        values_callable=lambda members: [member.value for member in members],
    )
