"""The mapping as its editor shows it: a line per CRM field, with what may be chosen."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from spotler_plugin.models import Environment
from spotler_plugin.planning.mapping import CONTACT, NEVER, RELATION, Field, Property
from spotler_plugin.planning.proposal import (
    Key,
    Problem,
    Proposal,
    empties_former,
    mapped,
    problems,
)
from spotler_plugin.planning.values.types import FieldType, compatible
from spotler_plugin.services.catalogue.fields import crm_fields, person_fields
from spotler_plugin.services.catalogue.properties import account_properties
from spotler_plugin.services.mapping.store import saved_mapping

FEW = 4


@dataclass(frozen=True, slots=True)
class Line:
    """A field, with what it feeds."""

    number: int
    """Position among the fields; element ids on the screen are made of it."""
    field: Field
    saved: str
    """Name of the saved property, or empty."""
    chosen: str
    """Name of the proposed property, or empty."""
    empties_saved: bool
    """Whether a former primary contact loses the value, as saved; of a relation's field."""
    empties_chosen: bool
    """The same, as proposed."""
    problem: Problem | None
    beside: tuple[str, ...]
    """Labels of the other fields that feed the same property, if that is the problem."""
    gone: bool
    """The CRM no longer has the field."""

    @property
    def key(self) -> Key:
        return self.field.entity, self.field.name

    @property
    def is_bare(self) -> bool:
        """It feeds nothing, neither as saved nor as proposed."""
        return not self.saved and not self.chosen


@dataclass(frozen=True, slots=True)
class Choices:
    """Properties that fit a type of field, and those that do not."""

    fit: tuple[Property, ...]
    unfit: tuple[Property, ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    groups: Mapping[str, list[Line]]
    """Entity to lines, mapped ones first."""
    choices: Mapping[FieldType, Choices]
    labels: Mapping[str, str]
    """Property name to label; where two labels are equal, with the name."""
    address: Field | None
    """The address field, which every write includes."""
    saved: Proposal

    def folded(self, entity: str) -> list[Line]:
        """Lines that feed nothing; where they are few, they stay with the others."""
        lines = [line for line in self.groups[entity] if line.is_bare]
        return lines if len(lines) > FEW else []

    @property
    def problems(self) -> int:
        return sum(line.problem is not None for lines in self.groups.values() for line in lines)


def sheet(environment: Environment, chosen: Proposal | None = None) -> Sheet:
    """Return what the editor shows; `chosen` is a proposal instead of the saved mapping."""
    saved = saved_mapping(environment.id)
    chosen = saved if chosen is None else chosen
    feeds = mapped(saved).keys() | mapped(chosen).keys()
    fields = crm_fields(environment.id)
    properties = [each for each in account_properties(environment.id) if each.name not in NEVER]
    address = person_fields(environment.id).address
    wrong = problems(chosen, saved, fields, properties)
    known = {(field.entity, field.name) for field in fields}
    vanished = [
        Field(entity, name, name, FieldType.UNKNOWN) for entity, name in sorted(feeds - known)
    ]
    names = {(field.entity, field.name): field.label for field in (*fields, *vanished)}
    lines = [
        Line(
            number=number,
            field=field,
            saved=saved.get(key, ""),
            chosen=chosen.get(key, ""),
            empties_saved=empties_former(saved, key),
            empties_chosen=empties_former(chosen, key),
            problem=wrong.get(key),
            beside=_beside(key, chosen, names) if wrong.get(key) is Problem.DOUBLED else (),
            gone=key not in known,
        )
        for number, field in enumerate((*fields, *vanished))
        if (key := (field.entity, field.name)) in feeds or key != (CONTACT, address)
    ]
    lines.sort(key=lambda line: not line.saved)
    return Sheet(
        groups={
            entity: [line for line in lines if line.field.entity == entity]
            for entity in (CONTACT, RELATION)
        },
        choices={type_: _choices(type_, properties) for type_ in {f.field.type for f in lines}},
        labels=_labels(properties),
        address=next((f for f in fields if (f.entity, f.name) == (CONTACT, address)), None),
        saved=saved,
    )


def _beside(key: Key, chosen: Proposal, names: Mapping[Key, str]) -> tuple[str, ...]:
    return tuple(
        names[other]
        for other, name in mapped(chosen).items()
        if name == chosen[key] and other != key
    )


def _labels(properties: Iterable[Property]) -> dict[str, str]:
    called = Counter(each.description for each in properties)
    return {
        each.name: each.description
        if called[each.description] == 1
        else f"{each.description} ({each.name})"
        for each in properties
    }


def _choices(type_: FieldType, properties: list[Property]) -> Choices:
    fit = tuple(each for each in properties if compatible(type_, each.type))
    return Choices(fit, tuple(each for each in properties if each not in fit))
