"""Compare property values by meaning: Spotler may format a value differently than we do.

Nothing here raises, whatever the values are.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from spotler_plugin.planning.values import phone
from spotler_plugin.planning.values.address import address_key
from spotler_plugin.planning.values.parse import (
    gender,
    is_empty,
    number,
    plain,
    spotler_moment,
    text,
)
from spotler_plugin.planning.values.postcode import dutch
from spotler_plugin.planning.values.sets import on_in
from spotler_plugin.planning.values.types import PropertyType


def same(a: Any, b: Any, property_type: PropertyType) -> bool:
    """Return whether two values mean the same; empty, blank and missing are equal."""
    if a is b or (isinstance(a, str) and isinstance(b, str) and a == b):
        return True
    if property_type is PropertyType.STRING and isinstance(a, str) and isinstance(b, str):
        return text(a) == text(b)
    if property_type is PropertyType.SET:
        return on_in(a) == on_in(b)
    if is_empty(a) or is_empty(b):
        return is_empty(a) and is_empty(b)
    meaning = _MEANINGS.get(property_type, plain)
    one, other = meaning(a), meaning(b)
    if one is None or other is None:
        if property_type is PropertyType.MOB_NR and phone.is_same(a, b):
            return True
        one, other = plain(a), plain(b)
    return one == other if one is not None and other is not None else bool(a is b or a == b)


def alike(a: Any, b: Any, property_type: PropertyType, *, exact: bool) -> bool:
    """Return whether two values mean the same; with `exact`, to the letter, but for sets."""
    if exact and property_type is not PropertyType.SET:
        return bool(a == b)
    return same(a, b, property_type)


def _spotler_day(value: Any) -> object:
    moment = spotler_moment(value)
    return moment and moment.date()


_MEANINGS: dict[PropertyType, Callable[[Any], object]] = {
    PropertyType.BIRTHDATE: _spotler_day,
    PropertyType.DATE: _spotler_day,
    PropertyType.DATE_TIME: spotler_moment,
    PropertyType.EMAIL: lambda value: address_key(value) or None,
    PropertyType.GENDER: gender,
    PropertyType.INT: number,
    PropertyType.MOB_NR: phone.mobile,
    PropertyType.MONEY: number,
    PropertyType.POSTCODE: lambda value: dutch(value) or text(value).upper() or None,
}
