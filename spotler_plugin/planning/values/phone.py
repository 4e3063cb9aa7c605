"""Telephone numbers, as the numbering plan of their country has them."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberFormat, PhoneNumberType

from spotler_plugin.planning.values.parse import hyphened, text

REGION = "NL"
"""Country of a number without a country code, where an environment has no other."""
REGIONS = frozenset(phonenumbers.SUPPORTED_REGIONS)

_MOBILE = frozenset({PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE})

_ONE_NUMBER = re.compile(
    r"\(?\+?[0-9() .-]*"
    r"|(?:(?:\+|00)[1-9][0-9]{0,2} ?(?:\(0\) ?)?)?\(?[0-9]{1,5}\)? ?/[0-9 .-]*"
)
"""Signs of one number. A slash comes after an area code, as in Belgium and Germany; anywhere else
it begins another number, or the last digits of one."""
_BLANKS = re.compile(r"\s+")

PLAIN = re.compile(r"(?P<start>0|\+31[ -]?)6[ -]?[1-58](?:[ -]?[0-9]){7}")
"""A Dutch mobile number as nearly all of them are written; a test holds it against the library."""


def mobile(value: Any, region: str = REGION) -> str | None:
    """Return a mobile number in its one form, such as +31612345678; None for anything else.

    Nothing is left out or put together: a second number, an extension or a word makes it none.
    """
    # Of the many blanks that a web page has between digits, people see one.
    bare = _BLANKS.sub(" ", hyphened(text(value)))
    plain = PLAIN.fullmatch(bare)
    if plain is not None and (plain["start"] != "0" or region == REGION):
        # The most frequent case, kept fast: looking closer costs a hundred contacts 4 ms.
        return "+31" + bare.replace(" ", "").replace("-", "")[-9:]
    return _mobile(bare, region)


def is_same(one: Any, other: Any) -> bool:
    """Return whether two texts are one mobile number; without a code it is of the other's country,
    whatever country the environment has."""
    sent = mobile(one) or mobile(other)
    return sent is not None and _in_its_country(one, sent) == _in_its_country(other, sent) == sent


def _in_its_country(value: Any, sent: str) -> str | None:
    region = phonenumbers.region_code_for_number(phonenumbers.parse(sent))
    return mobile(value, region or REGION)


@lru_cache(maxsize=4096)
def _mobile(bare: str, region: str) -> str | None:
    if not _ONE_NUMBER.fullmatch(bare):
        return None
    try:
        found = phonenumbers.parse(bare, region)
    except NumberParseException:
        return None
    if not phonenumbers.is_valid_number(found) or phonenumbers.number_type(found) not in _MOBILE:
        return None
    return phonenumbers.format_number(found, PhoneNumberFormat.E164)
