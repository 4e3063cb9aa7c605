"""The CRM's fields as they were last read, and which of them hold the address and the name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select

from spotler_plugin.crm import CrmContact
from spotler_plugin.extensions import db
from spotler_plugin.models import Field
from spotler_plugin.planning import mapping
from spotler_plugin.planning.values.types import FieldType

LONGEST_ADDRESS = 320
"""Characters; no mail server has a longer one."""


@dataclass(frozen=True, slots=True)
class Person:
    """Name and address of a contact, by the CRM."""

    name: str | None
    address: str | None


@dataclass(frozen=True, slots=True)
class PersonFields:
    """The fields that hold a contact's name and address."""

    address: str | None
    """The first field of type email (crm-developer.md §5); None if the CRM has none."""
    name: tuple[str, ...]

    def person(self, contact: CrmContact) -> Person:
        parts = (str(contact.fields.get(name) or "").strip() for name in self.name)
        return Person(" ".join(part for part in parts if part) or None, self.address_of(contact))

    def address_of(self, contact: CrmContact) -> str | None:
        address = str(contact.fields.get(self.address or "") or "").strip()
        return address if 0 < len(address) <= LONGEST_ADDRESS else None


def person_fields(environment_id: int) -> PersonFields:
    """Find the fields in the catalogue that hold name and address."""
    rows = db.session.execute(
        select(Field.entity, Field.name, Field.label, Field.type)
        .where(
            Field.environment_id == environment_id,
            Field.entity == mapping.CONTACT,
            Field.gone_at.is_(None),
        )
        .order_by(Field.position, Field.id)
    ).all()
    address = next((row.name for row in rows if row.type == FieldType.EMAIL), None)
    fields = [mapping.Field(row.entity, row.name, row.label, row.type) for row in rows]
    return PersonFields(address, tuple(mapping.name_fields(fields)))


def crm_fields(environment_id: int) -> list[mapping.Field]:
    """Return the fields that exist now, in the CRM's order."""
    found = db.session.execute(
        select(Field.entity, Field.name, Field.label, Field.type, Field.choices)
        .where(Field.environment_id == environment_id, Field.gone_at.is_(None))
        .order_by(Field.position, Field.id)
    )
    return [
        mapping.Field(entity, name, label, type_, _choices(choices))
        for entity, name, label, type_, choices in found
    ]


def _choices(choices: Sequence[Mapping[str, str]]) -> tuple[tuple[str, str], ...]:
    return tuple((choice["value"], choice["label"]) for choice in choices)
