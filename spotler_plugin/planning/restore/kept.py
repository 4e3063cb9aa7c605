"""What a contact should be by a backup. Nobody is on afterwards who was off before."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from spotler_plugin.planning.backup.contact import BackedUp
from spotler_plugin.planning.backup.layout import Column, Form, Layout
from spotler_plugin.planning.plan import ADDRESS
from spotler_plugin.planning.restore.order import Restore
from spotler_plugin.planning.state import Wanted
from spotler_plugin.planning.values.address import address_key

HELD = frozenset({"permissions", "externalId", "testGroup"})
"""What a backup says of a contact, and what is never written back as a value."""


def restorable(layout: Layout) -> list[Column]:
    """Return the properties that a backup can put back."""
    return [each for each in layout.columns if each.name not in HELD]


def wanted_by(
    contact_id: str, kept: BackedUp, layout: Layout, order: Restore, address: str | None
) -> Wanted:
    """Return the desired state; `address` is the one that the contact has, and keeps unless the
    backup's goes back. A property that the backup covers and that was empty is emptied."""
    values = {
        each.name: _value(each, kept)
        for each in restorable(layout)
        if each.name in order.properties
    }
    off = {bit: False for bit in layout.permissions if not kept.permissions.get(bit, False)}
    return Wanted(
        contact_id,
        values.pop(ADDRESS, None) or address,
        values=values,
        permissions=off if order.switches else {},
        is_exact=True,
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


def _value(column: Column, kept: BackedUp) -> Any:
    value = kept.properties.get(column.name)
    if column.form is not Form.SET and not isinstance(value, dict):
        return value
    was = value if isinstance(value, dict) else {}
    return {bit: was.get(bit, False) for bit in column.bits.keys() | was.keys()}
