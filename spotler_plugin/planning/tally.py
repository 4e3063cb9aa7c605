"""Counts over many plans: what a run would do, in numbers."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from spotler_plugin.planning.image import Loss
from spotler_plugin.planning.plan import Change, ChangeKind
from spotler_plugin.planning.reason import OF_CONSENT, Refusal
from spotler_plugin.planning.values.sets import AND_MORE

CALLS_TO_EMPTY = 2
"""Calls that emptying takes per contact: read it, then write all of it (services/sync/send)."""
MOST_WORDS = 50
"""Different keywords without an entry that are told, of one set."""


class Switched(StrEnum):
    """What becomes of a permission of one contact."""

    DONE = "done"
    ALREADY = "already"
    """It is so already."""
    SIGNED_OFF = "signed_off"
    """It stays off."""
    BLOCKED = "blocked"
    """Nothing is written of the contact."""


class Started(StrEnum):
    """What becomes of an automation for one contact."""

    STARTS = "starts"
    ALREADY = "already"
    """It was started before."""
    BLOCKED = "blocked"
    """The contact is not in Spotler as it should be."""


@dataclass(slots=True)
class Tally:
    """Counts of contacts; what is emptied or refused is also counted per property."""

    linked: int = 0
    updated: int = 0
    unchanged: int = 0
    blocked: int = 0
    emptied: int = 0
    """Contacts that lose a value or have a permission switched off."""
    calls: int = 0
    """Calls to Spotler that the run would make."""
    emptied_by: dict[str, int] = field(default_factory=dict)
    """Property to the number of contacts that lose its value."""
    lessened_by: dict[str, int] = field(default_factory=dict)
    """Set to the number of contacts for whom some entries go off and others stay on."""
    blocked_by: dict[str, int] = field(default_factory=dict)
    """Reason to the number of contacts."""
    switched_off: int = 0
    """Permissions, of all contacts together, that are switched off."""
    refused_by: dict[str, dict[str, int]] = field(default_factory=dict)
    """Property to reason to the number of contacts that keep the old value, as the new is unfit."""
    missing_by: dict[str, dict[str, int]] = field(default_factory=dict)
    """Set to keyword without an entry to the number of contacts that have it."""
    switched_by: dict[str, dict[str, int]] = field(default_factory=dict)
    """Permission that is asked to be switched, by its bit, to what becomes of it (`Switched`)."""
    started_by: dict[str, dict[str, int]] = field(default_factory=dict)
    """Automation, by its id, to what becomes of its starts (`Started`)."""
    left_alone: int = 0
    """Contacts of which an undo leaves something alone, as somebody else changed it since."""
    stays_off: int = 0
    """Contacts of which a permission stays off that the run switched off."""
    stays_linked: int = 0
    """Contacts that the run linked, and that stay so."""
    in_crm: int = 0
    """Contacts of which something goes back in the CRM."""

    @property
    def total(self) -> int:
        return self.linked + self.updated + self.unchanged + self.blocked

    @property
    def written(self) -> int:
        return self.linked + self.updated

    @property
    def loss(self) -> Loss:
        """What is lost in all: who agrees with the preview agrees with this much."""
        return Loss(sum(self.emptied_by.values()), self.switched_off)

    def take(self, changes: Iterable[Change]) -> None:
        """Add the changes of one chunk, which share a batch call."""
        together = False
        for change in changes:
            self._count(change)
            if change.writes and change.clears:
                self.calls += CALLS_TO_EMPTY
            together = together or change.is_batched
        self.calls += together

    def take_switches(self, changes: Iterable[Change], asked: Collection[int]) -> None:
        """Add what becomes of the permissions that are asked to be switched."""
        for change in changes:
            for bit in asked:
                _add(self.switched_by.setdefault(str(bit), {}), switched(change, bit))

    def take_starts(
        self, changes: Mapping[str, Change], enrolled: Mapping[int, Collection[str]]
    ) -> None:
        """Add what becomes of automations, by the contacts that each was started for before."""
        for automation, contacts in enrolled.items():
            counts = self.started_by.setdefault(str(automation), {})
            for contact_id, change in changes.items():
                _add(counts, started(change, contact_id in contacts))

    def take_back(self, changes: Iterable[Change]) -> None:
        """Add what an undo does not take back."""
        for change in changes:
            told = change.detail
            self.left_alone += bool(told.since or told.stays_on)
            self.stays_off += bool(told.stays_off)
            self.stays_linked += told.stays_linked

    def _count(self, change: Change) -> None:
        name = {ChangeKind.LINK: "linked", ChangeKind.UPDATE: "updated"}.get(
            change.kind, change.kind.value
        )
        setattr(self, name, getattr(self, name) + 1)
        if change.kind is ChangeKind.BLOCKED and change.reason:
            _add(self.blocked_by, change.reason)
            return
        if is_loss(change):
            self.emptied += 1
            self.switched_off += change.after.loss.switched_off
        for property in change.emptied:
            _add(self.emptied_by, property)
        for property in lessened(change):
            _add(self.lessened_by, property)
        for refusal in change.detail.refusals:
            _add(self.refused_by.setdefault(refusal.property, {}), refusal.reason)
            if refusal.words:
                self._count_missing(refusal)

    def _count_missing(self, refusal: Refusal) -> None:
        words = self.missing_by.setdefault(refusal.property, {})
        for word in refusal.words:
            if word != AND_MORE and (word in words or len(words) < MOST_WORDS):
                _add(words, word)


def switched(change: Change, bit: int) -> Switched:
    """Return what becomes of a permission that is asked to be switched."""
    if bit in change.detail.signed_off:
        return Switched.SIGNED_OFF
    if bit in change.permissions:
        return Switched.DONE
    if change.kind is ChangeKind.BLOCKED and change.reason not in OF_CONSENT:
        return Switched.BLOCKED
    return Switched.ALREADY


def started(change: Change, already: bool) -> Started:
    """Return what becomes of an automation that is asked to be started."""
    if change.kind is ChangeKind.BLOCKED:
        return Started.BLOCKED
    return Started.ALREADY if already else Started.STARTS


def lessened(change: Change) -> list[str]:
    """Return the sets of which some entries go off and others stay on."""
    return [
        property
        for property, bits in change.bits.items()
        if not all(bits.values()) and property not in change.emptied
    ]


def is_loss(change: Change) -> bool:
    """Return whether Spotler has less afterwards: a value emptied, or a permission switched off."""
    return change.writes and (bool(change.emptied) or not all(change.permissions.values()))


def differences(change: Change) -> list[tuple[str, Any, Any]]:
    """Return what is written as (property, before, after); None means empty."""
    before = change.before.properties if change.before else {}
    after = change.after.properties
    return [(name, value, after.get(name)) for name, value in before.items()]


def _add(counts: dict[str, int], name: str) -> None:
    counts[name] = counts.get(name, 0) + 1
