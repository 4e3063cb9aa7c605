"""The mapping's form: a select for each CRM field, and what the screen showed as saved.

A field of the relation has a checkbox too: whether a former primary contact loses its value.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cached_property
from typing import Any, Self

from flask import request
from wtforms import BooleanField, Field, SelectField, ValidationError
from wtforms.widgets import HiddenInput

from spotler_plugin.forms import Form
from spotler_plugin.forms.fields import Options
from spotler_plugin.planning.mapping import CONTACT, RELATION
from spotler_plugin.planning.proposal import EMPTIED, FORMER, Key, dump, load
from spotler_plugin.storable import storable, storable_json

ENTITIES = (CONTACT, RELATION)


def name_of(key: Key) -> str:
    """What the select of a CRM field is called."""
    return ":".join(key)


def former_name(key: Key) -> str:
    """What the checkbox of a relation's field is called."""
    return name_of((FORMER, key[1]))


def key_of(name: str) -> Key:
    """The CRM field whose select is called so."""
    entity, _, field = name.partition(":")
    return entity, field


def is_select(name: str) -> bool:
    """Whether a CRM field's select can be called so."""
    entity, field = key_of(name)
    return entity in ENTITIES and field != ""


class ProposalField(Field):
    """A mapping in JSON; None is none that our page made."""

    widget = HiddenInput()

    def _value(self) -> str:
        return json.dumps(dump(self.data or {}))

    def process_formdata(self, valuelist: list[Any]) -> None:
        self.data = None
        try:
            # JSON spells characters that the form's own text cannot hold.
            self.data = load(storable_json(json.loads("".join(valuelist[:1]))))
        except RecursionError as error:
            raise ValueError("nested without end") from error


class PropertyField(SelectField):
    """The Spotler property that a CRM field feeds, or ""; its name is "contact:first_name"."""

    widget = Options()

    def __init__(self, refusal: str = "", **kwargs: Any) -> None:
        # Whether a property fits depends on the whole mapping; `refusal` says why it does not.
        super().__init__(validate_choice=False, **kwargs)
        self.refusal = refusal

    @property
    def key(self) -> Key:
        return key_of(self.name)

    def post_validate(self, form: Any, validation_stopped: bool) -> None:
        if self.refusal:
            raise ValidationError(self.refusal)


class FormerField(BooleanField):
    """Whether a former primary contact loses the value; its name is "former:documents"."""

    @property
    def key(self) -> Key:
        return RELATION, key_of(self.name)[1]


class MappingForm(Form):
    seen = ProposalField()

    def validate_seen(self, field: Field) -> None:
        if field.data is None:
            raise ValidationError("missing")

    @classmethod
    def over(cls, fields: Mapping[str, Field]) -> type[Self]:
        """The form with these selects and checkboxes, by their names."""
        return type(cls.__name__, (cls,), dict(fields))

    @classmethod
    def sent(cls) -> Self:
        """What was sent, with a select for whatever it names: a field may have vanished since."""
        names = [storable(name) for name in request.form if is_select(name)]
        keys = [key_of(name) for name in names]
        # One that is not ticked is not sent.
        boxes = {former_name(key): FormerField() for key in keys if key[0] == RELATION}
        return cls.over({**{name: PropertyField() for name in names}, **boxes}).accept()

    @cached_property
    def selects(self) -> dict[Key, PropertyField]:
        return {field.key: field for field in self if isinstance(field, PropertyField)}

    @cached_property
    def boxes(self) -> dict[Key, FormerField]:
        return {field.key: field for field in self if isinstance(field, FormerField)}

    @property
    def places(self) -> list[tuple[str, str]]:
        """What is wrong, each with the id of its select."""
        return [
            (f"{each.label.text}: {error}", each.id)
            for each in self.selects.values()
            for error in each.errors
        ]

    @property
    def chosen(self) -> dict[Key, str]:
        """What was shown, with what was chosen instead; a field that was not sent stays."""
        result: dict[Key, str] = dict(self.seen.data or {})
        for key, select in self.selects.items():
            if select.raw_data:
                result[key] = select.data
            if select.raw_data and key in self.boxes:
                ticked = select.data and self.boxes[key].data
                result[FORMER, key[1]] = EMPTIED if ticked else ""
        return {key: property for key, property in result.items() if property}
