"""Read JSON as werkzeug asks: as RFC 8259 has it, so that whatever is kept can be answered too."""

import json
import math
from typing import Any, NoReturn


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(f"{text} is too large a number")
    return number


def _no_number(text: str) -> NoReturn:
    raise ValueError(f"{text} is no number")


_decode = json.JSONDecoder(parse_float=_finite, parse_constant=_no_number).decode


def loads(data: bytes) -> Any:
    """Raises ValueError for what is no text, no JSON, or nested without end."""
    # Bytes would also be read as UTF-16, and halves of characters let through.
    text = data.decode("utf-8-sig")
    try:
        value = _decode(text)
        if "\\ud" in text.lower():
            json.dumps(value, ensure_ascii=False).encode()
    except RecursionError as error:
        raise ValueError("The body is nested too deeply") from error
    return value
