"""The parts of a Spotler contact that a change touches, before or after it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple


class Loss(NamedTuple):
    """What contacts have less of afterwards."""

    emptied: int = 0
    """Values."""
    switched_off: int = 0
    """Permissions."""

    def plus(self, other: Loss) -> Loss:
        return Loss(self.emptied + other.emptied, self.switched_off + other.switched_off)

    def minus(self, other: Loss) -> Loss:
        return Loss(self.emptied - other.emptied, self.switched_off - other.switched_off)


@dataclass(frozen=True, slots=True)
class Image:
    """What a run stores of a contact, before or after its change."""

    existed: bool = True
    """Whether Spotler had the contact at all."""
    external_id: str | None = None
    properties: Mapping[str, Any] = field(default_factory=dict)
    """Only those that the change touches. Before the change, None means empty."""
    permissions: Mapping[int, bool] = field(default_factory=dict)
    cleared: frozenset[str] = frozenset()
    """Properties that the change emptied."""

    @property
    def loss(self) -> Loss:
        """What is lost by the change whose after-image this is."""
        off = sum(not enabled for enabled in self.permissions.values())
        return Loss(len(self.cleared), off)

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


@dataclass(frozen=True, slots=True)
class Earlier:
    """What a contact had before a run, and what it got by it, where that is to go back."""

    before: Image
    after: Image
    overrides: bool = False
    """Whether what others changed since goes back too."""


def earliest(first: Image | None, then: Image) -> Image:
    """Merge the before-images of two attempts: the state before the first of them."""
    if first is None:
        return then
    return Image(
        existed=first.existed,
        external_id=first.external_id,
        properties={**then.properties, **first.properties},
        permissions={**then.permissions, **first.permissions},
    )


def latest(first: Image | None, then: Image) -> Image:
    """Merge the after-images of two attempts: the state after both."""
    if first is None:
        return then
    properties = {**first.properties, **then.properties}
    return Image(
        external_id=then.external_id,
        properties={name: properties[name] for name in properties.keys() - then.cleared},
        permissions={**first.permissions, **then.permissions},
        cleared=(first.cleared - then.properties.keys()) | then.cleared,
    )
