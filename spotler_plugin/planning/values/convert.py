"""Convert a CRM field's value to what Spotler takes (spotler-api.md §3).

Nothing here raises: the result is a value, or the reason for refusing it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

from spotler_plugin.planning.reason import Reason
from spotler_plugin.planning.values import address, parse, phone, postcode, sets
from spotler_plugin.planning.values.equality import same
from spotler_plugin.planning.values.parse import is_empty, number, text
from spotler_plugin.planning.values.sets import Entry
from spotler_plugin.planning.values.types import FieldType, PropertyType, compatible

__all__ = [
    "Choice",
    "Converted",
    "Entry",
    "FieldType",
    "PropertyType",
    "compatible",
    "convert",
    "same",
]

Choice = tuple[str, str]
"""Value and label of one choice of a CRM field."""


class Converted(NamedTuple):
    """A value for Spotler (None means empty), or the reason why there is none.

    Of keywords both, where some of them have no entry in the set.
    """

    value: str | int | Mapping[int, bool] | None = None
    reason: Reason | None = None
    missing: tuple[str, ...] = ()
    """Keywords without an entry."""


_VERBATIM = frozenset({FieldType.TEXT, FieldType.EMAIL, FieldType.PHONE, FieldType.POSTCODE})
"""Types of fields whose text goes into a text property unchanged."""


def convert(
    value: Any,
    field_type: FieldType,
    property_type: PropertyType,
    *,
    choices: Sequence[Choice] = (),
    entries: Sequence[Entry] = (),
    region: str = phone.REGION,
) -> Converted:
    """Convert a field's value; `choices` are those of the field, `entries` those of the set, and
    `region` is the country of telephone numbers without a code."""
    if property_type is PropertyType.STRING and field_type in _VERBATIM and isinstance(value, str):
        # The most frequent case, kept fast.
        return Converted(text(value) or None)
    if not compatible(field_type, property_type):
        return Converted(reason=Reason.UNFIT)
    if property_type is PropertyType.SET:
        return _set([] if is_empty(value) else value, entries)
    if is_empty(value):
        return Converted()
    if property_type is PropertyType.STRING:
        return _string(value, field_type, choices)
    if property_type is PropertyType.GENDER:
        return _gender(value, choices)
    if property_type is PropertyType.MOB_NR:
        return _mob_nr(value, region)
    return _CONVERSIONS[property_type](value)


def _string(value: Any, field_type: FieldType, choices: Sequence[Choice]) -> Converted:
    """Format a value as people read it in a mailing: labels, "Ja" and "Nee", words with commas."""
    if field_type is FieldType.KEYWORDS and isinstance(value, list | tuple):
        words = _keywords(value)
        return (
            Converted(reason=Reason.UNREADABLE)
            if words is None
            else Converted(", ".join(words) or None)
        )
    plain = parse.plain(value)
    if plain is None:
        return Converted(reason=Reason.UNREADABLE)
    if field_type in (FieldType.CHOICE, FieldType.GENDER):
        return Converted(_label(plain, choices) or plain or None)
    if field_type is FieldType.DATE and (day := parse.moment(value)):
        return Converted(day.date().isoformat())
    if field_type is FieldType.DATETIME and (moment := parse.moment(value)):
        return Converted(_iso(moment))
    return Converted(plain or None)


def _set(value: Any, entries: Sequence[Entry]) -> Converted:
    """Convert keywords by the entries that are called so; those without one are told.

    Without keywords all entries are off. One that is not among them is not known to be ours.
    """
    words = _keywords(value)
    if words is None:
        return Converted(reason=Reason.UNREADABLE)
    bits, missing = sets.match(words, entries)
    return Converted(bits or None, Reason.ENTRY_MISSING if missing else None, missing)


def _keywords(value: Any) -> list[str] | None:
    """Return each keyword once, without blank ones; None when it is no list of texts."""
    if not isinstance(value, list | tuple) or not all(isinstance(word, str) for word in value):
        return None
    return [word for word in dict.fromkeys(map(text, value)) if word]


def _day(value: Any) -> Converted:
    moment = parse.moment(value)
    return Converted(moment.date().isoformat()) if moment else Converted(reason=Reason.NOT_A_DATE)


def _date_time(value: Any) -> Converted:
    moment = parse.moment(value)
    return Converted(_iso(moment)) if moment else Converted(reason=Reason.NOT_A_DATE)


def _iso(moment: datetime) -> str:
    # Offsets of the nineteenth century have seconds, which ISO 8601 does not allow.
    offset = moment.utcoffset()
    odd = offset is not None and offset.total_seconds() % 60
    return (moment.astimezone(UTC) if odd else moment).isoformat(timespec="seconds")


def _email(value: Any) -> Converted:
    found = address.address(value)
    return Converted(found) if found else Converted(reason=Reason.NOT_AN_ADDRESS)


def _gender(value: Any, choices: Sequence[Choice]) -> Converted:
    """Convert by what people see: the label of a choice. Spotler has two genders; who has another,
    or does not say, has none there."""
    for words in (_label(parse.plain(value) or "", choices), value):
        if gender := parse.gender(words):
            return Converted(gender)
        if parse.is_other_gender(words):
            return Converted()
    return Converted(reason=Reason.NOT_A_GENDER)


def _label(plain: str, choices: Sequence[Choice]) -> str:
    """Return what people call a choice, however the CRM's list of them is spelled; or nothing."""
    return next((text(label) for value, label in choices if text(value) == plain), "")


def _int(value: Any) -> Converted:
    whole = int(value) if isinstance(value, bool) else parse.whole(value)
    return Converted(reason=Reason.NOT_A_NUMBER) if whole is None else Converted(whole)


def _mob_nr(value: Any, region: str) -> Converted:
    """[U] The format is unknown: plus, country code and digits, which every service takes."""
    found = phone.mobile(value, region)
    return Converted(found) if found else Converted(reason=Reason.NOT_A_MOBILE)


def _money(value: Any) -> Converted:
    """[U] The format is unknown: the amount as text, as the CRM gave it."""
    if number(value) is None:
        return Converted(reason=Reason.NOT_A_NUMBER)
    return Converted(parse.plain(value))


def _postcode(value: Any) -> Converted:
    """Accept Dutch postcodes only [C]; the service is thought to refuse others [I]."""
    found = postcode.dutch(value)
    if found:
        return Converted(found)
    is_foreign = postcode.is_foreign(value)
    return Converted(reason=Reason.FOREIGN_POSTCODE if is_foreign else Reason.NOT_A_POSTCODE)


_CONVERSIONS: dict[PropertyType, Callable[[Any], Converted]] = {
    PropertyType.BIRTHDATE: _day,
    PropertyType.DATE: _day,
    PropertyType.DATE_TIME: _date_time,
    PropertyType.EMAIL: _email,
    PropertyType.INT: _int,
    PropertyType.MONEY: _money,
    PropertyType.POSTCODE: _postcode,
}
