"""Which lines of a history are wanted, and a line as a source tells it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, Protocol, TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement, SQLColumnExpression, and_, or_

from spotler_plugin.planning.history.place import Kind, Place

Key = TypeVar("Key", int, UUID)


class Row(Protocol):
    """What a source tells of one thing that happened."""

    @property
    def at(self) -> datetime: ...

    @property
    def key(self) -> int | UUID: ...


Happened = TypeVar("Happened", bound=Row)


@dataclass(frozen=True, slots=True)
class Line(Generic[Happened]):
    """One thing that happened, and its place."""

    happened: Happened
    place: Place


@dataclass(frozen=True, slots=True)
class Wish:
    """Which lines of a contact: of a kind, after a place, and how many at most."""

    environment_id: int
    contact_id: str
    kind: Kind | None
    after: Place | None
    limit: int

    def rest(
        self,
        rank: int,
        at: SQLColumnExpression[datetime],
        key: SQLColumnExpression[Key],
        parse: Callable[[str], Key],
    ) -> list[ColumnElement[bool]]:
        """Return the condition that a source's rows come after the place. Raises ValueError."""
        if self.after is None:
            return []
        earlier = at < self.after.at
        if rank != self.after.rank:
            return [at <= self.after.at if rank > self.after.rank else earlier]
        return [or_(earlier, and_(at == self.after.at, key < parse(self.after.id)))]


def lines(rank: int, rows: Sequence[Happened]) -> list[Line[Happened]]:
    return [Line(row, Place(row.at, rank, str(row.key))) for row in rows]
