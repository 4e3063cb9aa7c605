"""What a spreadsheet did to a value, as far as it can be seen: that value is refused."""

from __future__ import annotations

import re
from collections.abc import Collection
from decimal import Decimal

from spotler_plugin.planning.backup.fault import Fault

_MONTH = "jan|feb|mrt|maart|mar|apr|mei|may|jun|jul|aug|sep|okt|oct|nov|dec"
_ERROR = re.compile(
    r"#(?:NAAM\?|NAME\?|WAARDE!|VALUE!|VERW!|REF!|DEEL/0!|DIV/0!|N/B|N/A|GETAL!|NUM!|LEEG!|NULL!)|#+"
)
_EXPONENT = re.compile(r"-?[0-9]+(?:[.,][0-9]+)?E[+-]?[0-9]{1,3}", re.IGNORECASE)
_DAY = re.compile(
    rf"[0-9]{{1,2}}[- ](?:{_MONTH})\.?(?:[- ][0-9]{{2,4}})?|(?:{_MONTH})\.?[- ][0-9]{{2,4}}",
    re.IGNORECASE,
)
_APOSTROPHE = re.compile(r"'[0-9+=-]")
_CUT_OFF = re.compile(r"[1-9][0-9]{14}0+")
"""A number of more than the fifteen digits that a spreadsheet keeps."""
_BARE_NUMBER = re.compile(r"[1-9][0-9]{8}")
"""A Dutch telephone number without the zero before it."""
_TELEPHONE = re.compile(r"tel|phone|mobi|gsm", re.IGNORECASE)
_PLAIN_NUMBER = re.compile(r"0*[0-9]+(?:E[0-9]{1,3})?", re.IGNORECASE)
LARGEST_EXPONENT = 40


def damage(text: str, *, is_telephone: bool = False) -> Fault | None:
    """Return what happened to a text, or None where nothing is seen."""
    if _ERROR.fullmatch(text):
        return Fault.ERROR
    if _APOSTROPHE.match(text):
        return Fault.APOSTROPHE
    if _EXPONENT.fullmatch(text):
        return Fault.EXPONENT
    if _DAY.fullmatch(text):
        return Fault.DAY
    if is_telephone and _BARE_NUMBER.fullmatch(text):
        return Fault.ZEROS
    return None


def damage_of_id(text: str, known: Collection[str], shadows: Collection[str]) -> Fault | None:
    """Return what happened to an id, so that it is never taken for another contact's.

    `known` are ids that the account has; `shadows` what a spreadsheet makes of other ones.
    """
    if text in shadows:
        return Fault.ZEROS
    if text in known:
        return None
    return Fault.EXPONENT if _CUT_OFF.fullmatch(text) and len(text) > 15 else damage(text)


def shadow(id_: str) -> str | None:
    """Return the number that a spreadsheet makes of an id, where that is written otherwise."""
    if not _PLAIN_NUMBER.fullmatch(id_):
        return None
    base, _, exponent = id_.upper().partition("E")
    if exponent and int(exponent) > LARGEST_EXPONENT:
        return None
    number = format(Decimal(base) * 10 ** int(exponent or 0), "f")
    return number if number != id_ else None


def is_telephone(name: str, label: str) -> bool:
    return bool(_TELEPHONE.search(f"{name} {label}"))
