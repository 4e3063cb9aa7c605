"""What an automatic action or a bulk mutation does with a contact."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from spotler_plugin.planning.values.convert import Choice, FieldType

NOTE = "note"
"""The CRM's field that a note is written into (crm-developer.md §5)."""


@dataclass(frozen=True, slots=True)
class MutableField:
    """A field of the CRM that can be changed in many contacts at once."""

    id: int
    name: str
    label: str
    type: FieldType
    choices: tuple[Choice, ...]
    property: str | None
    """What the property is called that it feeds; None where it stays in the CRM."""


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
    fields: Mapping[str, Any] = field(default_factory=dict)
    """Other fields of the CRM by name, in the form of its API; None empties one."""
    replaces_keywords: bool = False
    """Whether the keywords are those of the contact afterwards, instead of being added."""

    @property
    def permissions(self) -> dict[int, bool]:
        return {bit: switch.enabled for bit, switch in self.switches.items()}

    @property
    def grounds(self) -> dict[int, str]:
        """On what ground permissions go on, where one was given."""
        return {bit: switch.ground for bit, switch in self.switches.items() if switch.ground}

    @property
    def changes(self) -> dict[str, Any]:
        """What the CRM changes, in the form of its API (crm-developer.md §5)."""
        note: dict[str, Any] = {NOTE: self.note} if self.note else {}
        return dict(self.fields) | note | ({} if self.active is None else {"active": self.active})

    def applied_to(self, fields: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return what a contact's fields in the CRM will be."""
        if not self.fields and not self.note:
            return fields
        changed = {name: value for name, value in self.changes.items() if name != "active"}
        return {**fields, **{name: self._new(fields.get(name), changed[name]) for name in changed}}

    def _new(self, old: Any, value: Any) -> Any:
        """Return a field's new value; only keywords are lists, and they are added."""
        if self.replaces_keywords or not isinstance(value, list) or not isinstance(old, list):
            return value
        return old + [each for each in value if each not in old]

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
            "fields": dict(self.fields),
            "replaces_keywords": self.replaces_keywords,
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Adjustment:
        return cls(
            note=value["note"],
            active=value["active"],
            switches={int(bit): Switch(*each) for bit, each in value["switches"].items()},
            automations=tuple(value["automations"]),
            fields=value.get("fields", {}),
            replaces_keywords=value.get("replaces_keywords", False),
        )


NO_ADJUSTMENT = Adjustment()
"""Nothing is switched, started or changed."""
