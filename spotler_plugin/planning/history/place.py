"""The lines of a contact's history: what they can be about, and where one stands among them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

_PLACE = re.compile(r"([^_]+)_(\d)_([0-9]{1,18}|[0-9a-f-]{36})", re.ASCII)


class Kind(StrEnum):
    """What a line is about; a line can be about two of these."""

    LINK = "link"
    """It was linked, or parted; and whose its address is."""
    VALUES = "values"
    PERMISSION = "permission"
    AUTOMATION = "automation"
    BLOCKED = "blocked"
    """What was asked, and not done."""
    EVENT = "event"
    """What the CRM told, and automatic actions."""


@dataclass(frozen=True, slots=True)
class Place:
    """The place of a line, newest first: a list goes on after it."""

    at: datetime
    rank: int
    """Of the line's source: of one moment the sources come in one order."""
    id: str

    def __str__(self) -> str:
        return f"{self.at.isoformat()}_{self.rank}_{self.id}"

    @classmethod
    def parse(cls, text: str) -> Place:
        """Raises ValueError."""
        found = _PLACE.fullmatch(text)
        if found is None:
            raise ValueError("not a place")
        try:
            return cls(datetime.fromisoformat(found[1]).astimezone(UTC), int(found[2]), found[3])
        except OverflowError as error:
            raise ValueError("not a moment") from error
