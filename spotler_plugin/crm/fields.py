"""The fields of the CRM's contacts and relations (crm-developer.md §5)."""

from __future__ import annotations

import builtins
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from spotler_plugin.cleaning import clean
from spotler_plugin.crm.shapes import listed, readable
from spotler_plugin.crm.transport import Transport
from spotler_plugin.rest.shapes import read_each, text, word


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
        found = listed(self._transport.get("fields"), "fields", "GET fields")
        ours = [each for each in found if not _is_of_another(each)]
        return readable(ours, _field, "GET fields")


def _is_of_another(raw: Any) -> bool:
    return isinstance(raw, dict) and raw.get("entity") not in tuple(Entity)


def _field(raw: dict[str, Any]) -> Field | None:
    name, choices = word(raw.get("name")), read_each(raw.get("choices") or [], _choice)
    if not name or choices is None:
        return None
    return Field(
        name=name,
        label=clean(text(raw.get("label"))) or name,
        type=text(raw.get("type")),
        entity=Entity(raw["entity"]),
        bulk_editable=raw.get("bulk_editable") is True,
        choices=tuple(choices),
    )


def _choice(raw: dict[str, Any]) -> Choice | None:
    given = raw.get("value")
    value = text(given)
    label = clean(text(raw.get("label")))
    return None if isinstance(given, list | dict) else Choice(value, label or value)
