"""Counts over many plans: what a run would do, in numbers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from spotler_plugin.planning.image import Loss
from spotler_plugin.planning.plan import Change, ChangeKind

CALLS_TO_EMPTY = 2
"""Calls that emptying takes per contact: read it, then write all of it (services/sync/send)."""


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
    blocked_by: dict[str, int] = field(default_factory=dict)
    """Reason to the number of contacts."""
    switched_off: int = 0
    """Permissions, of all contacts together, that are switched off."""
    refused_by: dict[str, dict[str, int]] = field(default_factory=dict)
    """Property to reason to the number of contacts that keep the old value, as the new is unfit."""

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
        for property in change.clears:
            _add(self.emptied_by, property)
        for refusal in change.detail.refusals:
            _add(self.refused_by.setdefault(refusal.property, {}), refusal.reason)


def is_loss(change: Change) -> bool:
    """Return whether Spotler has less afterwards: a value emptied, or a permission switched off."""
    return change.writes and (bool(change.clears) or not all(change.permissions.values()))


def differences(change: Change) -> list[tuple[str, Any, Any]]:
    """Return what is written as (property, before, after); None means empty."""
    before = change.before.properties if change.before else {}
    return [(name, value, change.sets.get(name)) for name, value in before.items()]


def _add(counts: dict[str, int], name: str) -> None:
    counts[name] = counts.get(name, 0) + 1
