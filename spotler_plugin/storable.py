"""Text that every database keeps: no NUL, and no half of a character."""

from __future__ import annotations

import re
from typing import Any

REPLACED = "\ufffd"
_UNFIT = re.compile("[\x00\ud800-\udfff]")
"""PostgreSQL refuses NUL, and UTF-8 has no bytes for a lone surrogate: half an emoji."""


def storable(text: str) -> str:
    """Return the text with a replacement character for what cannot be stored.

    Never without it: then an address could become somebody else's.
    """
    return _UNFIT.sub(REPLACED, text)


def storable_json(value: Any) -> Any:
    """Return a JSON value with all its texts storable, keys among them."""
    if isinstance(value, str):
        return storable(value)
    if isinstance(value, list):
        return [storable_json(each) for each in value]
    if isinstance(value, dict):
        return {storable(key): storable_json(each) for key, each in value.items()}
    return value
