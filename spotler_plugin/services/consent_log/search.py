"""Which acts: by contact, permission, moment and source; page by page, or all of them.

There may be a million, so nothing counts them all, and a page begins where another ended. Without
a contact one index has all that is compared, in the order that is shown. Acts of chosen contacts
are few: they are found by these, and put in order afterwards.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Select, SQLColumnExpression, func, select, tuple_

from spotler_plugin.extensions import db
from spotler_plugin.models import Act, Source
from spotler_plugin.services.consent_log.acts import ActView, read_acts
from spotler_plugin.services.consent_log.people import Found, find_people
from spotler_plugin.services.pagination import SIZE
from spotler_plugin.sql import among, unindexed

COUNTED = 10_000
"""Up to this many are counted; of more it is said that they are more."""
AT_ONCE = 1000
"""Acts that are read in one transaction: a slow reader holds none up."""


@dataclass(frozen=True, slots=True)
class Filter:
    """Which acts; None and empty match all."""

    query: str = ""
    """A part of a name or address, or a contact's id."""
    contact_id: str = ""
    bit: int | None = None
    source: Source | None = None
    since: datetime | None = None
    before: datetime | None = None


@dataclass(frozen=True, slots=True)
class ActPage:
    """A page of acts, the newest first, and whether there are others on either side."""

    rows: Sequence[ActView]
    has_newer: bool = False
    has_older: bool = False
    total: int = 0
    """Of all pages, up to `COUNTED`."""
    is_more: bool = False
    """Whether there are more than that."""
    too_many_people: bool = False
    """The text means so many people that their acts are not searched."""


class _Place(NamedTuple):
    """Where in the order an act stands."""

    at: datetime
    id: int


def page_of_acts(
    environment_id: int, chosen: Filter, *, before: int | None = None, after: int | None = None
) -> ActPage:
    """Return the newest acts, or those older than `before` or newer than `after`, which are ids."""
    people = _people(environment_id, chosen)
    if people is not None and people.too_many:
        return ActPage((), too_many_people=True)
    place = _place_of(environment_id, before or after)
    forward = place is not None and before is None
    ids = _ids(environment_id, chosen, people, place, SIZE + 1, forward=forward)
    more = len(ids) > SIZE
    # What is one too many lies beyond the page.
    rows = read_acts(environment_id, ids[-SIZE:] if forward else ids[:SIZE])
    if place is None and not more:
        return ActPage(rows, total=len(rows))
    total = _count(environment_id, chosen, people)
    has_newer, has_older = (more, True) if forward else (place is not None, more)
    return ActPage(rows, has_newer, has_older, min(total, COUNTED), total > COUNTED)


def every_act(environment_id: int, chosen: Filter) -> Iterator[ActView]:
    """Yield all acts, the newest first, with some in memory and no transaction open in between."""
    people, place = _people(environment_id, chosen), None
    if people is not None and people.too_many:
        return
    while ids := _ids(environment_id, chosen, people, place, AT_ONCE):
        rows = read_acts(environment_id, ids)
        db.session.rollback()
        yield from rows
        if len(ids) < AT_ONCE or not rows:
            return
        place = _Place(rows[-1].at, rows[-1].id)


def acts_of(environment_id: int, contact_ids: frozenset[str]) -> list[ActView]:
    """Return all acts about these contacts, the newest first."""
    return read_acts(environment_id, _ids(environment_id, Filter(), Found(contact_ids), None, None))


def _people(environment_id: int, chosen: Filter) -> Found | None:
    """Whom it is about; None: anybody."""
    if chosen.contact_id:
        return Found(frozenset({chosen.contact_id}))
    return find_people(environment_id, chosen.query) if chosen.query else None


def _place_of(environment_id: int, act_id: int | None) -> _Place | None:
    if act_id is None:
        return None
    found = select(Act.at).where(Act.environment_id == environment_id, Act.id == act_id)
    at = db.session.scalar(found)
    return _Place(at, act_id) if at is not None else None


def _ids(
    environment_id: int,
    chosen: Filter,
    people: Found | None,
    place: _Place | None,
    most: int | None,
    *,
    forward: bool = False,
) -> list[int]:
    """Return the ids of the acts beyond a place, the newest first; `forward`: newer ones."""
    acts, at, id_ = _matching(environment_id, chosen, people)
    if place is not None:
        here, there = tuple_(at, id_), tuple_(*place, types=[Act.at.type, Act.id.type])
        acts = acts.where(here > there if forward else here < there)
    order = (at.asc(), id_.asc()) if forward else (at.desc(), id_.desc())
    ids = db.session.scalars(acts.order_by(*order).limit(most)).all()
    return list(reversed(ids)) if forward else list(ids)


def _count(environment_id: int, chosen: Filter, people: Found | None) -> int:
    acts, _at, _id = _matching(environment_id, chosen, people)
    counted = select(func.count()).select_from(acts.limit(COUNTED + 1).subquery())
    return db.session.scalar(counted) or 0


def _matching(
    environment_id: int, chosen: Filter, people: Found | None
) -> tuple[Select[int], SQLColumnExpression[Any], SQLColumnExpression[Any]]:
    """Select the ids of the acts that match; with the columns that put them in order."""
    # Of chosen contacts the index of moments would be gone through to its end.
    at: SQLColumnExpression[Any] = unindexed(Act.at) if people is not None else Act.at
    parts = [Act.environment_id == environment_id]
    if chosen.bit is not None:
        parts.append(Act.bit == chosen.bit)
    if chosen.source is not None:
        parts.append(Act.source == chosen.source)
    if chosen.since is not None:
        parts.append(at >= chosen.since)
    if chosen.before is not None:
        parts.append(at < chosen.before)
    if people is None:
        return select(Act.id).where(*parts), Act.at, Act.id
    theirs = select(Act.id, Act.at).where(*parts, among(Act.contact_id, people.ids)).cte("theirs")
    theirs = theirs.prefix_with("MATERIALIZED")
    return select(theirs.c.id), theirs.c.at, theirs.c.id
