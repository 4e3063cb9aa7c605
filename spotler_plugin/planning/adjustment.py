"""What an automatic action does with a contact: note, status, permissions, automations."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any


@dataclass(frozen=True, slots=True)
class Switch:
    """A permission that is switched, and on what ground where it goes on."""

    enabled: bool
    ground: str = ""


Labelled = tuple[tuple[int, str], ...]
"""Bits or ids, with the label that each had last."""


@dataclass(frozen=True, slots=True)
class Skipped:
    """What an adjustment would do with something that Spotler no longer has; empty is falsy."""

    permissions: Labelled = ()
    automations: Labelled = ()
    inactive: Labelled = ()
    """Automations that are still there, and not active."""

    def __bool__(self) -> bool:
        return bool(self.permissions or self.automations or self.inactive)

    def to_json(self) -> dict[str, Any]:
        return {
            "permissions": [list(each) for each in self.permissions],
            "automations": [list(each) for each in self.automations],
            "inactive": [list(each) for each in self.inactive],
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Skipped:
        return cls(*(tuple((id_, label) for id_, label in value[name]) for name in SKIPPED))


SKIPPED = ("permissions", "automations", "inactive")
NONE_SKIPPED = Skipped()


@dataclass(frozen=True, slots=True)
class Adjustment:
    """What is not mentioned stays as it is."""

    note: str = ""
    """What the CRM's field for notes becomes; nothing leaves it alone."""
    active: bool | None = None
    """The contact's status in the CRM; None leaves it alone."""
    switches: Mapping[int, Switch] = field(default_factory=dict)
    """By the permission's bit."""
    automations: tuple[int, ...] = ()
    """Ids of automations to start."""

    @property
    def permissions(self) -> dict[int, bool]:
        return {bit: switch.enabled for bit, switch in self.switches.items()}

    @property
    def changes(self) -> dict[str, str | bool]:
        """What the CRM changes, in the form of its API (crm-developer.md §5)."""
        note: dict[str, str | bool] = {"note": self.note} if self.note else {}
        return note | ({} if self.active is None else {"active": self.active})

    def without(self, skipped: Skipped) -> Adjustment:
        """Return a copy that does nothing with what is not there."""
        bits = {bit for bit, _label in skipped.permissions}
        ids = {id_ for id_, _label in (*skipped.automations, *skipped.inactive)}
        return replace(
            self,
            switches={bit: each for bit, each in self.switches.items() if bit not in bits},
            automations=tuple(id_ for id_ in self.automations if id_ not in ids),
        )

    def to_json(self) -> dict[str, Any]:
        return {
            "note": self.note,
            "active": self.active,
            "switches": {
                str(bit): [switch.enabled, switch.ground] for bit, switch in self.switches.items()
            },
            "automations": list(self.automations),
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Adjustment:
        return cls(
            note=value["note"],
            active=value["active"],
            switches={int(bit): Switch(*each) for bit, each in value["switches"].items()},
            automations=tuple(value["automations"]),
        )
