"""Values as people write them: dates, amounts, genders. What cannot be read so stays as it is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from spotler_plugin.planning.values import parse
from spotler_plugin.planning.values.types import FieldType, PropertyType
from spotler_plugin.translation import amount, day, exact_time
from spotler_plugin.translation import gettext as _

Spelling = Callable[[Any], str | None]


def property_spelled(value: Any, type_: PropertyType | None) -> Any:
    """The value of a property in Spotler, whose type may not be known."""
    return _spelled(value, _OF_PROPERTIES.get(type_) if type_ else None)


def field_spelled(value: Any, type_: FieldType | None, choices: Mapping[str, str]) -> Any:
    """The value of a field in the CRM; of its choices what they are called."""
    if isinstance(value, list):
        return ", ".join(str(field_spelled(each, None, choices)) for each in value)
    if isinstance(value, str) and value in choices:
        return choices[value]
    return _spelled(value, _OF_FIELDS.get(type_) if type_ else None)


def _spelled(value: Any, spelling: Spelling | None) -> Any:
    if isinstance(value, bool):
        return _("ja") if value else _("nee")
    if spelling is None or parse.is_empty(value):
        return value
    return spelling(value) or value


def _day(value: Any) -> str | None:
    moment = parse.spotler_moment(value)
    return day(moment) if moment else None


def _moment(value: Any) -> str | None:
    moment = parse.spotler_moment(value)
    return exact_time(moment) if moment else None


def _amount(value: Any) -> str | None:
    found = parse.number(value)
    return None if found is None else amount(found)


def _gender(value: Any) -> str | None:
    words = {"F": _("vrouw"), "M": _("man"), "U": _("onbekend")}
    return words.get(parse.gender(value) or parse.text(value).upper())


_OF_PROPERTIES: dict[PropertyType, Spelling] = {
    PropertyType.BIRTHDATE: _day,
    PropertyType.DATE: _day,
    PropertyType.DATE_TIME: _moment,
    PropertyType.GENDER: _gender,
    PropertyType.MONEY: _amount,
}
_OF_FIELDS: dict[FieldType, Spelling] = {
    FieldType.DATE: _day,
    FieldType.DATETIME: _moment,
    FieldType.GENDER: _gender,
    FieldType.MONEY: _amount,
}
