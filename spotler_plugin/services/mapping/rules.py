"""The rules for converting CRM contacts: mapping, address field, and types."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from spotler_plugin.planning.mapping import Row
from spotler_plugin.planning.proposal import Proposal
from spotler_plugin.planning.values.types import PropertyType
from spotler_plugin.services.catalogue.fields import PersonFields, person_fields
from spotler_plugin.services.catalogue.properties import property_types
from spotler_plugin.services.mapping.store import rows_of_proposal, saved_mapping


@dataclass(frozen=True, slots=True)
class Rules:
    environment_id: int
    rows: Sequence[Row]
    fields: PersonFields
    types: Mapping[str, PropertyType]
    """Type of each property, by which values are compared."""


def rules_of(environment_id: int, proposal: Proposal | None = None) -> Rules:
    """Return the current rules, or those of a proposed mapping."""
    of_mapping = saved_mapping(environment_id) if proposal is None else proposal
    return Rules(
        environment_id,
        rows_of_proposal(environment_id, of_mapping),
        person_fields(environment_id),
        property_types(environment_id),
    )
