"""A value in the words about it: as people know it, with what is hard to see made visible."""

from __future__ import annotations

from typing import Any

from spotler_plugin.cleaning import shown, shown_in_one
from spotler_plugin.planning.values.parse import plain

MOST = 80
"""Characters; of a longer one the beginning is enough to find it by."""


def told(value: Any) -> str:
    """Return a value to be quoted; empty for what people have no words for."""
    return _cut(shown(_words(value)))


def told_address(value: Any) -> str:
    """Return what stands in the place of an address; spaces are seen too."""
    return _cut(shown_in_one(_words(value)))


def _words(value: Any) -> str:
    if isinstance(value, list | tuple):
        return ", ".join(_words(each) for each in value)
    if isinstance(value, str):
        return value.strip(" ")
    return plain(value) or ""


def _cut(words: str) -> str:
    return words if len(words) <= MOST else f"{words[: MOST - 1]}…"
