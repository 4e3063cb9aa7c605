"""What a backup's properties, entries and permissions are in the account as it is now.

Spotler knows an entry by its bit, and may give the bit to another. So each is looked for by what it
was called; of what has another name by now, or two of one name, nobody knows, and it is left alone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from spotler_plugin.planning.backup.layout import Column, Form, Layout
from spotler_plugin.planning.values.sets import called
from spotler_plugin.planning.values.types import PropertyType

HELD = frozenset({"permissions", "externalId", "testGroup"})
"""What a backup says of a contact, and what is never written back as a value."""


@dataclass(frozen=True, slots=True)
class Account:
    """What there is now."""

    types: Mapping[str, PropertyType] = field(default_factory=dict)
    """Of each property."""
    entries: Mapping[str, Mapping[int, str]] = field(default_factory=dict)
    """Of each set, what its bits are called."""
    permissions: Mapping[int, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Legend:
    """By it a backup's contacts are read, when they are put back."""

    columns: tuple[Column, ...] = ()
    """The properties that can be put back."""
    gone: tuple[str, ...] = ()
    """What those are called that the account has no more, or as another kind of value."""
    entries: Mapping[str, Mapping[int, int]] = field(default_factory=dict)
    """Of each set, the bit of now by the bit of then, as far as that is known."""
    permissions: Mapping[int, int] = field(default_factory=dict)
    """Likewise."""
    lost_entries: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """What each set is called, and its entries of which it is not known what they are by now."""
    lost_permissions: tuple[str, ...] = ()

    @property
    def is_whole(self) -> bool:
        """Whether all that the backup covers is there by the same name."""
        return not (self.gone or self.lost_entries or self.lost_permissions)


def legend_of(layout: Layout, account: Account) -> Legend:
    """Compare what a backup covers with what the account has."""
    values = [each for each in layout.columns if each.name not in HELD]
    there = {each.name for each in values if _is_there(each, account)}
    columns = [each for each in values if each.name in there]
    entries = {
        each.name: again(each.bits, account.entries.get(each.name, {}))
        for each in columns
        if account.types[each.name] is PropertyType.SET
    }
    permissions = again(layout.permissions, account.permissions)
    return Legend(
        columns=tuple(columns),
        gone=tuple(each.label or each.name for each in values if each.name not in there),
        entries=entries,
        permissions=permissions,
        lost_entries=tuple(
            (each.label or each.name, lost)
            for each in columns
            if (lost := _lost(each.bits, entries.get(each.name, {})))
        ),
        lost_permissions=_lost(layout.permissions, permissions),
    )


def again(then: Mapping[int, str], now: Mapping[int, str]) -> dict[int, int]:
    """Return the bit of now by the bit of then, for each that is surely the same.

    One without a name, which its own number stands for, is the same bit as long as that has none.
    """
    of_then = Counter(called(label) for label in then.values())
    of_now: dict[str, list[int]] = {}
    for bit, label in now.items():
        of_now.setdefault(called(label), []).append(bit)
    found = {}
    for bit, label in then.items():
        alike = of_now.get(called(label), [])
        if called(label) in ("", str(bit)):
            alike = [bit] if called(now.get(bit, label)) == called(label) else []
        if bit in alike:
            found[bit] = bit
        elif len(alike) == 1 and of_then[called(label)] == 1:
            found[bit] = alike[0]
    return found


def _is_there(column: Column, account: Account) -> bool:
    """Return whether the account has the property, as a set if it was one."""
    kind = account.types.get(column.name)
    was_set = column.form is Form.SET
    return kind is not None and (column.form is Form.MIXED or was_set is (kind is PropertyType.SET))


def _lost(then: Mapping[int, str], found: Mapping[int, int]) -> tuple[str, ...]:
    return tuple(label for bit, label in then.items() if bit not in found)
