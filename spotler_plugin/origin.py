"""Origins, exactly as browsers send them: another spelling of the same one equals none."""

from __future__ import annotations

import re

EXPECTED = (
    "an origin as browsers send it, such as https://crm.example: in lower case, without a path, "
    "without :443 or :80, and a name with accents as xn--…"
)
_ORIGIN = re.compile(r"(https?)://(?:[a-z0-9._-]+|\[[0-9a-f:.]+\])(?::([1-9]\d{0,4}))?")
_USUAL = {"http": 80, "https": 443}


def is_origin(text: str) -> bool:
    """Return whether a browser may send this text as the origin of a page."""
    found = _ORIGIN.fullmatch(text)
    if found is None:
        return False
    scheme, port = found.groups()
    # The usual port goes without saying, and is not sent.
    return port is None or (int(port) <= 0xFFFF and int(port) != _USUAL[scheme])
