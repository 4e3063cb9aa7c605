"""The fields of contacts, as ``contact/properties/list`` describes them (spotler-api.md §3)."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

TYPES = (
    "birthdate",
    "date",
    "dateTime",
    "email",
    "gender",
    "int",
    "mobNr",
    "money",
    "postcode",
    "set",
    "string",
)
# In the list with the real fields (§3 [C]), but beside ``properties`` in a contact.
PSEUDO = frozenset({"externalId", "testGroup"})


@dataclass
class Entry:
    """One choice of a set; bits are powers of two, to be treated as opaque ([I] §2.3)."""

    bit: int
    description: str
    rank: int


@dataclass
class Property:
    """One field; a hidden field ("niet zichtbaar" in Mail+) is not offered to connectors."""

    name: str
    description: str
    type: str
    entries: list[Entry] = field(default_factory=list)
    visible: bool = True

    def as_json(self) -> dict[str, Any]:
        """The descriptor; ``entries`` exists for sets only."""
        described: dict[str, Any] = {
            "name": self.name,
            "description": self.description,
            "type": self.type,
        }
        if self.type == "set":
            described["entries"] = [vars(entry) for entry in self.entries]
        return described

    @property
    def mask(self) -> int:
        """All bits of a set together."""
        return sum(entry.bit for entry in self.entries)

    def add_entry(self, description: str) -> Entry:
        """One more choice, on the next power of two."""
        bit = 1 << max((entry.bit.bit_length() for entry in self.entries), default=0)
        entry = Entry(bit, description, len(self.entries) + 1)
        self.entries.append(entry)
        return entry


class Schema:
    """All fields of an account."""

    def __init__(self, properties: Iterable[Property]) -> None:
        self.by_name = {each.name: each for each in properties}

    def listing(self) -> list[dict[str, Any]]:
        """The visible fields."""
        return [each.as_json() for each in self.by_name.values() if each.visible]

    @property
    def sets(self) -> list[Property]:
        """The visible sets, among which the permissions."""
        return [each for each in self.by_name.values() if each.type == "set" and each.visible]

    @property
    def permissions(self) -> Property:
        """The set that holds the permissions (§2.3 [D])."""
        return self.by_name["permissions"]

    def writable(self, name: str) -> Property | None:
        """A field that a contact's ``properties`` may hold."""
        found = self.by_name.get(name)
        return found if found and found.visible and name not in PSEUDO else None
