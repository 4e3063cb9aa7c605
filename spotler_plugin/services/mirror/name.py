"""A contact's name as people look for it: whatever its case and accents."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from typing import Any

from spotler_plugin.planning.values import parse

LONGEST = 300


def parts_of(properties: Mapping[str, Any]) -> list[str]:
    """Return the parts of a name that are there, by the properties that every account has."""
    parts = (properties.get(each) for each in ("firstName", "infix", "lastName"))
    return [str(part) for part in parts if part]


def bare(text: str) -> str:
    """Return a text without case, accents and superfluous blanks."""
    plain = text if text.isascii() else _without_marks(text)
    return " ".join(plain.casefold().split())


def bare_name(properties: Mapping[str, Any]) -> str | None:
    """Return what a contact is found by, cut to the column's length."""
    return bare(" ".join(parts_of(properties)))[:LONGEST] or None


def _without_marks(text: str) -> str:
    apart = unicodedata.normalize("NFKD", parse.text(text))
    return "".join(each for each in apart if not unicodedata.combining(each))
