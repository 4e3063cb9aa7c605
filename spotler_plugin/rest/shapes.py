"""Values in answers: text, lists of objects, moments, and how long to wait."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, TypeVar

T = TypeVar("T")

LONGEST_WAIT = 900.0
"""Seconds; whatever `Retry-After` says, after a quarter of an hour it is tried again."""


def text(value: Any) -> str:
    """Return the value as text, empty for null."""
    return "" if value is None else str(value)


def word(value: Any) -> str:
    """Return a name or an id, a text or a number; empty for anything else."""
    return str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""


def maps(value: Any) -> list[dict[str, Any]]:
    """Return the objects in a list inside an answer; empty when there is no such list."""
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def read_each(value: Any, read: Callable[[dict[str, Any]], T | None]) -> list[T] | None:
    """Return what was read of each row of an array; `read` returns None for a row without sense.

    Such a row costs itself and no other. None when it is no array, or when none of its rows can
    be read: then it is an answer of another form.
    """
    found = [each for each in map(read, maps(value)) if each is not None]
    return None if not isinstance(value, list) or (value and not found) else found


def list_of_objects(value: Any) -> list[dict[str, Any]] | None:
    """Return the value if it is an array of objects and nothing else, or None."""
    if isinstance(value, list) and all(isinstance(each, dict) for each in value):
        return value
    return None


def in_utc(value: datetime) -> datetime:
    """Return a moment to send, in UTC; ValueError for one without an offset."""
    if value.tzinfo is None:
        raise ValueError("A moment without an offset says nothing.")
    return value.astimezone(UTC)


def retry_after(value: str | None) -> float | None:
    """Return the seconds of `Retry-After`, a number or a date; None for anything else."""
    told = (value or "").strip()
    if not told:
        return None
    if re.fullmatch(r"[0-9]{1,9}", told, re.ASCII):
        return min(float(told), LONGEST_WAIT)
    try:
        moment = parsedate_to_datetime(told)
        aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        left = (aware - datetime.now(UTC)).total_seconds()
    except (ValueError, OverflowError, TypeError):  # As with a zone that no clock has.
        return None
    return min(max(left, 0.0), LONGEST_WAIT)
