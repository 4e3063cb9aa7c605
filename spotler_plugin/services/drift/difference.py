"""In what two states of a contact differ, and which side probably changed; nothing is planned."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from spotler_plugin.planning.block import Terms
from spotler_plugin.planning.plan import ADDRESS, plan
from spotler_plugin.planning.state import Observed, Wanted
from spotler_plugin.planning.tally import differences
from spotler_plugin.planning.values.convert import same
from spotler_plugin.planning.values.types import PropertyType

NO_ADDRESS = "?"
"""In the place of an address that nobody has, so that the other values are compared."""
ACTIVE, EXTERNAL_ID = ":active", ":external_id"
"""What the mirror can be wrong about besides properties; no property is called so."""
PERMISSION = ":permission:"
"""Begins the name of a permission, before its bit."""


class Side(StrEnum):
    """Where a value was changed since we last wrote it."""

    CRM = "crm"
    SPOTLER = "spotler"
    BOTH = "both"
    UNKNOWN = "unknown"
    """We never wrote it."""


@dataclass(frozen=True, slots=True)
class Written:
    """What we last wrote of a property."""

    value: Any
    at: datetime
    run_id: str


@dataclass(frozen=True, slots=True)
class Difference:
    """One value on both sides; None is empty."""

    property: str
    expected: Any
    """The CRM's, as it is mapped; or what the mirror said."""
    found: Any
    """Spotler's."""
    side: Side = Side.UNKNOWN
    wrote: Any = None
    """What we last wrote; None also where we emptied it."""
    wrote_at: str | None = None
    """When that was, in ISO 8601; None: never."""
    run_id: str | None = None
    """The run that wrote it."""

    def with_written(self, written: Written | None, type_: PropertyType) -> Difference:
        """Return a copy that knows what we last wrote, and so which side changed since."""
        if written is None:
            return self
        of_spotler = same(written.value, self.found, type_)
        of_crm = same(written.value, self.expected, type_)
        side = Side.CRM if of_spotler else Side.SPOTLER if of_crm else Side.BOTH
        return replace(
            self,
            side=side,
            wrote=written.value,
            wrote_at=written.at.isoformat(),
            run_id=written.run_id,
        )

    def to_json(self) -> dict[str, Any]:
        return {name: value for name, value in asdict(self).items() if value is not None}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Difference:
        given = {"expected": None, "found": None, **value}
        return cls(**{**given, "side": Side(value["side"])})


def differing(
    wanted: Wanted,
    observed: Observed,
    types: Mapping[str, PropertyType],
    *,
    is_first: bool = False,
) -> list[Difference]:
    """Return the mapped values in which Spotler differs from the CRM, as a plan compares them.

    Whether anything may be written does not matter here: who signed off can differ as well. To whom
    nothing was written yet (`is_first`), what the CRM has not may stay (rules.md rule 3).
    """
    address = wanted.address or str(observed.properties.get(ADDRESS) or NO_ADDRESS)
    free = replace(observed, external_id=wanted.contact_id, active=True, contested=frozenset())
    asked = replace(wanted, address=address, permissions={}, bars={})
    change = plan(asked, free, Terms(is_first=is_first), types)
    found = [
        Difference(name, expected=after, found=before)
        for name, before, after in differences(change)
        if name != ADDRESS
    ]
    had = observed.properties.get(ADDRESS)
    if not same(wanted.address, had, PropertyType.EMAIL):
        found.insert(0, Difference(ADDRESS, expected=wanted.address, found=had))
    return found


def mistaken(
    believed: Observed, read: Observed, types: Mapping[str, PropertyType]
) -> list[Difference]:
    """Return in what the mirror's state of a contact was not the one that was read."""
    names = sorted(believed.properties.keys() | read.properties.keys())
    found = [
        Difference(name, expected=believed.properties.get(name), found=read.properties.get(name))
        for name in names
        if not same(
            believed.properties.get(name),
            read.properties.get(name),
            types.get(name, PropertyType.STRING),
        )
    ]
    bits = sorted(believed.on ^ read.on)
    found += [
        Difference(f"{PERMISSION}{bit}", expected=bit in believed.on, found=bit in read.on)
        for bit in bits
    ]
    if believed.active is not read.active:
        found.append(Difference(ACTIVE, expected=believed.active, found=read.active))
    if believed.external_id != read.external_id:
        found.append(Difference(EXTERNAL_ID, expected=believed.external_id, found=read.external_id))
    return found
