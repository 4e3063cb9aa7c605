"""What an id of the CRM looks like (crm-developer.md §2); checked where the CRM first names it."""

from __future__ import annotations

import re

LONGEST = 120
_ID = re.compile(r"[A-Za-z0-9_:-]+(?:\.[A-Za-z0-9_:-]+)*", re.ASCII)


def is_crm_id(value: object) -> bool:
    """Return whether it is a text that can be stored, listed with commas, and be part of a path."""
    return isinstance(value, str) and len(value) <= LONGEST and _ID.fullmatch(value) is not None
