"""What a raw value says, whatever it is: a text, a number, a moment, a gender; None for not one."""

from __future__ import annotations

import math
import re
import unicodedata
from datetime import UTC, date, datetime, time
from decimal import Decimal, InvalidOperation
from typing import Any
from zoneinfo import ZoneInfo

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
"""The zone of a moment without an offset: Spotler's own is unknown (spotler-api.md §5 [U])."""

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
    """The characters that matter of a text; what is no text, or empty, gives an empty one.

    Line ends and tabs become spaces, so that words stay apart; other control characters and
    halves of surrogate pairs, which no service can store, are dropped.
    """
    if not isinstance(value, str):
        return ""
    if value.isascii() and value.isprintable():
        # Most are: they have one form only.
        return value.strip(" ")
    if not value.isprintable():
        spaced = value.replace("\r\n", "\n").translate(_SPACES)
        value = "".join(
            character for character in spaced if unicodedata.category(character) not in ("Cc", "Cs")
        )
    return unicodedata.normalize("NFC", value.strip(_BLANKS))


def is_empty(value: Any) -> bool:
    """None, nothing but blanks, and a list or object without anything in it."""
    if isinstance(value, str):
        # A letter or digit in front says enough, and most begin with one.
        return not (value[:1].isalnum() or text(value))
    return value is None or (isinstance(value, list | tuple | dict) and not value)


def number(value: Any) -> Decimal | None:
    """A number, or a text that is one; "1.234" is one and a bit, never a Dutch thousand."""
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
    """A number without a fraction."""
    found = number(value)
    return int(found) if found is not None and found == found.to_integral_value() else None


def moment(value: Any) -> datetime | None:
    """A date or a date with a time; without an offset it is Dutch time, without a time midnight."""
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
    # Year 1 and year 9999 are how some systems write "none" and "never".
    return found if 1000 < found.year < 9999 else None


def told_moment(value: Any) -> datetime | None:
    """As `moment`, and also the numbers that Spotler's older base answers (§12: > 10^11 = ms)."""
    stamp = None if isinstance(value, str) else whole(value)
    if stamp is None:
        return moment(value)
    try:
        seconds = stamp / 1000 if abs(stamp) > _MILLISECONDS else stamp
        return datetime.fromtimestamp(seconds, UTC).astimezone(AMSTERDAM)
    except (ValueError, OverflowError, OSError):
        return None


def gender(value: Any) -> str | None:
    """`M` or `F`, from the Dutch and English words and letters."""
    return _GENDERS.get(text(value).casefold())


def telephone(value: Any) -> str | None:
    """A telephone number bare: digits, and a plus in front; None when it holds anything else."""
    bare = re.sub(r"[\s()./-]", "", text(value).replace("(0)", ""))
    return bare if _TELEPHONE.fullmatch(bare) else None


def plain(value: Any) -> str | None:
    """Any single value as a text; None for what is not a single value."""
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
