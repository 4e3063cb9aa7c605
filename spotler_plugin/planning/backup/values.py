"""What a cell of a file means, by what its column is; raises Refused for what does not fit."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from math import isfinite
from typing import Any

from spotler_plugin.planning.backup.cells import Cell
from spotler_plugin.planning.backup.damage import damage
from spotler_plugin.planning.backup.fault import Fault, Refused
from spotler_plugin.planning.values.sets import is_bit
from spotler_plugin.planning.values.types import PropertyType
from spotler_plugin.storable import storable_json

LONGEST_ID = 120
_SWITCHES = {
    "ja": True, "aan": True, "yes": True, "on": True, "true": True, "waar": True, "1": True,
    "nee": False, "uit": False, "no": False, "off": False, "false": False, "onwaar": False,
    "0": False,
}  # fmt: skip
_ADDRESS = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_DUTCH_DAY = re.compile(
    r"([0-9]{1,2})[-. ]([0-9]{1,2}|[a-z]{3,9}\.?)[-. ]([0-9]{4})", re.IGNORECASE
)
_MONTHS = ("jan", "feb", "m", "apr", "mei", "jun", "jul", "aug", "sep", "okt", "nov", "dec")


def id_of(cell: Cell) -> str:
    if len(cell.text) > LONGEST_ID:
        raise Refused(Fault.TOO_LONG)
    return cell.text


def pasted_id_of(cell: Cell) -> str:
    return id_of(cell._replace(text=cell.text.strip()))


def switch_of(cell: Cell) -> bool:
    found = _SWITCHES.get(cell.text.strip().casefold())
    if found is None:
        raise Refused(Fault.NOT_A_SWITCH)
    return found


def status_of(cell: Cell) -> bool | None:
    """Spotler's own list says "Actief: dynamisch" and "Inactief: opt-out"."""
    words = cell.text.strip().casefold()
    if words.startswith(("inactief", "inactive")):
        return False
    return True if words.startswith(("actief", "active")) else None


def moment_of(cell: Cell) -> datetime | None:
    """When it was made or changed is told, and not put back: what is no moment is left out."""
    try:
        found = datetime.fromisoformat(cell.text)
    except ValueError:
        return None
    return found if found.tzinfo else None


def number_of(cell: Cell) -> int | float:
    text = cell.text if cell.exact else cell.text.strip()
    if not cell.exact and (fault := damage(text)):
        raise Refused(fault)
    try:
        found = json.loads(text if cell.exact else text.replace(",", "."))
    except (ValueError, RecursionError):
        found = None
    if isinstance(found, bool) or not isinstance(found, int | float) or not isfinite(found):
        raise Refused(Fault.NOT_A_NUMBER)
    return found


def json_of(cell: Cell) -> Any:
    try:
        # JSON spells what no database keeps, such as half an emoji, NaN or 1e999.
        found = storable_json(json.loads(cell.text, parse_constant=_no_number))
        json.dumps(found, allow_nan=False)
    except (ValueError, RecursionError):
        raise Refused(Fault.NOT_JSON) from None
    if isinstance(found, dict) and all(
        is_bit(bit) and type(on) is bool for bit, on in found.items()
    ):
        return {int(bit): on for bit, on in found.items()}
    return found


def _no_number(name: str) -> None:
    raise ValueError(name)


def _address(text: str) -> str:
    if not _ADDRESS.fullmatch(text.strip()):
        raise Refused(Fault.NO_ADDRESS)
    return text.strip()


def _day(text: str) -> str:
    """Read a day, as Spotler writes it or as the Dutch do, into Spotler's form."""
    text = text.strip()
    try:
        if found := _DUTCH_DAY.fullmatch(text):
            day, month, year = found.groups()
            return date(int(year), _month(month), int(day)).isoformat()
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise Refused(damage(text) or Fault.NOT_A_DATE) from None


def _month(word: str) -> int:
    if word.isdecimal():
        return int(word)
    low = word.casefold()
    if low.startswith(("maa", "mrt", "mar")):
        return 3
    return next(
        (at for at, name in enumerate(_MONTHS, start=1) if at != 3 and low.startswith(name)), 0
    )


def _date_time(text: str) -> str:
    """Keep a moment as Spotler writes it; of a day alone nobody knows the hour."""
    text = text.strip()
    try:
        is_moment = "T" in text and datetime.fromisoformat(text).tzinfo is not None
    except ValueError:
        is_moment = False
    if not is_moment:
        raise Refused(damage(text) or Fault.NOT_A_DATE)
    return text


CONVERTED: Mapping[PropertyType, Callable[[str], str]] = {
    PropertyType.EMAIL: _address,
    PropertyType.DATE: _day,
    PropertyType.BIRTHDATE: _day,
    PropertyType.DATE_TIME: _date_time,
}
