"""A contact as Spotler shows it (spotler-api.md §3)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from spotler_plugin.rest.shapes import maps, text, word
from spotler_plugin.spotler.answer import unexpected
from spotler_plugin.spotler.shapes import bits, moment

PERMISSIONS = "permissions"
"""The property that holds the permissions, in every account (§2.3 [D])."""

LONGEST_ID = 120
"""Characters of an encrypted id."""


@dataclass(frozen=True, slots=True)
class Contact:
    """One contact. Its values are left out of `repr`, so that it can be logged."""

    external_id: str | None
    """The value of the field bound to the key (§1.5); None when the contact has none."""
    encrypted_id: str
    """Spotler's own id, always there (§7 [D]); no call takes it."""
    active: bool
    """Whether its e-mail channel is open, see `_active`."""
    permissions: dict[int, bool]
    properties: dict[str, Any] = field(repr=False)
    """By name, without the permissions; other sets as {bit: enabled}. Empty ones are missing."""
    created: datetime | None
    last_changed: datetime | None
    test_group: bool
    temporary: bool
    channels: dict[str, bool] = field(default_factory=dict)
    """By name, such as EMAIL: whether each is open."""

    @property
    def email(self) -> str | None:
        """The address, if it has one."""
        value = self.properties.get("email")
        return str(value) if value else None


def read_contact(raw: Any, endpoint: str) -> Contact:
    """Read a contact, or raise InvalidAnswer."""
    if not isinstance(raw, dict) or not isinstance(raw.get("properties") or {}, dict):
        raise unexpected(endpoint, writes=False)
    encrypted_id, values = word(raw.get("encryptedId")), dict(raw.get("properties") or {})
    # Permissions that cannot be read are not off: then the contact would be told to have none.
    permissions = bits(values.pop(PERMISSIONS, None) or [])
    if not 0 < len(encrypted_id) <= LONGEST_ID or permissions is None:
        raise unexpected(endpoint, writes=False)
    return Contact(
        external_id=word(raw.get("externalId")) or None,
        encrypted_id=encrypted_id,
        active=_active(raw.get("channels")),
        permissions=permissions,
        properties={name: _plain(value) for name, value in values.items()},
        created=moment(raw.get("created")),
        last_changed=moment(raw.get("lastChanged")),
        test_group=raw.get("testGroup") is True,
        temporary=raw.get("temporary") is True,
        channels={
            text(each.get("name")): each.get("value") is True for each in maps(raw.get("channels"))
        },
    )


def _active(channels: Any) -> bool:
    """Return whether the contact can be mailed, as far as Spotler says.

    EMAIL false means opt-out, bounce or inactive alike (§4 [I]). Without the channel nothing is
    known: absence never means opt-out, and Spotler itself still refuses such writes.
    """
    return all(
        each.get("value") is True
        for each in maps(channels)
        if str(each.get("name")).upper() == "EMAIL"
    )


def _plain(value: Any) -> Any:
    as_set = bits(value)
    return value if as_set is None else as_set


class BounceKind(StrEnum):
    """Whether an address failed for good, or this time."""

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
        external_id=word(ids.get("externalId")) or None,
        encrypted_id=word(ids.get("encryptedId")) or None,
    )
