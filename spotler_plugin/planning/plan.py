"""The plan: compare a contact's desired state with what Spotler has; the result is a change."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from spotler_plugin.planning.consent import Consent
from spotler_plugin.planning.detail import NOTHING, Detail
from spotler_plugin.planning.image import Image
from spotler_plugin.planning.mapping import Refusal
from spotler_plugin.planning.reason import Reason
from spotler_plugin.planning.values import PropertyType, same

ADDRESS = "email"
"""The one property that every account has (spotler-api.md §3); every write includes it."""


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
    """Property to value; None empties it. Unmapped properties are left out."""
    refusals: tuple[Refusal, ...] = ()
    """Values that do not fit their property; the others are still sent."""
    permissions: Mapping[int, bool] = field(default_factory=dict)
    """What acts may switch, judged by `consent.decide`."""
    signed_off: frozenset[int] = frozenset()
    active: bool = True
    """Whether the CRM still uses the contact."""

    def judged(self, verdict: Consent) -> Wanted:
        """Return a copy with the permissions that the contact's acts may switch."""
        return replace(self, permissions=verdict.permissions, signed_off=verdict.signed_off)


@dataclass(frozen=True, slots=True)
class Observed:
    """A contact in Spotler: the one with our id, or else the one with the address."""

    external_id: str | None
    active: bool
    permissions: Mapping[int, bool]
    properties: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Terms:
    """What the run allows for one contact, and what stands in its way."""

    adds: bool = True
    """Whether the run may link it; a synchronisation links nobody new."""
    take_over: bool = False
    """A person said that the Spotler contact with this address is this contact."""
    rival: str | None = None
    """Id of another CRM contact that has the address."""
    stranger: bool = False
    """Whether somebody else has its id in Spotler."""


@dataclass(frozen=True, slots=True)
class Change:
    """What to do for one contact, and its state before."""

    kind: ChangeKind
    reason: Reason | None = None
    detail: Detail = NOTHING
    sets: Mapping[str, Any] = field(default_factory=dict)
    clears: frozenset[str] = frozenset()
    permissions: Mapping[int, bool] = field(default_factory=dict)
    before: Image | None = None
    """The part of the contact that the change touches; None when nothing is written."""

    @property
    def after(self) -> Image:
        """The touched part after the change."""
        return Image(properties=self.sets, permissions=self.permissions, cleared=self.clears)

    @property
    def writes(self) -> bool:
        return self.kind in (ChangeKind.LINK, ChangeKind.UPDATE)

    @property
    def is_batched(self) -> bool:
        """Whether the batch call includes it.

        Emptying a property takes a call for that contact alone. A contact that does not have our
        id yet is in the batch all the same: that call gives it the id.
        """
        return self.writes and (not self.clears or self.kind is ChangeKind.LINK)


def plan(
    wanted: Wanted,
    observed: Observed | None,
    terms: Terms,
    types: Mapping[str, PropertyType],
) -> Change:
    """Compare the two states; `types` says how the values of each property are compared."""
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
    # What is not sent, for the screens.
    detail = Detail(refusals=wanted.refusals, signed_off=tuple(sorted(wanted.signed_off)))
    linked = known.external_id == wanted.contact_id
    if linked and not (sets or clears or permissions):
        if wanted.signed_off:
            return Change(ChangeKind.BLOCKED, Reason.SIGNED_OFF, detail)
        return Change(ChangeKind.UNCHANGED, detail=detail)
    return Change(
        ChangeKind.UPDATE if linked else ChangeKind.LINK,
        detail=detail,
        # Always sent: Spotler finds a contact without our id by its address.
        sets={ADDRESS: wanted.address, **sets},
        clears=clears,
        permissions=permissions,
        before=Image(
            existed=observed is not None,
            external_id=known.external_id,
            properties={name: known.properties.get(name) for name in different},
            permissions={bit: known.permissions.get(bit, False) for bit in permissions},
        ),
    )


def plan_all(
    contact_ids: Iterable[str],
    wanted: Mapping[str, Wanted],
    observed: Mapping[str, Observed],
    terms_of: Callable[[str], Terms],
    types: Mapping[str, PropertyType],
) -> dict[str, Change]:
    """Plan each contact; one without a desired state is blocked as gone."""
    changes = dict.fromkeys(contact_ids, Change(ChangeKind.BLOCKED, Reason.GONE))
    for contact_id, person in wanted.items():
        known = observed.get(contact_id)
        changes[contact_id] = plan(person, known, terms_of(contact_id), types)
    return changes


def _blocked(
    wanted: Wanted, observed: Observed | None, terms: Terms
) -> tuple[Reason, Detail] | None:
    holder = observed.external_id if observed else None
    linked = holder == wanted.contact_id
    if observed and not observed.active:
        return Reason.INACTIVE, NOTHING
    if not wanted.address:
        return Reason.NO_ADDRESS, NOTHING
    if terms.stranger:
        return Reason.ID_OF_ANOTHER, NOTHING
    if not linked and not terms.adds:
        return Reason.NOT_LINKED, NOTHING
    if not linked and not wanted.active:
        return Reason.CRM_INACTIVE, NOTHING
    if terms.rival and not terms.take_over:
        return Reason.ADDRESS_DOUBLED, Detail(contact_id=terms.rival)
    if holder is not None and not linked and not terms.take_over:
        return Reason.ADDRESS_OF_ANOTHER, Detail(holder=holder)
    return None
