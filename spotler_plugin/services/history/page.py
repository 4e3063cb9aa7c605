"""One page of a contact's history: the newest lines of all sources, or those after a place."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from spotler_plugin.planning.history.place import Kind, Place
from spotler_plugin.services.history.acts import Settled, Switched, find_settled, find_switched
from spotler_plugin.services.history.erasures import Erased, Lifted, find_erased, find_lifted
from spotler_plugin.services.history.items import Carried, find_carried
from spotler_plugin.services.history.line import Line, Wish, lines
from spotler_plugin.services.history.starts import Started, find_started
from spotler_plugin.services.history.told import Fired, Told, find_fired, find_told

SIZE = 25

Happening = Switched | Carried | Started | Settled | Told | Fired | Erased | Lifted

# What comes of one moment is told in this order: what was done, who asked for it, why.
_SOURCES: tuple[Callable[[Wish, int], Sequence[Happening]], ...] = (
    find_carried,
    find_started,
    find_switched,
    find_settled,
    find_fired,
    find_told,
    find_erased,
    find_lifted,
)


@dataclass(frozen=True, slots=True)
class History:
    lines: Sequence[Line[Happening]]
    after: Place | None
    """Where the next page begins; None where this is the last one."""


def history_of(
    environment_id: int, contact_id: str, kind: Kind | None = None, after: Place | None = None
) -> History:
    """Return a page, by one query for each source. Raises ValueError for a place of no source."""
    wish = Wish(environment_id, contact_id, kind, after, SIZE + 1)
    found: list[Line[Happening]] = []
    for rank, find in enumerate(_SOURCES):
        found += lines(rank, find(wish, rank))
    # Each source comes in its own order, which sorting keeps where moment and source are one.
    found.sort(key=lambda line: (-line.place.at.timestamp(), line.place.rank))
    shown = found[:SIZE]
    return History(shown, shown[-1].place if len(found) > SIZE else None)
