"""A contact as a backup has it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from spotler_plugin.planning.values.address import address_key
from spotler_plugin.planning.values.sets import is_bit

FORMAT = 1
"""Of what `to_json` returns; a backup says in which one its contacts are kept."""


class UnknownFormat(Exception):
    """The backup was made by a newer version of the plugin."""


@dataclass(frozen=True, slots=True)
class BackedUp:
    """All that Spotler showed of a contact, or what a file said of it.

    Its values are left out of `repr`, so that it can be logged.
    """

    external_id: str | None
    encrypted_id: str | None
    """Spotler's own id; a file may not have it."""
    properties: Mapping[str, Any] = field(default_factory=dict, repr=False)
    """By name, without the permissions; other sets as {bit: whether on}. One that the layout names
    and that is missing here was empty."""
    permissions: Mapping[int, bool] = field(default_factory=dict)
    active: bool | None = None
    """Whether it could be mailed; None where a file does not say."""
    channels: Mapping[str, bool] = field(default_factory=dict)
    created: datetime | None = None
    last_changed: datetime | None = None
    test_group: bool | None = None
    temporary: bool | None = None

    @property
    def address(self) -> str | None:
        """What its e-mail address is known by, as in the mirror."""
        return address_key(self.properties.get("email")) or None

    def to_json(self) -> list[Any]:
        return [
            self.external_id,
            self.encrypted_id,
            {name: _as_json(value) for name, value in self.properties.items()},
            _as_json(self.permissions),
            self.active,
            dict(self.channels),
            self.created and self.created.isoformat(),
            self.last_changed and self.last_changed.isoformat(),
            self.test_group,
            self.temporary,
        ]

    @classmethod
    def from_json(cls, kept: Sequence[Any]) -> BackedUp:
        external_id, encrypted_id, properties, permissions, *rest = kept
        active, channels, created, last_changed, test_group, temporary = rest
        return cls(
            external_id=external_id,
            encrypted_id=encrypted_id,
            properties={name: _from_json(value) for name, value in properties.items()},
            permissions={int(bit): on for bit, on in permissions.items()},
            active=active,
            channels=channels,
            created=created and datetime.fromisoformat(created),
            last_changed=last_changed and datetime.fromisoformat(last_changed),
            test_group=test_group,
            temporary=temporary,
        )


def is_set(value: Any) -> bool:
    """Return whether a value is {bit: whether on}."""
    return isinstance(value, dict) and all(
        type(bit) is int and type(on) is bool for bit, on in value.items()
    )


def _as_json(value: Any) -> Any:
    """Return the value as JSON has it, where all keys are texts."""
    return {str(bit): on for bit, on in value.items()} if is_set(value) else value


def _from_json(value: Any) -> Any:
    if isinstance(value, dict) and all(
        is_bit(bit) and type(on) is bool for bit, on in value.items()
    ):
        return {int(bit): on for bit, on in value.items()}
    return value
