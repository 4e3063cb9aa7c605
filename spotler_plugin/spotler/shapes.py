"""Values in Spotler's answers: objects, bits of a set, moments."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from spotler_plugin.rest.shapes import in_utc, list_of_objects
from spotler_plugin.spotler.answer import unexpected

LARGEST_BIT = 2**63 - 1
"""What a database keeps; Spotler's are far smaller."""


def objects(value: Any, endpoint: str) -> list[dict[str, Any]]:
    """Return the value if it is an array of objects, or raise InvalidAnswer."""
    found = list_of_objects(value)
    if found is None:
        raise unexpected(endpoint, writes=False)
    return found


def maps(value: Any) -> list[dict[str, Any]]:
    """Return the objects in a list inside an answer; empty when there is no such list."""
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def bits(value: Any) -> dict[int, bool] | None:
    """Read a set, `[{bit, enabled}]`, or return None if the value is not a set.

    A bit is on only if it says so: missing or unknown is never consent.
    """
    entries = value if isinstance(value, list) else None
    if entries is None or not all(isinstance(each, dict) and "bit" in each for each in entries):
        return None
    try:
        found = {int(each["bit"]): each.get("enabled") is True for each in entries}
    except (TypeError, ValueError, OverflowError):
        return None
    return {bit: enabled for bit, enabled in found.items() if abs(bit) <= LARGEST_BIT}


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
