"""One page of a long list."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from typing import Generic, TypeVar

SIZE = 50

Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    rows: Sequence[Row]
    number: int
    """From 1."""
    total: int
    """Rows on all pages."""

    @property
    def pages(self) -> int:
        return max(1, ceil(self.total / SIZE))

    @property
    def first(self) -> int:
        """The number of the page's first row, from 1."""
        return (self.number - 1) * SIZE + 1

    @property
    def last(self) -> int:
        return self.first + len(self.rows) - 1


def within(number: int, total: int) -> int:
    """Limit a page number to the pages that exist."""
    return max(1, min(number, ceil(total / SIZE)))
