"""Postcodes: Dutch ones in their one form; of others whether they may be another country's."""

from __future__ import annotations

import re
from typing import Any

from spotler_plugin.planning.values.parse import hyphened, text

_DUTCH = re.compile(r"(?:NL)?[\s-]*([1-9][0-9]{3})[\s-]*(?!S[ADS])([A-Z]{2})")
"""The first digit is never 0, and SA, SD and SS are not given out."""
_MEANT_AS_DUTCH = re.compile(r"NL.*|[0-9]{3,}[\s-]*[A-Z][A-Z0-9]*")
"""Digits, and then letters: that is no other country's."""
_FOREIGN = re.compile(r"(?=.*[0-9])[A-Z0-9]{1,5}(?:[\s-]?[A-Z0-9]{1,5}){0,2}")


def dutch(value: Any) -> str | None:
    """Return a Dutch postcode as "1234 AB"; None for anything else."""
    found = _DUTCH.fullmatch(hyphened(text(value)).upper())
    return f"{found[1]} {found[2]}" if found else None


def is_foreign(value: Any) -> bool:
    """Return whether it has the form of a postcode, and not of a Dutch one."""
    bare = hyphened(text(value)).upper()
    return not _MEANT_AS_DUTCH.fullmatch(bare) and _FOREIGN.fullmatch(bare) is not None
