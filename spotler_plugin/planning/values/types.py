"""The types of the CRM's fields and of Spotler's properties, and which go together."""

from __future__ import annotations

from enum import StrEnum


class FieldType(StrEnum):
    """Type of a CRM field (crm-developer.md §5)."""

    TEXT = "text"
    EMAIL = "email"
    PHONE = "phone"
    DATE = "date"
    DATETIME = "datetime"
    BOOLEAN = "boolean"
    INTEGER = "integer"
    MONEY = "money"
    CHOICE = "choice"
    KEYWORDS = "keywords"
    POSTCODE = "postcode"
    GENDER = "gender"
    UNKNOWN = "unknown"
    """A type that a newer CRM may send. It feeds text properties only, where a single value reads
    as text, so that the field stays in the mapping."""

    @classmethod
    def _missing_(cls, value: object) -> FieldType:
        return cls.UNKNOWN


class PropertyType(StrEnum):
    """Type of a Spotler property (spotler-api.md §3 [D])."""

    BIRTHDATE = "birthdate"
    DATE = "date"
    DATE_TIME = "dateTime"
    EMAIL = "email"
    GENDER = "gender"
    INT = "int"
    MOB_NR = "mobNr"
    MONEY = "money"
    POSTCODE = "postcode"
    SET = "set"
    STRING = "string"
    UNKNOWN = "unknown"

    @classmethod
    def _missing_(cls, value: object) -> PropertyType:
        return cls.UNKNOWN


_DAYS = frozenset({FieldType.DATE, FieldType.DATETIME})

# A text may feed a stricter type whose content can be checked: what does not fit is refused with
# a reason. Keywords feed a set, whose entries have descriptions; a single text does not.
_FEEDS: dict[PropertyType, frozenset[FieldType]] = {
    PropertyType.BIRTHDATE: _DAYS,
    PropertyType.DATE: _DAYS,
    PropertyType.DATE_TIME: _DAYS,
    PropertyType.EMAIL: frozenset({FieldType.EMAIL}),
    PropertyType.GENDER: frozenset({FieldType.GENDER, FieldType.CHOICE, FieldType.TEXT}),
    PropertyType.INT: frozenset({FieldType.INTEGER, FieldType.BOOLEAN, FieldType.TEXT}),
    PropertyType.MOB_NR: frozenset({FieldType.PHONE, FieldType.TEXT}),
    PropertyType.MONEY: frozenset({FieldType.MONEY, FieldType.INTEGER}),
    PropertyType.POSTCODE: frozenset({FieldType.POSTCODE, FieldType.TEXT}),
    PropertyType.SET: frozenset({FieldType.KEYWORDS}),
    PropertyType.STRING: frozenset(FieldType),
    PropertyType.UNKNOWN: frozenset(),
}


def compatible(field_type: FieldType, property_type: PropertyType) -> bool:
    """Return whether a field of this type may feed a property of that type."""
    return field_type in _FEEDS[property_type]
