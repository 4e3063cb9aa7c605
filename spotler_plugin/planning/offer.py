"""What the account offers now, and what a change leaves out because it vanished there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from spotler_plugin.planning.plan import ADDRESS, Change, ChangeKind
from spotler_plugin.planning.reason import Reason, Refusal
from spotler_plugin.planning.values.sets import changed

PERMISSIONS = "permissions"


@dataclass(frozen=True, slots=True)
class Offer:
    """The properties and permissions of an account, also those that vanished, with their labels."""

    properties: Mapping[str, str]
    permissions: Mapping[int, str]
    gone_properties: Mapping[str, str]
    gone_permissions: Mapping[int, str]
    entries: Mapping[str, Mapping[int, str]] = field(default_factory=dict)
    """Of each set."""
    gone_entries: Mapping[str, Mapping[int, str]] = field(default_factory=dict)

    def without_permissions(self) -> Offer:
        """Return a copy for an account that hides the property with the permissions."""
        gone = {**self.gone_permissions, **self.permissions}
        return replace(self, permissions={}, gone_permissions=gone)


def leave_out(change: Change, offer: Offer) -> Change:
    """Return the change without what vanished, which it tells; the same one when it has none.

    Nothing is sent when only the address is left, of a contact that has our id.
    """
    refusals = tuple(_vanished(change, offer))
    lesser = _without_entries(change, offer)
    if not refusals and not lesser:
        return change
    properties = {each.property for each in refusals if each.reason is Reason.PROPERTY_GONE}
    properties |= {name for name, value in lesser.items() if value is None}
    sets = {k: v for k, v in {**change.sets, **lesser}.items() if k not in properties}
    permissions = {
        bit: enabled for bit, enabled in change.permissions.items() if bit in offer.permissions
    }
    clears = change.clears - properties
    detail = replace(change.detail, refusals=change.detail.refusals + refusals)
    had_address = change.before is not None and ADDRESS in change.before.properties
    if change.kind is ChangeKind.UPDATE and not (
        had_address or sets.keys() - {ADDRESS} or clears or permissions or change.closes
    ):
        return Change(ChangeKind.UNCHANGED, detail=detail)
    before = change.before and replace(
        change.before,
        properties={k: v for k, v in change.before.properties.items() if k not in properties},
        permissions={k: v for k, v in change.before.permissions.items() if k in permissions},
    )
    return replace(
        change, detail=detail, sets=sets, clears=clears, permissions=permissions, before=before
    )


def _vanished(change: Change, offer: Offer) -> Iterator[Refusal]:
    for name in sorted({*change.sets, *change.clears} - {*offer.properties, ADDRESS}):
        label = offer.gone_properties.get(name, name)
        yield Refusal(label, name, Reason.PROPERTY_GONE)
    for name, bits in change.bits.items():
        gone = offer.gone_entries.get(name, {})
        words = tuple(gone[bit] for bit in sorted(gone.keys() & bits.keys()) if bits[bit])
        if words and name in offer.properties:
            yield Refusal(offer.properties[name], name, Reason.ENTRY_MISSING, words)
    for bit in sorted(change.permissions.keys() - offer.permissions.keys()):
        label = offer.gone_permissions.get(bit, str(bit))
        yield Refusal(label, PERMISSIONS, Reason.PERMISSION_GONE)


def _without_entries(change: Change, offer: Offer) -> dict[str, Any]:
    """Return the sets of which entries vanished, as they become without those; None where that is
    as they are."""
    lesser: dict[str, Any] = {}
    for name, bits in change.bits.items():
        left = {bit: on for bit, on in bits.items() if bit in offer.entries.get(name, {})}
        if name in offer.properties and left != bits:
            had = change.before.properties.get(name) if change.before else None
            lesser[name] = changed(had, left, only_on=False) if left else None
    return lesser
