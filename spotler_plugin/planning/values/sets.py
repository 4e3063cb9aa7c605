"""Sets: the bits of a property, which entry each of them is, and which keywords switch them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from spotler_plugin.planning.values.parse import text

MOST_NAMED = 10
"""Keywords without an entry that are named, of one contact."""
AND_MORE = "…"

_BIT = re.compile(r"-?[0-9]{1,19}")


class Entry(NamedTuple):
    """One choice of a set."""

    bit: int
    description: str
    former: tuple[str, ...] = ()
    """What it was called before it was renamed."""


class Matched(NamedTuple):
    """What keywords say of a set."""

    bits: dict[int, bool]
    """On where a keyword is the entry's description, else off; what is not named stays."""
    missing: tuple[str, ...]
    """Keywords that are no entry's description."""


def match(keywords: Iterable[str], entries: Sequence[Entry]) -> Matched:
    """Match keywords with entries by description, whatever their case.

    An entry that was renamed stays as it is where a keyword is what it was called: whether it
    still means the same is not known.
    """
    now, before = _index(tuple(entries))
    words = {name: word for word in keywords if (name := called(word))}
    on = {bit for name in words for bit in now.get(name, ())}
    missing = [name for name in words if name not in now]
    unsure = {bit for name in missing for bit in before.get(name, ())}
    bits = {
        each.bit: each.bit in on for each in entries if each.bit in on or each.bit not in unsure
    }
    told = tuple(text(words[name]) for name in missing)
    return Matched(bits, told if len(told) <= MOST_NAMED else (*told[:MOST_NAMED], AND_MORE))


def bits_of(value: Any) -> dict[int, bool]:
    """Read a set, as Spotler, our client or JSON has it; anything else has no bits.

    A bit is on only if it says so: missing or unknown is off.
    """
    if isinstance(value, Mapping):
        pairs = list(value.items())
    else:
        items = value if isinstance(value, list) else []
        pairs = [(each.get("bit"), each.get("enabled")) for each in items if isinstance(each, dict)]
    return {
        int(bit): enabled is True
        for bit, enabled in pairs
        if not isinstance(bit, bool)
        and isinstance(bit, int | str)
        and _BIT.fullmatch(bit if isinstance(bit, str) else format(bit, "d"))
    }


def is_bit(name: str) -> bool:
    """Return whether a key of JSON is the number of a bit."""
    return _BIT.fullmatch(name) is not None


def on_in(value: Any) -> frozenset[int]:
    """Return the bits of a set that are on."""
    return frozenset(bit for bit, enabled in bits_of(value).items() if enabled)


def kept(value: Any) -> dict[str, bool] | None:
    """Return a set with the text keys that JSON has; None when nothing is on."""
    return _as_json(bits_of(value)) if on_in(value) else None


def changed(value: Any, wanted: Mapping[int, bool] | None, *, only_on: bool) -> dict[str, bool]:
    """Return what a set becomes: bits that are not named stay, and with `only_on` nothing goes off.

    None is a set of which no entry is known.
    """
    asked = {bit: on for bit, on in (wanted or {}).items() if on or not only_on}
    return _as_json(bits_of(value) | asked)


def difference(before: Any, after: Any) -> dict[int, bool]:
    """Return the bits that differ; one that is not named is off."""
    was_on = on_in(before)
    return {bit: on for bit, on in bits_of(after).items() if (bit in was_on) is not on}


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, dict[int, bool]]:
    """Return the bits that differ of each set among these values."""
    return {name: difference(before.get(name), after[name]) for name in _sets_among(after)}


def empty_among(values: Mapping[str, Any]) -> frozenset[str]:
    """Return the sets among these values that have nothing on."""
    return frozenset(name for name in _sets_among(values) if not on_in(values[name]))


def would_lose(value: Any, wanted: Mapping[int, bool] | None) -> bool:
    """Return whether a bit is on that is wanted off."""
    return any(not (wanted or {}).get(bit, True) for bit in on_in(value))


def _sets_among(values: Mapping[str, Any]) -> list[str]:
    return [name for name, value in values.items() if isinstance(value, dict)]


def _as_json(bits: Mapping[int, bool]) -> dict[str, bool]:
    return {str(bit): bits[bit] for bit in sorted(bits)}


def called(word: Any) -> str:
    """Reduce a keyword or description to what is compared: accents count, case does not."""
    return unicodedata.normalize("NFC", text(word).casefold())


@lru_cache(maxsize=256)
def _index(
    entries: tuple[Entry, ...],
) -> tuple[dict[str, list[int]], dict[str, list[int]]]:
    """Return the bits by what their entries are called, and by what they were called."""
    now: dict[str, list[int]] = {}
    before: dict[str, list[int]] = {}
    for entry in entries:
        now.setdefault(called(entry.description), []).append(entry.bit)
        for word in entry.former:
            before.setdefault(called(word), []).append(entry.bit)
    return now, before
