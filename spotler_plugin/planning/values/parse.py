"""Parse raw values into texts, numbers, moments and genders; None for anything else."""

from __future__ import annotations

import math
import re
import unicodedata
from datetime import UTC, date, datetime, time
from decimal import Decimal, InvalidOperation
from typing import Any
from zoneinfo import ZoneInfo

from spotler_plugin.cleaning import clean

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
"""Zone of a moment without an offset: Spotler's own is unknown (spotler-api.md §5 [U])."""

_SPACES = dict.fromkeys(map(ord, "\n\r\t\x0b\x0c\x85\u2028\u2029"), " ")

_DASHES = dict.fromkeys(map(ord, "\u2010\u2011\u2012\u2013\u2014\u2212"), "-")

_LARGEST = Decimal(2**63 - 1)
_MILLISECONDS = 10**11
_NUMBER = re.compile(r"[+-]?[0-9]{1,40}([.,][0-9]{1,40})?")
_GENDERS = {
    **dict.fromkeys(
        ("m", "man", "mannelijk", "heer", "de heer", "dhr", "dhr.", "hr.",
         "male", "mister", "gentleman", "mann", "männlich", "herr"), "M"),
    **dict.fromkeys(
        ("v", "f", "w", "vrouw", "vrouwelijk", "dame", "mevrouw", "mevr", "mevr.", "mw", "mw.",
         "female", "woman", "mrs", "mrs.", "ms", "ms.", "miss", "lady", "frau", "weiblich"), "F"),
}  # fmt: skip
"""In Dutch, English and German, as a field or a form of address has them; not "mr.", which is a
title of Dutch lawyers of any gender."""
_OTHER_GENDERS = frozenset(
    ("x", "o", "u", "n.v.t.", "nvt", "onbekend", "anders", "overig", "divers", "neutraal",
     "genderneutraal", "non-binair", "nonbinair", "onzijdig", "geen van beide", "niet opgegeven",
     "niet ingevuld", "geen opgave", "wil ik niet zeggen", "wil niet zeggen", "zeg ik liever niet",
     "unknown", "other", "neutral", "non-binary", "nonbinary", "not specified", "not known",
     "not applicable", "n/a", "undisclosed", "prefer not to say",
     "unbekannt", "keine angabe", "nichtbinär", "-", "?")
)  # fmt: skip


def text(value: Any) -> str:
    """Clean a text; anything that is not a text gives an empty one.

    Line ends and tabs become spaces, so that words stay apart. Other control characters and
    lone surrogates, which no service can store, are dropped, and so is what nobody sees.
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
        # Composed before it as well: by its letters it is told whether a joiner is meant.
        value = clean(unicodedata.normalize("NFC", value))
    return unicodedata.normalize("NFC", value.strip())


def hyphened(bare: str) -> str:
    """Return a text with a hyphen for each of the dashes that word processors make of it."""
    return bare if bare.isascii() else bare.translate(_DASHES)


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


def is_other_gender(value: Any) -> bool:
    """Return whether a word says that somebody is neither, or that it is not known."""
    return text(value).casefold() in _OTHER_GENDERS


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
