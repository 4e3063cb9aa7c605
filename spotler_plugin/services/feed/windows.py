"""Read a list by time windows that fit on a page each, so that no contact is missed.

Pages are offsets (spotler-api.md §5): when a contact changes while we read, it leaves its window,
all those after it move up, and one is never seen. So a window that does not fit on a page is made
smaller until it does, down to `SMALLEST`. What Spotler makes of two moments is unknown (§12 [U]):
it may look at whole minutes or days, and refuse a window that is too wide.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Generic, Protocol, TypeVar

from spotler_plugin.spotler import Refused

T = TypeVar("T")

PAGE = 1000
"""Rows in a page; Spotler allows ten times as many, but memory stays small (§12)."""
SMALLEST = timedelta(seconds=2)
"""Bounds are sent in whole seconds."""
DAY = timedelta(days=1)
"""What Spotler may look at as a whole; and nobody would refuse a window that is no wider."""
FILLED, HALF = 0.9, 0.5
"""Share of an overfull page that the next window should hold: at the first try, and later."""


class Read(Protocol[T]):
    """`contacts.updates` or `contacts.bounces`."""

    def __call__(
        self, since: datetime, until: datetime, *, page_size: int
    ) -> Iterator[list[T]]: ...


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    rows: list[T]
    read_at: datetime
    """A moment before the page was requested."""
    covered: datetime
    """Everything up to this moment has been yielded, this page included."""
    ends_window: bool = False
    """A page without rows that ends a window: it is a good place to stop."""


def read_windows(
    read: Read[T],
    since: datetime,
    until: datetime,
    moment_of: Callable[[T], datetime | None],
) -> Iterator[Page[T]]:
    """Yield everything between two moments; rows on a bound may come twice.

    `moment_of` returns the moment by which a row is in a window, if known. The rows of an overfull
    page tell how wide the next window may be; each try is narrower, in whatever order rows come.
    """
    width = widest = until - since
    share, is_coarse = FILLED, False
    while since < until:
        end = min(since + width, until)
        read_at = datetime.now(UTC)
        following = read(since, end, page_size=PAGE)
        try:
            rows: list[T] | None = next(following, [])
        except Refused:
            if end - since <= DAY:
                raise
            width = widest = (end - since) / 2
            continue
        count = len(rows or ())
        if rows and count >= PAGE and end - since > SMALLEST:
            moments = [moment_of(row) for row in rows]
            is_coarse = is_coarse or _is_coarse(since, end, moments)
            if not is_coarse or end - since > DAY:
                width, share = max(_narrower(since, end, moments, share), SMALLEST), HALF
                continue
        while rows:
            yield Page(rows, read_at, since)
            read_at = datetime.now(UTC)
            rows = next(following, None)
        since, share = end, FILLED
        yield Page([], read_at, since, ends_window=True)
        if count < PAGE / 4:
            width = min(until - since, widest)
        elif is_coarse:
            width = max(width, DAY)


def _narrower(
    since: datetime, end: datetime, moments: Sequence[datetime | None], share: float
) -> timedelta:
    """Return a width that should hold this share of the rows; without moments, half the window."""
    inside = sorted(moment for moment in moments if moment and since < moment < end)
    half = (end - since) / 2
    if not inside:
        return half
    width = inside[int(len(inside) * share)] - since
    return width if share == FILLED else min(width, half)


def _is_coarse(since: datetime, end: datetime, moments: Sequence[datetime | None]) -> bool:
    """Return whether most rows are from outside the window: a smaller one brings them all again."""
    known = [moment for moment in moments if moment]
    outside = sum(not since - SMALLEST <= moment <= end + SMALLEST for moment in known)
    return outside > len(known) / 2
