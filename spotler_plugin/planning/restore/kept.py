"""What a contact should be by a backup. Nobody is on afterwards who was off before."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from spotler_plugin.planning.backup.contact import BackedUp, is_set
from spotler_plugin.planning.backup.layout import Column
from spotler_plugin.planning.plan import ADDRESS
from spotler_plugin.planning.reason import Reason, Refusal
from spotler_plugin.planning.restore.legend import Legend
from spotler_plugin.planning.restore.order import Restore
from spotler_plugin.planning.state import Wanted
from spotler_plugin.planning.values.address import address_key


def wanted_by(
    contact_id: str, kept: BackedUp, legend: Legend, order: Restore, address: str | None
) -> Wanted:
    """Return the desired state; `address` is the one that the contact has, and keeps unless the
    backup's goes back. A property that the backup covers and that was empty is emptied."""
    chosen = [each for each in legend.columns if each.name in order.properties]
    values = {each.name: _value(each, kept, legend) for each in chosen if _fits(each, kept, legend)}
    own = values.pop(ADDRESS, None) or None
    off = {
        now: False
        for then, now in legend.permissions.items()
        if not kept.permissions.get(then, False)
    }
    return Wanted(
        contact_id,
        str(own) if own else address,
        values=values,
        refusals=tuple(_moved(chosen, kept, legend)),
        permissions=off if order.switches else {},
        is_exact=True,
        keeps_address=own is None,
    )


@dataclass(frozen=True, slots=True)
class Known:
    """By what a linked contact can be found in a backup."""

    contact_id: str
    encrypted_id: str | None = None
    """Spotler's own id of it, where that is known."""
    address: str = ""


def same_person(known: Known, found: Iterable[BackedUp]) -> BackedUp | None:
    """Return which of these the contact was: by its id; or else, where that one had no id yet, by
    Spotler's own id, or as the only one with its address."""
    listed: Sequence[BackedUp] = list(found)
    own = [each for each in listed if each.external_id == known.contact_id]
    if own:
        return own[0]
    address, there = address_key(known.address), known.encrypted_id
    same = [each for each in listed if there and each.encrypted_id == there]
    alike = same or [each for each in listed if address and each.address == address]
    if len(alike) != 1 or alike[0].external_id is not None:
        return None
    # Whoever Spotler calls otherwise had the address before this one.
    is_another = there and alike[0].encrypted_id and alike[0].encrypted_id != there
    return None if is_another else alike[0]


def _fits(column: Column, kept: BackedUp, legend: Legend) -> bool:
    """Return whether the value is of a kind that the property has."""
    value = kept.properties.get(column.name)
    return value is None or is_set(value) is (column.name in legend.entries)


def _value(column: Column, kept: BackedUp, legend: Legend) -> Any:
    value, now = kept.properties.get(column.name), legend.entries.get(column.name)
    if now is None:
        return value
    was = value or {}
    return {now[bit]: was.get(bit, False) for bit in now}


def _moved(columns: Iterable[Column], kept: BackedUp, legend: Legend) -> Iterator[Refusal]:
    """Yield what is not put back: entries that were on, of which it is not known what they are by
    now, and values of another kind."""
    for each in columns:
        value, now = kept.properties.get(each.name, {}), legend.entries.get(each.name, {})
        on = sorted(bit for bit, enabled in value.items() if enabled) if is_set(value) else []
        words = tuple(each.bits.get(bit, str(bit)) for bit in on if bit not in now)
        if words or not _fits(each, kept, legend):
            yield Refusal(each.label or each.name, each.name, Reason.ENTRY_MOVED, words)
