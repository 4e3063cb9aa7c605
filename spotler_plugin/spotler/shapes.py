"""Values in Spotler's answers: rows, bits of a set, moments."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, TypeVar

from spotler_plugin.rest.shapes import in_utc, maps, read_each, word
from spotler_plugin.spotler.answer import unexpected

LARGEST_BIT = 2**63 - 1
"""What a database keeps; Spotler's are far smaller."""

T = TypeVar("T")


def readable(value: Any, read: Callable[[dict[str, Any]], T | None], endpoint: str) -> list[T]:
    """Return what can be read of an array's rows (`read_each`), or raise InvalidAnswer."""
    found = read_each(value, read)
    if found is None:
        raise unexpected(endpoint, writes=False)
    return found


def bit_of(value: Any) -> int | None:
    """Return the number of a bit; None for what is none."""
    whole = int(value) if isinstance(value, float) and value.is_integer() else value
    try:
        bit = int(word(whole))
    except ValueError:
        return None
    return bit if abs(bit) <= LARGEST_BIT else None


def bits(value: Any) -> dict[int, bool] | None:
    """Read a set, `[{bit, enabled}]`, or return None if the value is not a set.

    A bit is on only if it says so: missing or unknown is never consent. An entry without a bit
    hides no other: somebody may have signed off from that one.
    """
    if not isinstance(value, list):
        return None
    found = {
        bit: each.get("enabled") is True
        for each in maps(value)
        if (bit := bit_of(each.get("bit"))) is not None
    }
    return found if found or not value else None


def moment(value: Any) -> datetime | None:
    """Read a moment: ISO 8601, or seconds or milliseconds since 1970 (spotler-api.md §5); in UTC.

    A value without a zone [U] is read as UTC. As Dutch time it would be one or two hours earlier,
    and an opt-out must never look older than it is. Anything else gives None.
    """
    try:
        if isinstance(value, int | float) or (isinstance(value, str) and value.isdecimal()):
            number = float(value)
            # Whether 1.1.0 sends seconds or milliseconds is undocumented: guess by size (§12 [U]).
            return datetime.fromtimestamp(number / 1000 if number > 1e11 else number, UTC)
        found = datetime.fromisoformat(value)
        return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
    except (TypeError, ValueError, OverflowError, OSError):
        return None


def sent_moment(value: datetime) -> str:
    """Format a moment for a parameter: with its offset, since the default zone is unknown [U]."""
    return in_utc(value).isoformat(timespec="seconds")
