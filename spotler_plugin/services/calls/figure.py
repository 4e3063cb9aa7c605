"""Read what Redis keeps: nothing prevents somebody else from writing there."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from math import isfinite


def number(value: bytes | None) -> float:
    """Return the number; what is none, or is not finite, counts as nothing."""
    try:
        read = float(value or 0)
    except ValueError:
        return 0.0
    return read if isfinite(read) else 0.0


def moment(milliseconds: bytes | None) -> datetime | None:
    """Return the time since 1970; None when there is none, or no calendar has it."""
    try:
        return datetime.fromtimestamp(number(milliseconds) / 1000, UTC) if milliseconds else None
    except (ValueError, OverflowError, OSError):
        return None


def quantile(ordered: Sequence[float], share: float) -> float | None:
    """Return the nearest of the values, without interpolation."""
    return ordered[min(int(len(ordered) * share), len(ordered) - 1)] if ordered else None
