"""What a backup holds of each contact, under the names that it had when the backup was made."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from spotler_plugin.planning.backup.contact import BackedUp, is_set
from spotler_plugin.planning.values.types import PropertyType


class Form(StrEnum):
    """How the values of a property stand in JSON."""

    TEXT = "text"
    NUMBER = "number"
    SET = "set"
    MIXED = "mixed"
    """More than one of them, or something else."""


@dataclass(frozen=True, slots=True)
class Column:
    """One property."""

    name: str
    label: str
    type: PropertyType = PropertyType.UNKNOWN
    form: Form = Form.TEXT
    bits: Mapping[int, str] = field(default_factory=dict)
    """Labels of a set's entries."""

    def to_json(self) -> list[Any]:
        bits = {str(bit): label for bit, label in self.bits.items()}
        return [self.name, self.label, self.type.value, self.form.value, bits]

    @classmethod
    def from_json(cls, kept: Iterable[Any]) -> Column:
        name, label, type_, form, bits = kept
        labels = {int(bit): text for bit, text in bits.items()}
        return cls(name, label, PropertyType(type_), Form(form), labels)


@dataclass(frozen=True, slots=True)
class Layout:
    """The properties and permissions that a backup covers: of others it says nothing."""

    columns: tuple[Column, ...] = ()
    permissions: Mapping[int, str] = field(default_factory=dict)
    """Labels by bit."""

    @property
    def names(self) -> frozenset[str]:
        """The properties that the backup covers: one that a contact lacks was empty."""
        return frozenset(each.name for each in self.columns)

    def widened(self, contacts: Iterable[BackedUp]) -> Layout:
        """Return the layout with what these contacts have and no catalogue names."""
        columns = {each.name: each for each in self.columns}
        permissions = dict(self.permissions)
        for contact in contacts:
            for bit in contact.permissions:
                permissions.setdefault(bit, str(bit))
            for name, value in contact.properties.items():
                known = columns.get(name) or Column(name, name, form=_form(value))
                columns[name] = _fitted(known, value)
        same = columns == {each.name: each for each in self.columns}
        if same and permissions == self.permissions:
            return self
        return Layout(tuple(columns.values()), permissions)

    def to_json(self) -> dict[str, Any]:
        return {
            "columns": [each.to_json() for each in self.columns],
            "permissions": [[bit, label] for bit, label in self.permissions.items()],
        }

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> Layout:
        return cls(
            tuple(Column.from_json(each) for each in kept["columns"]),
            {bit: label for bit, label in kept["permissions"]},
        )


def usual_form(type_: PropertyType) -> Form:
    """Return how values of a type stand in JSON, as far as is known (spotler-api.md §3)."""
    match type_:
        case PropertyType.SET:
            return Form.SET
        case PropertyType.INT:
            return Form.NUMBER
        case _:
            return Form.TEXT


def _fitted(column: Column, value: Any) -> Column:
    """Return the column with room for a value."""
    form = _form(value)
    if form is not column.form:
        return column if column.form is Form.MIXED else replace(column, form=Form.MIXED)
    if form is Form.SET and not value.keys() <= column.bits.keys():
        more = {bit: str(bit) for bit in value if bit not in column.bits}
        return replace(column, bits={**column.bits, **more})
    return column


def _form(value: Any) -> Form:
    if isinstance(value, str):
        return Form.TEXT
    if isinstance(value, int | float) and not isinstance(value, bool):
        return Form.NUMBER
    return Form.SET if is_set(value) else Form.MIXED
