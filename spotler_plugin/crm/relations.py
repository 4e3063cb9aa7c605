"""Relations: the organisations that contacts belong to (crm-developer.md §5)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from spotler_plugin.crm.answer import unexpected
from spotler_plugin.crm.errors import NotFound
from spotler_plugin.crm.shapes import values
from spotler_plugin.crm.transport import Transport
from spotler_plugin.rest.shapes import text

PATH = "relations/{}"


@dataclass(frozen=True, slots=True)
class Relation:
    """One organisation."""

    id: str
    name: str
    primary_contact_id: str | None
    fields: dict[str, Any] = field(repr=False)


class Relations:
    """The relations of one environment."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def get(self, relation_id: str) -> Relation:
        """Return a relation. Raises CrmError: NotFound when the CRM does not have it, or its id can
        be nobody's."""
        if not relation_id.strip("."):
            raise NotFound(f"GET {PATH}: no id.")
        raw = self._transport.get(PATH, relation_id)
        # Another relation's values must never land on this one's contacts.
        if not isinstance(raw, dict) or text(raw.get("id")) != relation_id:
            raise unexpected(f"GET {PATH}", writes=False)
        return Relation(
            id=relation_id,
            name=text(raw.get("name")),
            primary_contact_id=text(raw.get("primary_contact_id")) or None,
            fields=values(raw, f"GET {PATH}"),
        )
