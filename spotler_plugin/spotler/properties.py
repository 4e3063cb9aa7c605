"""The contact properties of an account (spotler-api.md §3)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from spotler_plugin.rest.shapes import maps, text, word
from spotler_plugin.spotler.shapes import bit_of, readable
from spotler_plugin.spotler.transport import Transport

PATH = "contact/properties/list"


@dataclass(frozen=True, slots=True)
class Entry:
    """One choice of a set; for `permissions`, one permission."""

    bit: int
    description: str
    rank: int


@dataclass(frozen=True, slots=True)
class Property:
    """A property: `name` is its key, `description` the label that users see.

    `type` is Spotler's word: birthdate, date, dateTime, email, gender, int, mobNr, money,
    postcode, set, string, or one that did not exist in 2022.
    """

    name: str
    description: str
    type: str
    entries: tuple[Entry, ...] = ()
    """Only for sets, in the order of their rank."""


class Properties:
    """The properties of one account, among them `externalId`, `testGroup` and `permissions`."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def list(self) -> list[Property]:
        """Return all properties that the account shows to connectors. Raises SpotlerError."""
        return readable(self._transport.get(PATH), _property, f"GET {PATH}")


def _property(raw: dict[str, Any]) -> Property | None:
    name, type_ = word(raw.get("name")), word(raw.get("type"))
    listed = raw.get("entries") or []
    entries = [each for each in map(_entry, maps(listed)) if each is not None]
    if not name or not type_ or (listed and not entries):
        return None
    entries.sort(key=lambda entry: entry.rank)
    return Property(name, text(raw.get("description")) or name, type_, tuple(entries))


def _entry(raw: dict[str, Any]) -> Entry | None:
    bit = bit_of(raw.get("bit"))
    if bit is None:
        return None
    return Entry(bit, text(raw.get("description")) or str(bit), bit_of(raw.get("rank")) or 0)
