"""What somebody asks of a restore."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Restore:
    """Which part of a backup is put back."""

    properties: tuple[str, ...]
    """By name; others stay as they are."""
    query: str = ""
    """A contact's id, or a part of its address; empty is everybody."""
    switches: bool = False
    """Whether permissions go off that were off then; none goes on."""
    contact_id: str | None = None
    """This contact alone."""

    def covers(self, other: Restore) -> bool:
        """Return whether it puts back all that the other one does, of all of its contacts."""
        whom = (self.contact_id, self.query)
        return (
            whom in ((None, ""), (other.contact_id, other.query))
            and set(self.properties) >= set(other.properties)
            and self.switches >= other.switches
        )

    def to_json(self) -> dict[str, Any]:
        return {**asdict(self), "properties": list(self.properties)}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Restore:
        return cls(**{**value, "properties": tuple(value["properties"])})
