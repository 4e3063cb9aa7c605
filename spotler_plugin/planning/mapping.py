"""The mapping: which CRM field feeds which Spotler property, and how values go through it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeVar

from spotler_plugin.planning.reason import Refusal
from spotler_plugin.planning.values.convert import (
    Choice,
    Entry,
    FieldType,
    PropertyType,
    compatible,
    convert,
)

Named = TypeVar("Named", "Field", "Property")

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


def row(field: Field, property: Property, *, empties_former: bool = False) -> Row:
    names = field.entity, field.name, field.type, property.name, property.type
    return Row(*names, field.choices, empties_former, property.entries, property.description)


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
        )
        if reason:
            named = row.label if missing else row.field
            refusals.append(Refusal(named, row.property, reason, missing))
        if not reason or missing:
            values[row.property] = value
    return Desired(values, refusals)


@dataclass(frozen=True, slots=True)
class _Known:
    """A field of the base mapping, with the names that CRMs and accounts give it."""

    words: frozenset[str]
    types: frozenset[PropertyType] = frozenset({PropertyType.STRING})


def _known(words: str, *more: PropertyType) -> _Known:
    return _Known(frozenset(words.split()), frozenset({PropertyType.STRING, *more}))


# Names and telephone numbers only (rules.md rule 4), as in the manual's picture 5. Accounts
# differ in property names (spotler-api.md §3), so both sides are matched by what they are called.
_BASE = (
    _known("voornaam firstname givenname forename roepnaam"),
    _known("voorletters voorletter initialen initials initial"),
    _known("tussenvoegsels tussenvoegsel voorvoegsel voorvoegsels infix prefix surnameprefix"),
    _known("achternaam lastname surname familyname familienaam"),
    _known(
        "tel telefoon telefoonnr telefoonnummer phone phonenr phonenumber telephone"
        " telephonenumber vast vastnr vastnummer"
    ),
    _known(
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
        field = _called(known, [((each.label, each.name), each) for each in free])
        target = _called(known, [((each.name, each.description), each) for each in targets])
        if field and target and compatible(field.type, target.type):
            rows.append(row(field, target))
    return rows


def _called(known: _Known, named: Sequence[tuple[tuple[str, str], Named]]) -> Named | None:
    """Return the first item with a known name; first names are tried before second names."""
    for place in (0, 1):
        for names, each in named:
            if _bare(names[place]) in known.words:
                return each
    return None


@lru_cache(maxsize=4096)
def _bare(name: str) -> str:
    """Reduce a name to lower-case letters and digits: "Voorletter(s)" becomes "voorletters"."""
    return re.sub(r"[^a-z0-9]", "", unicodedata.normalize("NFKD", name).lower())


def name_fields(fields: Sequence[Field]) -> list[str]:
    """Return the CRM fields that make up a contact's name: first name, infix, last name."""
    sources = [field for field in fields if field.entity == CONTACT and field.type in _FIELD_TYPES]
    candidates = [((each.label, each.name), each) for each in sources]
    parts = [_called(known, candidates) for known in (_BASE[0], _BASE[2], _BASE[3])]
    return [part.name for part in parts if part is not None]
