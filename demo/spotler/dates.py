"""Moments: milliseconds since 1970 inside, ISO 8601 or numbers outside."""

import re
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from demo.spotler.errors import invalid_params

# The official Magento module names this zone; spotler-api.md §5 leaves naive values open [U].
ZONE = ZoneInfo("Europe/Amsterdam")
_STARTS_LIKE_A_DATE = re.compile(r"\d{4}-\d\d-\d\d([T ]|$)")


def now() -> int:
    """Return the current moment."""
    return time.time_ns() // 1_000_000


def to_iso(moment: int) -> str:
    """ISO 8601 with the offset of the Netherlands."""
    return datetime.fromtimestamp(moment / 1000, ZONE).isoformat(timespec="milliseconds")


def stamp(moment: int, legacy: bool) -> str | int:
    """Format a moment as the requested base writes it (spotler-api.md §1.1 [C], §5).

    Those of mailings are described as ISO 8601 text [D], and are so on both.
    """
    return moment if legacy else to_iso(moment)


def moment_of(value: datetime) -> int:
    """Milliseconds since 1970; naive values are Dutch time [U]."""
    aware = value if value.tzinfo else value.replace(tzinfo=ZONE)
    return round(aware.astimezone(UTC).timestamp() * 1000)


def parse(text: str) -> int:
    """Parse a moment from ISO 8601, or raise ``ValueError``."""
    if not _STARTS_LIKE_A_DATE.match(text):
        raise ValueError(text)
    return moment_of(datetime.fromisoformat(text))


def parameter(query: Mapping[str, str], name: str, *, required: bool = True) -> int | None:
    """Return a date of the query; a bad one, or a missing required one, is a 400."""
    text = query.get(name, "")
    if not text:
        if required:
            raise invalid_params(f"Parameter {name} is required")
        return None
    try:
        return parse(text)
    except (ValueError, OverflowError) as error:
        raise invalid_params(f"Parameter {name} is not a valid date: {text}") from error


def widened(start: int, end: int, finest: str) -> tuple[int, int]:
    """The window in whole minutes or days of the Netherlands, if no finer ones are known."""
    if finest == "millisecond":
        return start, end
    begin, close = {"second": 0, "microsecond": 0}, {"second": 59, "microsecond": 999_000}
    if finest == "day":
        begin, close = begin | {"hour": 0, "minute": 0}, close | {"hour": 23, "minute": 59}
    return _with(start, begin), _with(end, close)


def _with(moment: int, changes: dict[str, Any]) -> int:
    try:
        return moment_of(datetime.fromtimestamp(moment / 1000, ZONE).replace(**changes))
    except (ValueError, OverflowError):
        return moment  # In the first or the last year that there is.
