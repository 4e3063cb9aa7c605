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

    def to_json(self) -> dict[str, Any]:
        return {**asdict(self), "properties": list(self.properties)}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Restore:
        return cls(**{**value, "properties": tuple(value["properties"])})
