"""Text as people mean it: without the characters that nobody sees, or with a sign where they are.

They come along with what is copied from a web page, a mail or a spreadsheet.
"""

from __future__ import annotations

import re
from typing import Any

_UNSEEN = re.compile("[\u00ad\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
"""Marks of order, direction and hyphenation: of none of them does a text mean something else."""

_LETTERS = "\u0370-\u1fff\u2071-\u2fff\u3001-\ud7ff\ue000-\ufefe\uff00-\U0010ffff"
_JOINERS = re.compile(f"(?<![{_LETTERS}])[\u200c\u200d]|[\u200c\u200d](?![{_LETTERS}])")
"""Joiners that join nothing; between two emoji, or letters of Persian or Hindi, they are meant."""

_BLANK = "␣"
_HIDDEN = re.compile(r"[^\S ]|[\x00-\x1f\x7f-\x9f\u200c\u200d]")
"""Blanks that are no space, and what else is seen as little."""


def clean(text: str) -> str:
    """Return a text without the characters that nobody sees."""
    if text.isascii():
        return text
    return _JOINERS.sub("", _UNSEEN.sub("", text))


def clean_json(value: Any) -> Any:
    """Return a JSON value with all the texts in it clean; its keys are names, and stay."""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, list):
        return [clean_json(each) for each in value]
    if isinstance(value, dict):
        return {key: clean_json(each) for key, each in value.items()}
    return value


def shown(text: str) -> str:
    """Return a text in which people see what may be wrong with it."""
    return _HIDDEN.sub(_BLANK, _JOINERS.sub(_BLANK, _UNSEEN.sub(_BLANK, text)))


def shown_in_one(text: str) -> str:
    """The same for what has no spaces in it, such as an address: they are seen too."""
    return shown(text).replace(" ", _BLANK)
