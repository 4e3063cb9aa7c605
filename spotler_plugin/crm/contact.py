"""A contact as the CRM shows it (crm-developer.md §5)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from spotler_plugin.crm.answer import unexpected
from spotler_plugin.crm.shapes import values
from spotler_plugin.rest.shapes import text, word

Version = int | str
"""Tells which of two states is newer; a number where it looks like one, as "12" does."""

LONGEST_VERSION = 64
"""Characters or digits."""


@dataclass(frozen=True, slots=True)
class CrmContact:
    """One contact. Its values are left out of `repr`, so that it can be logged."""

    id: str
    relation_id: str | None
    primary: bool
    """Whether it is its relation's primary contact."""
    active: bool
    """False only if the CRM says so."""
    version: Version
    fields: dict[str, Any] = field(repr=False)

    @property
    def changeable(self) -> dict[str, Any]:
        """What `PATCH /contacts` can change, by name: its fields, and its status as "active"."""
        return {**self.fields, "active": self.active}


def read_contact(raw: Any, endpoint: str) -> CrmContact:
    """Read a contact, or raise InvalidAnswer: without an id whose values they are is not known."""
    contact_id = id_in(raw)
    if not contact_id:
        raise unexpected(endpoint, writes=False)
    return CrmContact(
        id=contact_id,
        relation_id=word(raw.get("relation_id")) or None,
        primary=raw.get("primary") is True,
        active=raw.get("active") is not False,
        version=_version(raw.get("version"), endpoint),
        fields=values(raw, endpoint),
    )


def id_in(raw: Any) -> str:
    """Return the id of a contact; empty where there is none."""
    return word(raw.get("id")) if isinstance(raw, dict) else ""


def _version(value: Any, endpoint: str) -> Version:
    """Read the version; raise InvalidAnswer without one: it tells which state is newer."""
    if isinstance(value, bool) or not 0 < len(text(value)) <= LONGEST_VERSION:
        raise unexpected(endpoint, writes=False)
    if isinstance(value, int):
        return value
    if not isinstance(value, str):
        raise unexpected(endpoint, writes=False)
    return int(value) if value.isascii() and value.isdecimal() else value
