"""The two states that a plan compares: what a contact should be, and what Spotler has.

Of several records in Spotler with one address the strictest state counts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from spotler_plugin.planning.consent import Bar, Consent
from spotler_plugin.planning.detail import NOTHING, Detail
from spotler_plugin.planning.image import Earlier
from spotler_plugin.planning.reason import Refusal


@dataclass(frozen=True, slots=True)
class Wanted:
    """The desired state of one contact: its CRM values through the mapping, and its acts."""

    contact_id: str
    address: str | None
    values: Mapping[str, Any] = field(default_factory=dict)
    """Property to value; None empties it, a set is emptied bit by bit. Unmapped properties are left
    out."""
    refusals: tuple[Refusal, ...] = ()
    """Values that do not fit their property; the others are still sent."""
    permissions: Mapping[int, bool] = field(default_factory=dict)
    """What acts may switch, judged by `consent.decide`."""
    bars: Mapping[int, Bar | None] = field(default_factory=dict)
    """Permissions that were to go on, and stay off; None where nothing more is known."""
    active: bool = True
    """Whether the CRM still uses the contact."""
    leaves: bool = False
    """The CRM no longer has the contact: all its permissions go off."""
    closes: bool = False
    """Spotler is not to mail it at all any more."""
    left: frozenset[str] = frozenset()
    """Properties that are empty because it is no longer its relation's primary contact."""
    is_exact: bool = False
    """Whether values count as equal only where they are so to the letter."""
    keeps_address: bool = False
    """Whether its address is the one that Spotler has, whatever was known of it before."""
    is_left: bool = False
    """Nothing is asked of Spotler: only the CRM is changed."""
    earlier: Earlier | None = None
    """What is to go back; of that the values are filled in by what Spotler has (`undo.earlier`)."""
    odd_address: str = ""
    """What the CRM has in the place of an address, and is none, as people see it."""
    told: Detail = NOTHING
    """What is told of it besides: what does not go back."""

    def judged(self, verdict: Consent) -> Wanted:
        """Return a copy with the permissions that the contact's acts may switch.

        Where something goes back, these are at most those that it wants off already.
        """
        may = verdict.permissions
        if self.goes_back:
            may = {bit: False for bit in may.keys() & self.permissions.keys() if not may[bit]}
        return replace(self, permissions=may, bars=verdict.bars)

    @property
    def goes_back(self) -> bool:
        """Whether it is to be what it was: no permission goes on by that."""
        return self.earlier is not None or self.is_exact

    def switching_off_only(self) -> Wanted:
        """Return a copy in which what was to go on counts as signed off."""
        on = {bit for bit, enabled in self.permissions.items() if enabled}
        off = {bit: False for bit in self.permissions.keys() - on}
        return replace(self, permissions=off, bars={**dict.fromkeys(on), **self.bars})


@dataclass(frozen=True, slots=True)
class Observed:
    """A contact in Spotler: the one with our id, or else the one with the address."""

    external_id: str | None
    active: bool
    permissions: Mapping[int, bool]
    properties: Mapping[str, Any]
    contested: frozenset[int] = field(default=frozenset())
    """Bits that are on in one record with the address and off in another: they count as off, and
    are written so that it is true of whichever record Spotler takes."""

    others: frozenset[str] = field(default=frozenset())
    """Other external ids with the address, where several records were merged."""

    @property
    def address(self) -> str:
        return str(self.properties.get("email") or "")

    @property
    def external_ids(self) -> frozenset[str]:
        return self.others | ({self.external_id} if self.external_id is not None else set())

    def is_on(self, bit: int) -> bool:
        """Return whether a bit is on in any record."""
        return bit in self.contested or self.permissions.get(bit, False)

    @property
    def on(self) -> frozenset[int]:
        return self.contested | {bit for bit, enabled in self.permissions.items() if enabled}

    @property
    def off(self) -> frozenset[int]:
        """Bits that Spotler says are off; one that it does not name is not known to be."""
        return frozenset(bit for bit, enabled in self.permissions.items() if not enabled)


UNKNOWN = Observed(None, True, {}, {})
"""What is known of a contact that Spotler does not have."""


def strictest(records: Sequence[Observed]) -> Observed | None:
    """Merge the records with one address: inactive where any is, each bit off where any has it off.

    Where one has an external id, the result has it (the smallest): a person must see it, because a
    write could move it (spotler-api.md §7). The values are of the same record.
    """
    if not records:
        return None
    first = min(records, key=lambda each: (each.external_id is None, each.external_id or ""))
    on = frozenset().union(*(each.on for each in records))
    off = frozenset().union(*(each.off for each in records))
    return replace(
        first,
        active=all(each.active for each in records),
        permissions=dict.fromkeys(sorted(on), True) | dict.fromkeys(sorted(off), False),
        contested=on & off,
        others=frozenset().union(*(each.external_ids for each in records)) - {first.external_id},
    )


def contested(known: Observed, holder: Observed | None) -> frozenset[int]:
    """Return the bits that are on in the contact, and off in another that has its address."""
    return known.contested | (known.on & holder.off if holder else frozenset())
