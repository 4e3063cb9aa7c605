"""A contact, and how it is shown."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from demo.spotler.account.properties import Schema
from demo.spotler.account.values import Value
from demo.spotler.dates import stamp


class Standing(StrEnum):
    """Whether and why a contact can be mailed (spotler-api.md §4 [D]); not in the API."""

    ACTIVE = "active"
    OPTED_OUT = "opt_out"
    HARD_BOUNCED = "hard_bounce"
    SOFT_BOUNCED = "soft_bounce"
    COMPLAINED = "complaint"
    SET_INACTIVE = "manual"
    ANONYMISED = "anonymised"

    @property
    def label(self) -> str:
        """The text that Mail+ shows a person."""
        return _LABELS[self]


# The first two are in the manual's first picture; the others are worded alike [I].
_LABELS = {
    Standing.ACTIVE: "Actief: dynamisch",
    Standing.OPTED_OUT: "Inactief: opt-out",
    Standing.HARD_BOUNCED: "Inactief: hard bounce",
    Standing.SOFT_BOUNCED: "Inactief: soft bounces",
    Standing.COMPLAINED: "Inactief: spamklacht",
    Standing.SET_INACTIVE: "Inactief: handmatig",
    Standing.ANONYMISED: "Inactief: geanonimiseerd",
}


@dataclass(slots=True, eq=False)
class Contact:
    """A contact; ``sequence`` is its place in the order of changes."""

    encrypted_id: str
    created: int
    external_id: str | None = None
    changed: int = 0
    sequence: int = 0
    test_group: bool = False
    standing: Standing = Standing.ACTIVE
    properties: dict[str, Value] = field(default_factory=dict)
    sets: dict[str, int] = field(default_factory=dict)

    @property
    def email(self) -> str:
        """The address, or an empty text."""
        return str(self.properties.get("email", ""))

    @property
    def name(self) -> str:
        """First name, infix and last name."""
        parts = (self.properties.get(part) for part in ("firstName", "infix", "lastName"))
        return " ".join(str(part) for part in parts if part)

    def has(self, set_name: str, bit: int) -> bool:
        """Whether a bit of a set is on."""
        return bool(self.sets.get(set_name, 0) & bit)


def render(contact: Contact, schema: Schema, *, legacy: bool = False) -> dict[str, Any]:
    """A contact as the API shows it (§3 [D]): empty properties left out, sets complete."""
    properties: dict[str, Any] = {
        name: value for name, value in contact.properties.items() if schema.writable(name)
    }
    for field_ in schema.sets:
        mask = contact.sets.get(field_.name, 0)
        properties[field_.name] = [
            {"bit": e.bit, "enabled": bool(mask & e.bit), "description": e.description}
            for e in field_.entries
        ]
    shown: dict[str, Any] = {
        "encryptedId": contact.encrypted_id,
        "created": stamp(contact.created, legacy),
        "lastChanged": stamp(contact.changed, legacy),
        "testGroup": contact.test_group,
        "temporary": False,
        "properties": properties,
        "channels": channels(contact),
    }
    if contact.external_id is not None:
        shown["externalId"] = contact.external_id
    return shown


def channels(contact: Contact) -> list[dict[str, Any]]:
    """Return false for every reason alike; the API does not tell which ([I] §4)."""
    active = contact.standing is Standing.ACTIVE
    return [
        {"name": "EMAIL", "value": active and bool(contact.email)},
        {"name": "SMS", "value": active and "mobileNumber" in contact.properties},
    ]
