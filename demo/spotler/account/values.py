"""Which values a type of field accepts (spotler-api.md §3, value formats)."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

from demo.spotler.account.properties import Property

Value = str | int | float


class InvalidValue(ValueError):
    """A value that its field does not accept."""


# Syntax only (§3 [D]): what exactly the service accepts is not published.
EMAIL = re.compile(r"[^\s@,;:<>()\[\]\"\\]+@([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}", re.I)
POSTCODE = re.compile(r"[1-9][0-9]{3} ?[A-Za-z]{2}")  # Dutch ones only (§3 [C]).
MOBILE = re.compile(r"\+?[0-9][0-9 -]{7,18}")  # The format is unknown (§3 [U]).
MONEY = re.compile(r"-?[0-9]{1,15}([.,][0-9]{1,2})?")  # The format is unknown (§3 [U]).
DAY = re.compile(r"\d{4}-\d\d-\d\d")
_LARGEST, _DEAREST = 2**63, 10**15


def _is_day(text: str) -> bool:
    try:
        return bool(DAY.fullmatch(text)) and bool(date.fromisoformat(text))
    except ValueError:
        return False


def _is_moment(text: str) -> bool:
    try:
        moment = datetime.fromisoformat(text)
        return "T" in text and moment.tzinfo is not None and bool(moment.astimezone(UTC))
    except (ValueError, OverflowError):
        return False


def _whole_number(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and abs(value) < _LARGEST


def _money(value: Any) -> bool:
    if isinstance(value, str):
        return bool(MONEY.fullmatch(value))
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return is_number and abs(value) < _DEAREST


def _text(accepts: Callable[[str], Any]) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, str) and bool(accepts(value))


def _any_text(_: str) -> bool:
    return True


_ACCEPTS: dict[str, Callable[[Any], bool]] = {
    "birthdate": _text(_is_day),
    "date": _text(_is_day),
    "dateTime": _text(_is_moment),
    "email": _text(EMAIL.fullmatch),
    "gender": _text({"M", "F"}.__contains__),
    "int": _whole_number,
    "mobNr": _text(MOBILE.fullmatch),
    "money": _money,
    "postcode": _text(POSTCODE.fullmatch),
    "string": _text(_any_text),
}


def check(field: Property, value: Any, *, foreign: bool = False) -> Value:
    """Return the value, if the field accepts it; `foreign` postcodes are texts as any other."""
    kind = "string" if foreign and field.type == "postcode" else field.type
    if not _ACCEPTS[kind](value):
        raise InvalidValue(f"Property {field.name} is invalid: {value!r}")
    kept: Value = value
    return kept


def respelt(field: Property, value: Value) -> Value:
    """The value as a service might give it back that has a spelling of its own (§3 [U])."""
    text = str(value)
    match field.type:
        case "dateTime":
            return datetime.fromisoformat(text).astimezone(UTC).isoformat(timespec="milliseconds")
        case "email":
            return text.lower()
        case "mobNr":
            return f"00{text[1:]}" if text.startswith("+") else text
        case "money":
            return float(text.replace(",", "."))
        case "postcode":
            return text.replace(" ", "").upper()
        case "string":
            return text.strip()
    return value


def check_set(field: Property, value: Any) -> tuple[int, int]:
    """Return the bits to switch on and off, as two masks."""
    if not isinstance(value, list):
        raise InvalidValue(f"Property {field.name} is not a list of bits")
    on = off = 0
    for item in value:
        bit = item.get("bit") if isinstance(item, dict) else None
        enabled = item.get("enabled") if isinstance(item, dict) else None
        if not isinstance(bit, int) or isinstance(bit, bool) or not isinstance(enabled, bool):
            raise InvalidValue(f"Property {field.name} needs bit and enabled")
        if all(entry.bit != bit for entry in field.entries):
            raise InvalidValue(f"Property {field.name} has no bit {bit}")
        on, off = (on | bit, off & ~bit) if enabled else (on & ~bit, off | bit)
    return on, off
