"""Read a list that is asked by time, window by window, so that no contact slips between pages.

Pages are offsets (spotler-api.md §5): a contact that changes while we read leaves its window, all
behind it move up, and one is never seen. So a window that does not fit on a page is made smaller
until it does, down to moments that cannot be cut any more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Generic, Protocol, TypeVar

T = TypeVar("T")

PAGE = 1000
"""Rows in a page; Spotler allows ten times as many, but memory stays small (§12)."""
SMALLEST = timedelta(seconds=2)
"""Bounds are sent in whole seconds."""
FILLED, HALF = 0.9, 0.5
"""How much of a page that overflowed the next try is to hold: at first, and after that."""


class Read(Protocol[T]):
    """`contacts.updates` or `contacts.bounces`."""

    def __call__(
        self, since: datetime, until: datetime, *, page_size: int
    ) -> Iterator[list[T]]: ...


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    rows: list[T]
    read_at: datetime
    """From before the page was asked for."""
    covered: datetime
    """Up to here all was given, this page included."""
    ends_window: bool = False
    """Without rows: who stops here has come further."""


def read_windows(
    read: Read[T],
    since: datetime,
    until: datetime,
    moment_of: Callable[[T], datetime | None],
) -> Iterator[Page[T]]:
    """Yield everything between two moments; what is on a bound may come twice.

    `moment_of` tells by which moment a row is in a window, as far as is known. From the rows that
    came it follows where a page would be filled; in whatever order they come, each try is smaller.
    """
    width, share = until - since, FILLED
    while since < until:
        end = min(since + width, until)
        read_at = datetime.now(UTC)
        following = read(since, end, page_size=PAGE)
        rows: list[T] | None = next(following, [])
        count = len(rows or ())
        if rows and count >= PAGE and end - since > SMALLEST:
            width = max(_narrower(since, end, [moment_of(row) for row in rows], share), SMALLEST)
            share = HALF
            continue
        while rows:
            yield Page(rows, read_at, since)
            read_at = datetime.now(UTC)
            rows = next(following, None)
        since, share = end, FILLED
        yield Page([], read_at, since, ends_window=True)
        if count < PAGE / 4:
            width = until - since


def _narrower(
    since: datetime, end: datetime, moments: Sequence[datetime | None], share: float
) -> timedelta:
    """A width that holds this share of the rows; half of what it was where they do not tell."""
    inside = sorted(moment for moment in moments if moment and since < moment < end)
    half = (end - since) / 2
    if not inside:
        return half
    width = inside[int(len(inside) * share)] - since
    return width if share == FILLED else min(width, half)
