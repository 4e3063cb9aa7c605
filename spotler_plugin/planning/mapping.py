"""The mapping: which CRM field feeds which Spotler property, and how values go through it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from spotler_plugin.planning.reason import Refusal
from spotler_plugin.planning.values.convert import (
    Choice,
    Entry,
    FieldType,
    PropertyType,
    compatible,
    convert,
)
from spotler_plugin.planning.values.names import called, known_as
from spotler_plugin.planning.values.phone import REGION
from spotler_plugin.planning.values.told import told

CONTACT = "contact"
RELATION = "relation"

NEVER = frozenset({"permissions", "externalId", "testGroup", "email"})
"""Properties that no field may feed: identity, consent, and Spotler's test flag."""


@dataclass(frozen=True, slots=True)
class Field:
    """A CRM field, as the catalogue knows it."""

    entity: str
    name: str
    label: str
    type: FieldType
    choices: tuple[Choice, ...] = ()


@dataclass(frozen=True, slots=True)
class Property:
    """A Spotler property, as the catalogue knows it; `description` is its label."""

    name: str
    description: str
    type: PropertyType
    entries: tuple[Entry, ...] = ()
    """Of a set, those that exist now."""


@dataclass(frozen=True, slots=True)
class Row:
    """One field feeding one property; `choices` are those of the field, `entries` of the set."""

    entity: str
    field: str
    field_type: FieldType
    property: str
    property_type: PropertyType
    choices: tuple[Choice, ...] = ()
    empties_former: bool = False
    """Whether who was the relation's primary contact, and is not any more, loses the value."""
    entries: tuple[Entry, ...] = ()
    label: str = ""
    """What people call the property."""
    field_label: str = ""
    """What people call the field."""
    region: str = REGION
    """The country of telephone numbers without a code."""


@dataclass(frozen=True, slots=True)
class Desired:
    """The values that Spotler should hold; None means empty. Other properties stay as they are."""

    values: dict[str, Any]
    refusals: list[Refusal]


def mappable(property: Property) -> bool:
    """Return whether any field may feed this property."""
    return property.name not in NEVER and any(
        compatible(field_type, property.type) for field_type in FieldType
    )


def row(
    field: Field, property: Property, *, empties_former: bool = False, region: str = REGION
) -> Row:
    return Row(
        entity=field.entity,
        field=field.name,
        field_type=field.type,
        property=property.name,
        property_type=property.type,
        choices=field.choices,
        empties_former=empties_former,
        entries=property.entries,
        label=property.description,
        field_label=field.label,
        region=region,
    )


def emptied(row: Row) -> Any:
    """Return what the property of a row holds when its field is empty."""
    return convert(None, row.field_type, row.property_type, entries=row.entries).value


def desired(
    fields: Mapping[str, Any], relation_fields: Mapping[str, Any], rows: Iterable[Row]
) -> Desired:
    """Convert the fields of a contact and of its relation by the mapping.

    A property stays as it is when the CRM's answer lacks its field, or when the value is refused.
    """
    values: dict[str, Any] = {}
    refusals: list[Refusal] = []
    for row in rows:
        source = relation_fields if row.entity == RELATION else fields
        if row.field not in source:
            continue
        value, reason, missing = convert(
            source[row.field],
            row.field_type,
            row.property_type,
            choices=row.choices,
            entries=row.entries,
            region=row.region,
        )
        if reason:
            named = row.label if missing else row.field_label or row.field
            value_told = "" if missing else told(source[row.field])
            refusals.append(Refusal(named, row.property, reason, missing, value_told))
        if not reason or missing:
            values[row.property] = value
    return Desired(values, refusals)


# Names and telephone numbers only (rules.md rule 4), as in the manual's picture 5. Accounts
# differ in property names (spotler-api.md §3), so both sides are matched by what they are called.
_BASE = (
    known_as("voornaam firstname givenname forename roepnaam"),
    known_as("voorletters voorletter initialen initials initial"),
    known_as("tussenvoegsels tussenvoegsel voorvoegsel voorvoegsels infix prefix surnameprefix"),
    known_as("achternaam lastname surname familyname familienaam"),
    known_as(
        "tel telefoon telefoonnr telefoonnummer phone phonenr phonenumber telephone"
        " telephonenumber vast vastnr vastnummer"
    ),
    known_as(
        "mobiel mobielnr mobielnummer mobieletelefoon mobieltelefoonnummer telefoonmobiel gsm"
        " mobile mobilenr mobilenumber mobilephone mobilephonenumber mobnr cellphone",
        PropertyType.MOB_NR,
    ),
)
_FIELD_TYPES = frozenset({FieldType.TEXT, FieldType.PHONE})


def base_mapping(fields: Sequence[Field], properties: Sequence[Property]) -> list[Row]:
    """Return the mapping of a new connection; no two fields feed one property."""
    sources = [field for field in fields if field.entity == CONTACT and field.type in _FIELD_TYPES]
    rows: list[Row] = []
    for known in _BASE:
        # Name and label may match different entries; each field and property is used once.
        fed = {row.property for row in rows}
        targets = [
            property
            for property in properties
            if mappable(property) and property.type in known.types and property.name not in fed
        ]
        feeding = {row.field for row in rows}
        free = [field for field in sources if field.name not in feeding]
        field = called(known, [((each.label, each.name), each) for each in free])
        target = called(known, [((each.name, each.description), each) for each in targets])
        if field and target and compatible(field.type, target.type):
            rows.append(row(field, target))
    return rows


def name_fields(fields: Sequence[Field]) -> list[str]:
    """Return the CRM fields that make up a contact's name: first name, infix, last name."""
    sources = [field for field in fields if field.entity == CONTACT and field.type in _FIELD_TYPES]
    candidates = [((each.label, each.name), each) for each in sources]
    parts = [called(known, candidates) for known in (_BASE[0], _BASE[2], _BASE[3])]
    return [part.name for part in parts if part is not None]
