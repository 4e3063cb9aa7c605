"""The contact properties of an account (spotler-api.md §3)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from spotler_plugin.rest.shapes import text
from spotler_plugin.spotler.answer import unexpected
from spotler_plugin.spotler.shapes import maps, objects
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
        return [_property(raw) for raw in objects(self._transport.get(PATH), f"GET {PATH}")]


def _property(raw: dict[str, Any]) -> Property:
    name, type_ = text(raw.get("name")), text(raw.get("type"))
    if not name or not type_:
        raise unexpected(f"GET {PATH}", writes=False)
    entries = sorted(map(_entry, maps(raw.get("entries"))), key=lambda entry: entry.rank)
    return Property(name, text(raw.get("description")) or name, type_, tuple(entries))


def _entry(raw: dict[str, Any]) -> Entry:
    try:
        bit, rank = int(raw["bit"]), int(raw.get("rank") or 0)
    except (KeyError, TypeError, ValueError, OverflowError):
        raise unexpected(f"GET {PATH}", writes=False) from None
    return Entry(bit, text(raw.get("description")) or str(bit), rank)
