"""A proposed mapping: its problems, and how it differs from another one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from spotler_plugin.planning.mapping import NEVER, RELATION, Field, Property, Row, mappable, row
from spotler_plugin.planning.values.phone import REGION
from spotler_plugin.planning.values.types import compatible

Key = tuple[str, str]
"""Entity and name of a CRM field."""
Proposal = Mapping[Key, str]
"""Field to property name; a field that is missing is not mapped.

Besides, `FORMER` and a field of the relation to `EMPTIED`, where that is chosen: so two people who
change the one and the other change different things.
"""

FORMER = "former"
"""In the place of an entity: the contact that was a relation's primary one, and is not any more."""
EMPTIED = "emptied"
"""That contact loses what the field fed."""


class Problem(StrEnum):
    """Why a field may not feed the property that was chosen for it."""

    DOUBLED = "doubled"
    """Another field feeds that property too."""
    UNFIT = "unfit"
    """The two types do not go together."""
    GONE = "gone"
    """The field or the property does not exist, or no longer."""


Listed = list[list[str]]
"""A proposal in JSON: entity, field and property of each row."""


@dataclass(frozen=True, slots=True)
class Remapping:
    """How somebody changed the mapping."""

    before: Proposal
    after: Proposal

    def back(self, now: Proposal) -> dict[Key, str]:
        """Return the mapping as it is now, without this change."""
        return merged(self.after, self.before, now)

    @property
    def sizes(self) -> tuple[int, int, int]:
        """How many fields were added, taken away, and made to feed another property."""
        old, new = mapped(self.before), mapped(self.after)
        moved = sum(old[key] != new[key] for key in old.keys() & new.keys())
        return len(new.keys() - old.keys()), len(old.keys() - new.keys()), moved

    def to_json(self) -> dict[str, Any]:
        return {"before": dump(self.before), "after": dump(self.after)}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Remapping:
        return cls(load(value["before"]), load(value["after"]))


def dump(proposal: Proposal) -> Listed:
    return [[entity, field, property] for (entity, field), property in sorted(proposal.items())]


def load(listed: Iterable[Iterable[str]]) -> dict[Key, str]:
    """Read a proposal from JSON. Raises ValueError when it is not one."""
    try:
        return {(str(entity), str(field)): str(property) for entity, field, property in listed}
    except TypeError as error:
        raise ValueError("not a list of entity, field and property") from error


def mapped(proposal: Proposal) -> dict[Key, str]:
    """Return which field feeds which property, without what becomes of former values."""
    return {key: property for key, property in proposal.items() if key[0] != FORMER}


def empties_former(proposal: Proposal, key: Key) -> bool:
    """Return whether a former primary contact loses what this field of the relation fed."""
    entity, field = key
    return entity == RELATION and proposal.get((FORMER, field)) == EMPTIED


def changed(before: Proposal, after: Proposal) -> set[Key]:
    """Return the fields whose property differs."""
    return {key for key in before.keys() | after.keys() if before.get(key) != after.get(key)}


def merged(seen: Proposal, chosen: Proposal, now: Proposal) -> dict[Key, str]:
    """Apply to `now` what somebody changed from `seen` to `chosen`; others saved meanwhile."""
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
    """Return the problems by field.

    A saved row whose field or property vanished is no problem: it feeds nothing and may come back.
    """
    known_fields = {(field.entity, field.name): field for field in fields}
    known_properties = {property.name: property for property in properties}
    feeding = mapped(proposal)
    feeders = Counter(feeding.values())
    found = {}
    for key, name in feeding.items():
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


def rows(
    proposal: Proposal,
    fields: Iterable[Field],
    properties: Iterable[Property],
    *,
    region: str = REGION,
) -> list[Row]:
    """Return the rows for planning, without those whose field or property vanished."""
    known = {property.name: property for property in properties if property.name not in NEVER}
    return [
        row(field, known[name], empties_former=empties_former(proposal, key), region=region)
        for field in fields
        if (name := proposal.get(key := (field.entity, field.name))) in known
    ]
