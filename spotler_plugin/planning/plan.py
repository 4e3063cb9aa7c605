"""The plan: compare a contact's desired state with what Spotler has; the result is a change."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from spotler_plugin.planning.block import Terms, blocked_by
from spotler_plugin.planning.consent import strictest_bar
from spotler_plugin.planning.detail import NOTHING, Detail
from spotler_plugin.planning.image import Image
from spotler_plugin.planning.reason import Reason
from spotler_plugin.planning.state import UNKNOWN, Observed, Wanted, contested
from spotler_plugin.planning.values import sets as bit_sets
from spotler_plugin.planning.values.convert import PropertyType
from spotler_plugin.planning.values.equality import alike

ADDRESS = "email"
"""The one property that every account has (spotler-api.md §3); every write includes it."""


class ChangeKind(StrEnum):
    LINK = "link"
    UPDATE = "update"
    UNCHANGED = "unchanged"
    BLOCKED = "blocked"


@dataclass(frozen=True, slots=True)
class Change:
    """What to do for one contact, and its state before."""

    kind: ChangeKind
    reason: Reason | None = None
    detail: Detail = NOTHING
    sets: Mapping[str, Any] = field(default_factory=dict)
    """Values by property; of a set all its bits, of which `bits` are sent."""
    clears: frozenset[str] = frozenset()
    """Properties to empty; a set is emptied by its bits instead."""
    permissions: Mapping[int, bool] = field(default_factory=dict)
    before: Image | None = None
    """The part of the contact that the change touches; None when nothing is written."""
    closes: bool = False
    """Whether the contact is set inactive after the write."""

    @property
    def after(self) -> Image:
        """The touched part after the change."""
        emptied = self.emptied
        kept = {name: value for name, value in self.sets.items() if name not in emptied}
        return Image(properties=kept, permissions=self.permissions, cleared=emptied)

    @property
    def emptied(self) -> frozenset[str]:
        """Properties that had a value and have none after the change."""
        return self.clears | bit_sets.empty_among(self.sets)

    @property
    def bits(self) -> dict[str, dict[int, bool]]:
        """Of each set the bits that differ."""
        return bit_sets.differences(self.before.properties if self.before else {}, self.sets)

    @property
    def writes(self) -> bool:
        return self.kind in (ChangeKind.LINK, ChangeKind.UPDATE)

    @property
    def is_batched(self) -> bool:
        """Whether the batch call includes it; emptying takes a call for that contact alone."""
        return self.writes and not self.clears


def plan(
    wanted: Wanted, observed: Observed | None, terms: Terms, types: Mapping[str, PropertyType]
) -> Change:
    """Compare the two states; `types` says how the values of each property are compared."""
    if wanted.leaves:
        return _leave(wanted, observed, terms)
    if wanted.is_left:
        return Change(ChangeKind.UNCHANGED, detail=wanted.told)
    if blocked := blocked_by(wanted, observed, terms):
        return Change(ChangeKind.BLOCKED, *blocked)
    wanted = wanted.switching_off_only() if terms.is_out else wanted
    known = observed or UNKNOWN
    linked = known.external_id == wanted.contact_id
    # What Spotler had before the two were linked stays; what it had once is its own.
    keeps = not linked or (terms.is_first and not wanted.is_exact)
    target = {ADDRESS: wanted.address, **wanted.values}
    had = {name: known.properties.get(name) for name in target}
    of_sets = [name for name in target if types.get(name) is PropertyType.SET]
    had |= {name: bit_sets.kept(had[name]) for name in of_sets}
    full = {name: bit_sets.changed(had[name], target[name], only_on=keeps) for name in of_sets}
    different = {
        name: value
        for name, value in (target | full).items()
        if not alike(value, had[name], types.get(name, PropertyType.STRING), exact=wanted.is_exact)
    }
    sets = {name: value for name, value in different.items() if value is not None}
    empty = frozenset(different) - frozenset(sets)
    clears = frozenset() if keeps else empty
    stays = {n for n in of_sets if n not in sets and bit_sets.would_lose(full[n], target[n])}
    permissions = _switches(wanted, known, terms)
    detail = wanted.told
    kept = (empty - clears) | stays
    left = wanted.left & (clears | bit_sets.empty_among(sets))
    reason, off_at = strictest_bar(wanted.bars.values())
    if wanted.refusals or wanted.bars or kept or left:
        detail = replace(
            detail,
            refusals=wanted.refusals,
            signed_off=tuple(sorted(wanted.bars)),
            off_reason=reason or "",
            off_at=off_at.isoformat() if off_at else "",
            kept=tuple(sorted(kept)),
            left=tuple(sorted(left)),
        )
    if linked and not (sets or clears or permissions):
        kind = ChangeKind.BLOCKED if reason else ChangeKind.UNCHANGED
        return Change(kind, reason, detail)
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
            properties={name: had[name] for name in different if name in sets or name in clears},
            permissions={bit: known.is_on(bit) for bit in permissions},
        ),
    )


def _leave(wanted: Wanted, observed: Observed | None, terms: Terms) -> Change:
    """Switch off all that is on, of the contact that has our id; everything else stays."""
    if observed is None or observed.external_id != wanted.contact_id or terms.erased:
        return Change(ChangeKind.UNCHANGED)
    if terms.stranger:
        return Change(ChangeKind.BLOCKED, Reason.ID_OF_ANOTHER)
    if not observed.active or not (observed.on or wanted.closes):
        return Change(ChangeKind.UNCHANGED)
    return Change(
        ChangeKind.UPDATE,
        sets={ADDRESS: observed.properties.get(ADDRESS)},
        permissions=dict.fromkeys(sorted(observed.on), False),
        before=Image(
            external_id=observed.external_id, permissions=dict.fromkeys(observed.on, True)
        ),
        closes=wanted.closes,
    )


def plan_all(
    contact_ids: Iterable[str],
    wanted: Mapping[str, Wanted],
    observed: Mapping[str, Observed],
    terms_of: Callable[[str], Terms],
    types: Mapping[str, PropertyType],
    left_out: Mapping[str, Reason] | None = None,
) -> dict[str, Change]:
    """Plan each contact; one without a desired state is blocked, as `left_out` says or as gone."""
    changes = dict.fromkeys(contact_ids, Change(ChangeKind.BLOCKED, Reason.GONE))
    changes |= {id_: Change(ChangeKind.BLOCKED, reason) for id_, reason in (left_out or {}).items()}
    for contact_id, person in wanted.items():
        known = observed.get(contact_id)
        changes[contact_id] = plan(person, known, terms_of(contact_id), types)
    return _without_stayers(changes, {id_: terms_of(id_) for id_ in wanted})


def _without_stayers(changes: dict[str, Change], terms: Mapping[str, Terms]) -> dict[str, Change]:
    """Block who was to get the address of a contact that turns out not to leave it."""
    while held := {
        contact_id: leaver
        for contact_id, each in terms.items()
        if (leaver := each.leaver) in changes
        and leaver is not None
        and not each.has_address
        and changes[contact_id].writes
        and not changes[leaver].writes
    }:
        for contact_id, leaver in held.items():
            detail = Detail(holder=leaver)
            changes[contact_id] = Change(ChangeKind.BLOCKED, Reason.ADDRESS_OF_ANOTHER, detail)
    return changes


def _switches(wanted: Wanted, known: Observed, terms: Terms) -> dict[int, bool]:
    """Return the bits to write: what acts decided, and off where a contact with the address has it,
    or somebody signed it off with the one that it goes to; an act of this contact keeps it on."""
    off = dict.fromkeys(contested(known, terms.holder) | (terms.signed_off & known.on), False)
    return {
        bit: enabled
        for bit, enabled in (off | dict(wanted.permissions)).items()
        if known.is_on(bit) is not enabled or bit in known.contested
    }
