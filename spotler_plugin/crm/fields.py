"""The fields of the CRM's contacts and relations (crm-developer.md §5)."""

from __future__ import annotations

import builtins
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from spotler_plugin.crm.answer import unexpected
from spotler_plugin.crm.shapes import rows
from spotler_plugin.crm.transport import Transport
from spotler_plugin.rest.shapes import text


class Entity(StrEnum):
    """What a field belongs to."""

    CONTACT = "contact"
    RELATION = "relation"


@dataclass(frozen=True, slots=True)
class Choice:
    """One value of a field of type choice."""

    value: str
    label: str


@dataclass(frozen=True, slots=True)
class Field:
    """A field; `label` is in the environment's language.

    `type` is as the CRM spells it: one of the contract's, or one of a CRM newer than the plugin.
    """

    name: str
    label: str
    type: str
    entity: Entity
    bulk_editable: bool = False
    choices: tuple[Choice, ...] = ()


class Fields:
    """The fields of one environment."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def list(self) -> builtins.list[Field]:
        """Return all fields in the CRM's order. Raises CrmError.

        Fields of something other than contacts and relations are left out.
        """
        found = rows(self._transport.get("fields"), "fields", "GET fields")
        return [_field(raw) for raw in found if raw.get("entity") in tuple(Entity)]


def _field(raw: dict[str, Any]) -> Field:
    name = text(raw.get("name"))
    if not name:
        raise unexpected("GET fields", writes=False)
    choices = rows(raw, "choices", "GET fields") if raw.get("choices") else []
    return Field(
        name=name,
        label=text(raw.get("label")) or name,
        type=text(raw.get("type")),
        entity=Entity(raw["entity"]),
        bulk_editable=raw.get("bulk_editable") is True,
        choices=tuple(_choice(each) for each in choices),
    )


def _choice(raw: dict[str, Any]) -> Choice:
    value = text(raw.get("value"))
    return Choice(value, text(raw.get("label")) or value)
