"""Parse raw values into texts, numbers, moments and genders; None for anything else."""

from __future__ import annotations

import math
import re
import unicodedata
from datetime import UTC, date, datetime, time
from decimal import Decimal, InvalidOperation
from typing import Any
from zoneinfo import ZoneInfo

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
"""Zone of a moment without an offset: Spotler's own is unknown (spotler-api.md §5 [U])."""

_SPACES = dict.fromkeys(map(ord, "\n\r\t\x0b\x0c\x85\u2028\u2029"), " ")
_BLANKS = " \u00a0\u200b\ufeff"

_LARGEST = Decimal(2**63 - 1)
_MILLISECONDS = 10**11
_NUMBER = re.compile(r"[+-]?[0-9]{1,40}([.,][0-9]{1,40})?")
_TELEPHONE = re.compile(r"\+?[0-9]{8,15}")
_GENDERS = {
    "m": "M", "man": "M", "male": "M",
    "v": "F", "f": "F", "vrouw": "F", "female": "F",
}  # fmt: skip


def text(value: Any) -> str:
    """Clean a text; anything that is not a text gives an empty one.

    Line ends and tabs become spaces, so that words stay apart. Other control characters and
    lone surrogates, which no service can store, are dropped.
    """
    if not isinstance(value, str):
        return ""
    if value.isascii() and value.isprintable():
        # The usual case: printable ASCII needs no normalisation.
        return value.strip(" ")
    if not value.isprintable():
        spaced = value.replace("\r\n", "\n").translate(_SPACES)
        value = "".join(
            character for character in spaced if unicodedata.category(character) not in ("Cc", "Cs")
        )
    return unicodedata.normalize("NFC", value.strip(_BLANKS))


def is_empty(value: Any) -> bool:
    """Return whether a value is None, blank, or an empty list or object."""
    if isinstance(value, str):
        # Usually the first character is a letter or digit, and the rest need not be looked at.
        return not (value[:1].isalnum() or text(value))
    return value is None or (isinstance(value, list | tuple | dict) and not value)


def number(value: Any) -> Decimal | None:
    """Parse a number; in "1.234" the point is decimal, never a Dutch thousands separator."""
    if isinstance(value, bool):
        return None
    if isinstance(value, float):
        found = Decimal(repr(value)) if math.isfinite(value) else None
    elif isinstance(value, int):
        found = Decimal(value) if abs(value) <= _LARGEST else None
    elif isinstance(value, Decimal):
        found = value if value.is_finite() else None
    else:
        raw = text(value)
        found = Decimal(raw.replace(",", ".")) if _NUMBER.fullmatch(raw) else None
    return found if found is not None and abs(found) <= _LARGEST else None


def whole(value: Any) -> int | None:
    """Parse a number without a fraction."""
    found = number(value)
    return int(found) if found is not None and found == found.to_integral_value() else None


def moment(value: Any) -> datetime | None:
    """Parse a date, with or without a time; without an offset it is Dutch time."""
    try:
        if isinstance(value, datetime):
            found = value
        elif isinstance(value, date):
            found = datetime.combine(value, time())
        else:
            found = datetime.fromisoformat(text(value))
        found = (found if found.tzinfo else found.replace(tzinfo=AMSTERDAM)).astimezone(AMSTERDAM)
    except (ValueError, OverflowError):
        return None
    # Some systems write year 1 for "none" and year 9999 for "never".
    return found if 1000 < found.year < 9999 else None


def spotler_moment(value: Any) -> datetime | None:
    """Parse as `moment` does, and also Unix timestamps (§12: above 10^11 in milliseconds)."""
    stamp = None if isinstance(value, str) else whole(value)
    if stamp is None:
        return moment(value)
    try:
        seconds = stamp / 1000 if abs(stamp) > _MILLISECONDS else stamp
        return datetime.fromtimestamp(seconds, UTC).astimezone(AMSTERDAM)
    except (ValueError, OverflowError, OSError):
        return None


def gender(value: Any) -> str | None:
    """Return `M` or `F` for Dutch and English words and letters."""
    return _GENDERS.get(text(value).casefold())


def telephone(value: Any) -> str | None:
    """Reduce a telephone number to digits and an optional plus; None when it is not one."""
    bare = re.sub(r"[\s()./-]", "", text(value).replace("(0)", ""))
    return bare if _TELEPHONE.fullmatch(bare) else None


def plain(value: Any) -> str | None:
    """Format a single value as text; None for anything else."""
    if isinstance(value, bool):
        return "Ja" if value else "Nee"
    if isinstance(value, str):
        return text(value)
    if isinstance(value, date):
        return value.isoformat()
    try:
        found = number(value)
        return None if found is None else format(found.normalize(), "f")
    except InvalidOperation:
        return None
