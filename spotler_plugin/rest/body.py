"""Read the JSON of an answer: bounded, and with nothing in it that no database keeps."""

from __future__ import annotations

import json
import re
from json import JSONDecodeError
from math import isfinite
from typing import Any

from spotler_plugin.storable import storable_json

MOST_VALUES = 500_000
"""Values in an answer, by its commas and brackets; a page of a thousand contacts with a hundred
properties each has a fifth. Three bytes of JSON may take a hundred in memory."""

_HIGH, _LOW = r"u[dD][89abAB][0-9a-fA-F]{2}", r"u[dD][c-fC-F][0-9a-fA-F]{2}"
_ESCAPED = re.compile(rf"\\(?:u0000|{_HIGH}(?!\\{_LOW})|{_LOW}(?<!\\{_HIGH}\\{_LOW})|\\u)")
"""What may become NUL or a lone surrogate; the last, a backslash before what looks like an escape,
hides where a pair begins. All begin with a backslash, so only those are looked at."""


def read_json(content: bytes) -> Any:
    """Return the value. Raises ValueError or RecursionError for what is no JSON, or too much.

    A number that no database keeps, such as Infinity, is returned as its text.
    """
    if sum(map(content.count, (b",", b"{", b"["))) > MOST_VALUES:
        raise ValueError("more values than any answer of use")
    text = content.decode(json.detect_encoding(content), "replace")
    value = _parsed(text)
    return storable_json(value) if _ESCAPED.search(text) else value


def _parsed(text: str) -> Any:
    try:
        return json.loads(text, parse_constant=str, parse_float=_float)
    except JSONDecodeError:
        raise
    except ValueError:  # An integer of thousands of digits.
        return json.loads(text, parse_constant=str, parse_float=_float, parse_int=_integer)


def _float(digits: str) -> float | str:
    number = float(digits)
    return number if isfinite(number) else digits


def _integer(digits: str) -> int | str:
    return int(digits) if len(digits) <= 40 else digits
