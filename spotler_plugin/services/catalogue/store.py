"""Store what was read from Spotler and the CRM, and count it."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, func, select

from spotler_plugin.crm import Field as CrmField
from spotler_plugin.extensions import db
from spotler_plugin.models import (
    Automation,
    AutomationOrigin,
    Field,
    Permission,
    Property,
)
from spotler_plugin.planning.values.types import FieldType, PropertyType
from spotler_plugin.services.catalogue.automations import take_over_automations
from spotler_plugin.services.catalogue.due import note_half_read, note_read
from spotler_plugin.services.catalogue.entries import merged, stored_entries
from spotler_plugin.services.catalogue.fetch import Reading
from spotler_plugin.services.environment import lock_environment
from spotler_plugin.spotler import Property as SpotlerProperty

PERMISSIONS = "permissions"
"""The set whose bits are the permissions (spotler-api.md §2.3); every account has it."""

_BESIDE = frozenset({PERMISSIONS, "externalId", "testGroup"})
"""In Spotler's list, but not fields of a contact (§3 [C])."""

Listed = type[Property] | type[Permission] | type[Field] | type[Automation]
Row = TypeVar("Row", Property, Permission, Field)
Key = tuple[Hashable, ...]

_KEYS: dict[Listed, tuple[str, ...]] = {
    Property: ("name",),
    Permission: ("bit",),
    Field: ("entity", "name"),
}


@dataclass(frozen=True, slots=True)
class Counts:
    """Sizes of the catalogue."""

    properties: int
    permissions: int
    automations: int
    """Those that Spotler lists, without those typed in."""
    fields: int


@dataclass(frozen=True, slots=True)
class Found:
    """The result of reading the catalogue, for the screen."""

    counts: Counts
    automations_listed: bool
    """Whether Spotler gave a list; if not, automations are added by trigger code."""
    crm_read: bool
    """Whether the CRM answered; if not, its fields are read at the next test."""


def store_catalogue(environment_id: int, reading: Reading) -> Found:
    """Store a reading: add what is new, mark what vanished, unmark what came back."""
    lock_environment(environment_id)
    _store_properties(environment_id, reading.properties)
    take_over_automations(environment_id, reading.automations, reading.campaigns)
    if reading.fields is not None:
        _keep(environment_id, Field, _fields(reading.fields))
        note_read(environment_id)
    else:
        note_half_read(environment_id)
    db.session.flush()
    return Found(
        count_catalogue(environment_id),
        automations_listed=reading.automations is not None,
        crm_read=reading.fields is not None,
    )


def store_properties(environment_id: int, properties: Sequence[SpotlerProperty]) -> None:
    """Store the properties and permissions alone, as `store_catalogue` does."""
    lock_environment(environment_id)
    _store_properties(environment_id, properties)
    db.session.flush()


def _store_properties(environment_id: int, listed: Sequence[SpotlerProperty]) -> None:
    properties = {each.name: each for each in listed}
    known, now = stored_entries(environment_id), datetime.now(UTC)
    _keep(
        environment_id,
        Property,
        {
            (name,): {
                "name": name,
                "description": each.description,
                "type": PropertyType(each.type),
                "entries": merged(known.get(name, ()), each.entries, now),
            }
            for name, each in properties.items()
            if name not in _BESIDE and len(name) <= 120
        },
    )
    if PERMISSIONS in properties:
        _keep(
            environment_id,
            Permission,
            {
                (each.bit,): {"bit": each.bit, "description": each.description}
                for each in properties[PERMISSIONS].entries
            },
        )


def count_catalogue(environment_id: int) -> Counts:
    """Count the entries that exist now."""
    return Counts(
        properties=_count(environment_id, Property),
        permissions=_count(environment_id, Permission),
        automations=_count(
            environment_id, Automation, Automation.origin == AutomationOrigin.LISTED
        ),
        fields=_count(environment_id, Field),
    )


def _fields(fields: Sequence[CrmField]) -> dict[Key, dict[str, Any]]:
    return {
        (each.entity.value, each.name): {
            "entity": each.entity.value,
            "name": each.name,
            "label": each.label,
            "type": FieldType(each.type),
            "bulk_editable": each.bulk_editable,
            "choices": [{"value": choice.value, "label": choice.label} for choice in each.choices],
        }
        for each in fields
        if len(each.name) <= 120
    }


def _keep(
    environment_id: int,
    model: type[Row],
    found: Mapping[Key, Mapping[str, Any]],
) -> None:
    """Make the environment's rows of a model match what was found, in that order."""
    names = _KEYS[model]
    known = {
        tuple(getattr(row, name) for name in names): row
        for row in db.session.scalars(select(model).where(model.environment_id == environment_id))
    }
    for position, (key, values) in enumerate(found.items()):
        row = known.pop(key, None) or model(environment_id=environment_id)
        for name, value in {**values, "position": position, "gone_at": None}.items():
            setattr(row, name, value)
        db.session.add(row)
    for row in known.values():
        row.gone_at = row.gone_at or datetime.now(UTC)


def _count(environment_id: int, model: Listed, *more: ColumnElement[bool]) -> int:
    there = (model.environment_id == environment_id, model.gone_at.is_(None), *more)
    return db.session.scalar(select(func.count()).select_from(model).where(*there)) or 0
