"""A contact in Spotler as far as a change touches it: what was there, and what was made of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Image:
    """What the ledger keeps of a contact, before a change or after it."""

    existed: bool = True
    """Whether Spotler had the contact at all."""
    external_id: str | None = None
    properties: Mapping[str, Any] = field(default_factory=dict)
    """Only those that the change touches; before it, None is empty."""
    permissions: Mapping[int, bool] = field(default_factory=dict)
    cleared: frozenset[str] = frozenset()
    """Properties that the change emptied."""

    def to_json(self) -> dict[str, Any]:
        return {
            "existed": self.existed,
            "external_id": self.external_id,
            "properties": dict(self.properties),
            "permissions": {str(bit): enabled for bit, enabled in self.permissions.items()},
            "cleared": sorted(self.cleared),
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Image:
        return cls(
            existed=value["existed"],
            external_id=value["external_id"],
            properties=value["properties"],
            permissions={int(bit): enabled for bit, enabled in value["permissions"].items()},
            cleared=frozenset(value["cleared"]),
        )


def earliest(first: Image | None, then: Image) -> Image:
    """Of two tries at one contact: what was there before the first of them touched it."""
    if first is None:
        return then
    return Image(
        existed=first.existed,
        external_id=first.external_id,
        properties={**then.properties, **first.properties},
        permissions={**then.permissions, **first.permissions},
    )


def latest(first: Image | None, then: Image) -> Image:
    """Of two tries at one contact: what both together made of it."""
    if first is None:
        return then
    properties = {**first.properties, **then.properties}
    return Image(
        external_id=then.external_id,
        properties={name: properties[name] for name in properties.keys() - then.cleared},
        permissions={**first.permissions, **then.permissions},
        cleared=(first.cleared - then.properties.keys()) | then.cleared,
    )
