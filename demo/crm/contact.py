"""One contact: its forms in the API, on screens and in the database."""

import json
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass

from demo.crm.fields import CONTACT_FIELDS, Values
from demo.crm.searching import folded


@dataclass(frozen=True)
class Contact:
    """A person in the CRM."""

    id: str
    relation_id: str | None
    relation_name: str | None
    primary: bool
    active: bool
    locked: bool
    version: int
    fields: Values

    @property
    def name(self) -> str:
        """The full name."""
        return full_name(self.fields) or "(zonder naam)"

    def as_json(self) -> dict[str, object]:
        """Return the contact in the contract's format."""
        return {
            "id": self.id,
            "relation_id": self.relation_id,
            "primary": self.primary,
            "active": self.active,
            "version": self.version,
            "fields": self.fields,
        }


def as_row(
    contact_id: str,
    relation_id: str | None,
    active: bool,
    version: int,
    changed_at: str,
    fields: Values,
) -> dict[str, object]:
    """Return a contact's database row, with the columns for sorting and searching."""
    email = str(fields.get("email") or "")
    name = full_name(fields)
    job_title = str(fields.get("job_title") or "")[:80]
    return {
        "id": contact_id,
        "relation_id": relation_id,
        "active": int(active),
        "version": version,
        "changed_at": changed_at,
        "sort_name": folded(f"{fields.get('last_name') or ''} {fields.get('first_name') or ''}"),
        "email": email.lower(),
        "search": folded(f"{name} {email} {job_title} {fields.get('city') or ''}"),
        "fields": json.dumps(fields, ensure_ascii=False, separators=(",", ":")),
    }


def empty() -> Values:
    """Return all fields of a contact, without values."""
    names = (field for field in CONTACT_FIELDS if not field.read_only)
    return {field.name: [] if field.type == "keywords" else None for field in names}


def full_name(fields: Values) -> str:
    """First name, prefix and last name, as far as they are known."""
    parts: Iterable[object] = (fields.get(name) for name in ("first_name", "infix", "last_name"))
    return " ".join(str(part) for part in parts if part)


def from_row(row: sqlite3.Row) -> Contact:
    """Make a contact of a row of the view `people`."""
    primary = bool(row["is_primary"])
    stored: Values = json.loads(row["fields"])
    return Contact(
        id=row["id"],
        relation_id=row["relation_id"],
        relation_name=row["relation_name"],
        primary=primary,
        active=bool(row["active"]),
        locked=bool(row["locked"]),
        version=row["version"],
        fields=stored | {"is_primary": primary},
    )
