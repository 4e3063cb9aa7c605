"""A bounce: mail that did not reach a contact (spotler-api.md §2.1)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from spotler_plugin.rest.shapes import text
from spotler_plugin.spotler.shapes import moment


class BounceKind(StrEnum):
    """How an address failed: for good, or this time."""

    HARD = "hard"
    SOFT = "soft"


@dataclass(frozen=True, slots=True)
class Bounce:
    """One bounce; of the contact only its ids are read."""

    at: datetime | None
    kind: BounceKind
    external_id: str | None
    encrypted_id: str | None


def read_bounce(raw: dict[str, Any]) -> Bounce:
    """Read a bounce; both spellings of its type are in use (§9.5 [D])."""
    contact = raw.get("contact")
    ids = contact if isinstance(contact, dict) else {}
    hard = text(raw.get("type")).upper() in ("HARD", "HARDBOUNCE")
    return Bounce(
        at=moment(raw.get("date")),
        kind=BounceKind.HARD if hard else BounceKind.SOFT,
        external_id=text(ids.get("externalId")) or None,
        encrypted_id=text(ids.get("encryptedId")) or None,
    )
