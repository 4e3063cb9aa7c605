"""Whole numbers in text: what Python's `int` takes besides (`²`, `+5`, `1_0`) is none of them."""

import re

# More of them than an int64 holds are nobody's offset, length or moment.
_WHOLE = re.compile(r"[0-9]{1,18}")


def whole_number(text: str) -> int | None:
    """The number, or None if the text is none."""
    return int(text) if _WHOLE.fullmatch(text) else None
