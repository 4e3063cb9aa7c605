"""The plan: what a contact should be against what Spotler has, and the change that follows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from spotler_plugin.planning.mapping import Refusal
from spotler_plugin.planning.reason import Reason
from spotler_plugin.planning.values import PropertyType, same

ADDRESS = "email"
"""The property that is sure in every account (spotler-api.md §3); it always goes along."""


class ChangeKind(StrEnum):
    LINK = "link"
    UPDATE = "update"
    UNCHANGED = "unchanged"
    BLOCKED = "blocked"


@dataclass(frozen=True, slots=True)
class Wanted:
    """The desired state of one contact: its CRM values through the mapping, and its acts."""

    contact_id: str
    address: str | None
    values: Mapping[str, Any] = field(default_factory=dict)
    """Property to value; None empties it. What is not mapped is not here."""
    refusals: tuple[Refusal, ...] = ()
    """Values that do not fit their property; the others still go."""
    permissions: Mapping[int, bool] = field(default_factory=dict)
    """What acts may switch, judged by `consent.decide`."""
    signed_off: frozenset[int] = frozenset()
    active: bool = True
    """Whether the CRM still uses the contact."""


@dataclass(frozen=True, slots=True)
class Observed:
    """What Spotler has: the contact with our id, or else the one with the address."""

    external_id: str | None
    active: bool
    permissions: Mapping[int, bool]
    properties: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Terms:
    """Under which terms a contact is planned."""

    adds: bool = True
    """Linking is asked for; a synchronisation adds nobody."""
    take_over: bool = False
    """A person said that the Spotler contact with this address is this contact."""
    rival: str | None = None
    """Another CRM contact that holds the address."""


@dataclass(frozen=True, slots=True)
class Change:
    """What to do for one contact, with what was there before."""

    kind: ChangeKind
    reason: Reason | None = None
    detail: Mapping[str, Any] = field(default_factory=dict)
    sets: Mapping[str, Any] = field(default_factory=dict)
    clears: frozenset[str] = frozenset()
    permissions: Mapping[int, bool] = field(default_factory=dict)
    before: Mapping[str, Any] = field(default_factory=dict)

    @property
    def writes(self) -> bool:
        return self.kind in (ChangeKind.LINK, ChangeKind.UPDATE)

    @property
    def goes_along(self) -> bool:
        """Whether the call for many takes it. Who loses a value is written alone; who is not ours
        yet goes along all the same before that, to be found by our id."""
        return self.writes and (not self.clears or self.kind is ChangeKind.LINK)


def plan(
    wanted: Wanted,
    observed: Observed | None,
    terms: Terms,
    types: Mapping[str, PropertyType],
) -> Change:
    """Compare; pure. `types` gives each property's type, by which values are compared."""
    if blocked := _blocked(wanted, observed, terms):
        return Change(ChangeKind.BLOCKED, *blocked)
    known = observed or Observed(None, True, {}, {})
    target = {ADDRESS: wanted.address, **wanted.values}
    different = {
        name: value
        for name, value in target.items()
        if not same(value, known.properties.get(name), types.get(name, PropertyType.STRING))
    }
    sets = {name: value for name, value in different.items() if value is not None}
    clears = frozenset(different) - frozenset(sets)
    permissions = {
        bit: enabled
        for bit, enabled in wanted.permissions.items()
        if known.permissions.get(bit, False) is not enabled
    }
    detail = _notes(wanted)
    linked = known.external_id == wanted.contact_id
    if linked and not (sets or clears or permissions):
        if wanted.signed_off:
            return Change(ChangeKind.BLOCKED, Reason.SIGNED_OFF, detail)
        return Change(ChangeKind.UNCHANGED, detail=detail)
    return Change(
        ChangeKind.UPDATE if linked else ChangeKind.LINK,
        detail=detail,
        # Always along: by the address Spotler finds a contact that does not bear our id yet.
        sets={ADDRESS: wanted.address, **sets},
        clears=clears,
        permissions=permissions,
        before={
            "existed": observed is not None,
            "external_id": known.external_id,
            "properties": {name: known.properties.get(name) for name in different},
            "permissions": {str(bit): known.permissions.get(bit, False) for bit in permissions},
        },
    )


def _blocked(
    wanted: Wanted, observed: Observed | None, terms: Terms
) -> tuple[Reason, Mapping[str, Any]] | None:
    holder = observed.external_id if observed else None
    linked = holder == wanted.contact_id
    if observed and not observed.active:
        return Reason.INACTIVE, {}
    if not wanted.address:
        return Reason.NO_ADDRESS, {}
    if not linked and not terms.adds:
        return Reason.NOT_LINKED, {}
    if not linked and not wanted.active:
        return Reason.CRM_INACTIVE, {}
    if terms.rival and not terms.take_over:
        return Reason.ADDRESS_DOUBLED, {"contact_id": terms.rival}
    if holder is not None and not linked and not terms.take_over:
        return Reason.ADDRESS_OF_ANOTHER, {"holder": holder}
    return None


def _notes(wanted: Wanted) -> dict[str, Any]:
    """What did not go along, for the screens: values that do not fit, and sign-offs that won."""
    notes: dict[str, Any] = {}
    if wanted.refusals:
        notes["refusals"] = [
            {"field": refusal.field, "property": refusal.property, "reason": refusal.reason}
            for refusal in wanted.refusals
        ]
    if wanted.signed_off:
        notes["signed_off"] = sorted(wanted.signed_off)
    return notes
