"""The CRM's fields as they were last read, and which of them hold the address and the name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, exists, select, true

from spotler_plugin.crm import CrmContact
from spotler_plugin.extensions import db
from spotler_plugin.models import Field
from spotler_plugin.planning import mapping
from spotler_plugin.planning.values.address import address
from spotler_plugin.planning.values.parse import is_empty
from spotler_plugin.planning.values.told import told_address
from spotler_plugin.planning.values.types import FieldType


@dataclass(frozen=True, slots=True)
class Person:
    """Name and address of a contact, by the CRM."""

    name: str | None
    address: str | None
    odd_address: str = ""
    """What stands in the place of its address and is none, as people see it."""


@dataclass(frozen=True, slots=True)
class PersonFields:
    """The fields that hold a contact's name and address."""

    address: str | None
    """The first field of type email (crm-developer.md §5); None if the CRM has none."""
    name: tuple[str, ...]

    def person(self, contact: CrmContact) -> Person:
        parts = (str(contact.fields.get(name) or "").strip() for name in self.name)
        name = " ".join(part for part in parts if part) or None
        return Person(name, self.address_of(contact), self.odd_address_of(contact))

    def address_of(self, contact: CrmContact) -> str | None:
        return address(contact.fields.get(self.address or ""))

    def odd_address_of(self, contact: CrmContact) -> str:
        """What the contact has in the place of an address; empty where it has one, or nothing."""
        value = contact.fields.get(self.address or "")
        return "" if is_empty(value) or address(value) else told_address(value)


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


def has_fields(environment_id: int) -> bool:
    """Return whether the CRM's fields were ever read; until then nobody's address is known."""
    return db.session.scalar(select(exists().where(Field.environment_id == environment_id))) is True


def crm_fields(environment_id: int) -> list[mapping.Field]:
    """Return the fields that exist now, in the CRM's order."""
    return _read(environment_id, Field.gone_at.is_(None))


def every_field(environment_id: int) -> list[mapping.Field]:
    """Return those too that the CRM has no more: what was done with them is still told."""
    return _read(environment_id, true())


def _read(environment_id: int, which: ColumnElement[bool]) -> list[mapping.Field]:
    found = db.session.execute(
        select(Field.entity, Field.name, Field.label, Field.type, Field.choices)
        .where(Field.environment_id == environment_id, which)
        .order_by(Field.position, Field.id)
    )
    return [
        mapping.Field(entity, name, label, type_, _choices(choices))
        for entity, name, label, type_, choices in found
    ]


def _choices(choices: Sequence[Mapping[str, str]]) -> tuple[tuple[str, str], ...]:
    return tuple((choice["value"], choice["label"]) for choice in choices)
