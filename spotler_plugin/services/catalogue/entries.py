"""The entries of sets: those that exist now, those that vanished, and their former names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select, update

from spotler_plugin.extensions import db
from spotler_plugin.models import Property
from spotler_plugin.planning.values.sets import Entry, called
from spotler_plugin.spotler import Entry as SpotlerEntry

LONGEST = 300
MOST_FORMER = 5
"""Former descriptions that are kept of an entry."""

Stored = Mapping[str, Any]
"""An entry in JSON: bit, description, former descriptions, since when it is called so if it was
called otherwise, and whether it is gone."""


def stored_entries(environment_id: int) -> dict[str, list[Stored]]:
    """Return the entries of each set, also of those that vanished."""
    rows = db.session.execute(
        select(Property.name, Property.entries).where(Property.environment_id == environment_id)
    )
    return {name: entries for name, entries in rows if entries}


def forget_entries(environment_id: int) -> None:
    """Forget all names: they are of an account that was replaced, and its bits were others."""
    of_account = update(Property).where(Property.environment_id == environment_id)
    db.session.execute(of_account.values(entries=[]))


def merged(
    before: Iterable[Stored], now: Iterable[SpotlerEntry], at: datetime
) -> list[dict[str, Any]]:
    """Return what is stored of a set that was read at that moment: what is there now, then what
    vanished."""
    known = {each["bit"]: each for each in before}
    there = {each.bit: _renewed(known.get(each.bit), each, at) for each in now}
    gone = [{**each, "gone": True} for bit, each in known.items() if bit not in there]
    return [*there.values(), *gone]


def entries_of(stored: Iterable[Stored]) -> tuple[Entry, ...]:
    """Return the entries that exist now, in the account's order."""
    return tuple(
        Entry(each["bit"], each["description"], tuple(each.get("former", ())))
        for each in stored
        if not each.get("gone")
    )


def labels_of(stored: Iterable[Stored], *, gone: bool | None = None) -> dict[int, str]:
    """Return what each entry is called: of all, or only of those that are gone, or are not."""
    return {
        each["bit"]: each["description"]
        for each in stored
        if gone is None or bool(each.get("gone")) is gone
    }


def entry_labels(environment_id: int) -> dict[str, dict[int, str]]:
    """Return what each entry of each set is, or was last, called."""
    return {name: labels_of(stored) for name, stored in stored_entries(environment_id).items()}


def renamed_since(environment_id: int, moment: datetime) -> dict[str, dict[int, str]]:
    """Return of each set the entries that were called otherwise then, as they are called now: such
    a bit may have been given to another one."""
    found = {
        name: {
            each["bit"]: each["description"]
            for each in stored
            if "since" in each and datetime.fromisoformat(each["since"]) > moment
        }
        for name, stored in stored_entries(environment_id).items()
    }
    return {name: bits for name, bits in found.items() if bits}


def _renewed(known: Stored | None, entry: SpotlerEntry, at: datetime) -> dict[str, Any]:
    description = entry.description[:LONGEST]
    renewed: dict[str, Any] = {"bit": entry.bit, "description": description}
    if known is None:
        return renewed
    since = known.get("since")
    if called(known["description"]) != called(description):
        since = at.astimezone(UTC).isoformat()
    renewed |= {"since": since} if since else {}
    # The bit of one that vanished may have been given to another.
    if known.get("gone"):
        return renewed
    names = dict.fromkeys((*known.get("former", ()), known["description"]))
    former = [each for each in names if each != description][-MOST_FORMER:]
    return {**renewed, "former": former} if former else renewed
