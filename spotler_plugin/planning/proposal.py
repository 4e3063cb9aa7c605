"""A mapping as somebody proposes it: what is wrong with it, and how it differs from another."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from enum import StrEnum

from spotler_plugin.planning.mapping import Field, Property, Row, mappable, row
from spotler_plugin.planning.types import compatible

Key = tuple[str, str]
"""Entity and name of a CRM field."""
Proposal = Mapping[Key, str]
"""Field to the name of its property; a field that is not in it is not mapped."""


class Problem(StrEnum):
    """Why a field may not feed the property that was chosen for it."""

    DOUBLED = "doubled"
    """Another field feeds that property too."""
    UNFIT = "unfit"
    """The two types do not go together."""
    GONE = "gone"
    """The field or the property does not exist, or not any more."""


Listed = list[list[str]]
"""A proposal in JSON: entity, field and property of each row."""


def dump(proposal: Proposal) -> Listed:
    return [[entity, field, property] for (entity, field), property in sorted(proposal.items())]


def load(listed: Iterable[Iterable[str]]) -> dict[Key, str]:
    """Raises ValueError for what is no proposal."""
    try:
        return {(str(entity), str(field)): str(property) for entity, field, property in listed}
    except TypeError as error:
        raise ValueError("not a list of entity, field and property") from error


def changed(before: Proposal, after: Proposal) -> set[Key]:
    """The fields that are mapped otherwise."""
    return {key for key in before.keys() | after.keys() if before.get(key) != after.get(key)}


def merged(seen: Proposal, chosen: Proposal, now: Proposal) -> dict[Key, str]:
    """What somebody chose who saw `seen`, on top of what others made of it meanwhile."""
    result = dict(now)
    for key in changed(seen, chosen):
        if key in chosen:
            result[key] = chosen[key]
        else:
            result.pop(key, None)
    return result


def problems(
    proposal: Proposal, saved: Proposal, fields: Iterable[Field], properties: Iterable[Property]
) -> dict[Key, Problem]:
    """What is wrong, by field. What was saved before and has vanished since may stay: it feeds
    nothing, and it may come back."""
    known_fields = {(field.entity, field.name): field for field in fields}
    known_properties = {property.name: property for property in properties}
    feeders = Counter(proposal.values())
    found = {}
    for key, name in proposal.items():
        field, property = known_fields.get(key), known_properties.get(name)
        if feeders[name] > 1:
            found[key] = Problem.DOUBLED
        elif saved.get(key) == name:
            continue
        elif field is None or property is None or not mappable(property):
            found[key] = Problem.GONE
        elif not compatible(field.type, property.type):
            found[key] = Problem.UNFIT
    return found


def rows(proposal: Proposal, fields: Iterable[Field], properties: Iterable[Property]) -> list[Row]:
    """What planning needs; a field or property that vanished feeds nothing."""
    known = {property.name: property for property in properties}
    return [
        row(field, known[name])
        for field in fields
        if (name := proposal.get((field.entity, field.name))) in known
    ]
