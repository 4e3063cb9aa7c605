"""What somebody asks of an undo."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Undo:
    """Which part of a run is taken back, and how far."""

    contact_id: str | None = None
    """One contact of it; None is all of them."""
    overrides: bool = False
    """Whether what others changed since goes back too."""
    mapping: bool = False
    """Whether the mapping goes back to what it was before that run."""
    switches: bool = False
    """Whether it has permissions to switch off."""
    patches: bool = False
    """Whether that run changed contacts in the CRM."""

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Undo:
        return cls(**value)
