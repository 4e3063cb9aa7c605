"""E-mail addresses: the one form in which an address is sent, and by which two are compared."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from email_validator import SPECIAL_USE_DOMAIN_NAMES, EmailNotValidError, validate_email

from spotler_plugin.planning.values.parse import text

UNREADABLE = "\ufffd"
"""Stands for what could not be read (`storable`): whose address it was is not known."""
LONGEST = 320
"""Characters by which an address is known; no mail server takes a longer one."""

PLAIN = re.compile(
    r"(?P<name>[A-Za-z0-9_]+(?:[.+-][A-Za-z0-9_]+)*)"
    r"@(?P<domain>(?:[a-z0-9]+(?:-[a-z0-9]+)*\.)+(?P<end>[a-z]{2,}))"
)
_SPECIAL_ENDS = frozenset(domain.rpartition(".")[2] for domain in SPECIAL_USE_DOMAIN_NAMES)


def address(value: Any) -> str | None:
    """Return the address in the form in which it is sent; None for what is no address.

    A domain with letters beyond ASCII is sent as mail servers know it. Which of the two Spotler
    takes is unknown (spotler-api.md §12 [U]); this one it must take.
    """
    bare = text(value)
    if is_plain(bare):
        # The most frequent case, kept fast: looking closer costs a hundred contacts 3 ms.
        return bare
    found = _validated(bare)
    return found if found is not None and len(found.lower()) <= LONGEST else None


def address_key(value: Any) -> str:
    """Return by what an address is known: two that reach one mailbox have one key.

    How Spotler compares is unknown (spotler-api.md §7 [U]), so capitals do not matter. Empty for
    none, and for a text that is longer than any address.
    """
    bare = text(value)
    key = (bare if bare.isascii() else _validated(bare) or bare).lower()
    return key if len(key) <= LONGEST else ""


def searched_part(query: str) -> str:
    """Return what somebody types of an address as it stands in keys; also of its domain alone."""
    name, at, domain = query.rpartition("@")
    key = address_key(f"{name or 'x'}@{domain}")
    if not key:
        return query.lower()
    return key if name else key.removeprefix("x" if at else "x@")


def spellings(found: str) -> list[str]:
    """Return the ways in which Spotler may have an address: with its domain in either alphabet."""
    if found.isascii() and "xn--" not in found.lower():
        return [found]
    try:
        parsed = validate_email(found, check_deliverability=False)
    except EmailNotValidError:
        return [found]
    return sorted({found, parsed.normalized, parsed.ascii_email or found})


def is_plain(bare: str) -> bool:
    """Return whether it is surely an address, in the form in which it is sent."""
    found = PLAIN.fullmatch(bare)
    return (
        found is not None
        and len(found["name"]) <= 64
        and len(found["domain"]) <= 63
        and found["end"] not in _SPECIAL_ENDS
    )


@lru_cache(maxsize=1024)
def _validated(bare: str) -> str | None:
    if UNREADABLE in bare:
        return None
    try:
        found = validate_email(bare, check_deliverability=False)
    except EmailNotValidError:
        return None
    return found.ascii_email or found.normalized
