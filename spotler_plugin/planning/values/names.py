"""Find a thing by the names that CRMs and Spotler accounts give it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeVar

from spotler_plugin.planning.values.types import PropertyType

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Known:
    """A thing with the names that it goes by, and the types that its property may have."""

    words: frozenset[str]
    types: frozenset[PropertyType] = frozenset({PropertyType.STRING})


def known_as(words: str, *more: PropertyType) -> Known:
    return Known(frozenset(words.split()), frozenset({PropertyType.STRING, *more}))


def called(known: Known, named: Sequence[tuple[tuple[str, str], T]]) -> T | None:
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
