"""The mapping's form: what the screen showed, and which property was chosen for each field."""

from __future__ import annotations

import json
from typing import Any

from werkzeug.datastructures import MultiDict
from wtforms import Field, Form
from wtforms.validators import ValidationError

from spotler_plugin.forms.contact_modal import TypedField
from spotler_plugin.planning.mapping import CONTACT, RELATION
from spotler_plugin.planning.proposal import Key

ENTITIES = (CONTACT, RELATION)


def _pairs(values: list[str]) -> dict[Key, str]:
    """From a list of entity, field and property in JSON."""
    try:
        return {
            (str(entity), str(field)): str(property)
            for entity, field, property in json.loads(values[0])
        }
    except (IndexError, TypeError) as error:
        raise ValueError("not what our page sends") from error


class MappingForm(Form):
    """A select per field, called "contact:first_name"; its value is the property, or nothing."""

    seen = TypedField(_pairs)

    def __init__(self, formdata: MultiDict[str, str], **kwargs: Any) -> None:
        super().__init__(formdata, **kwargs)
        self._given = formdata

    def validate_seen(self, field: Field) -> None:
        if field.data is None:
            raise ValidationError("missing")

    @property
    def chosen(self) -> dict[Key, str]:
        """What was shown, with what was chosen instead; a field that was not sent stays."""
        result: dict[Key, str] = dict(self.seen.data or {})
        for name, property in self._given.items():
            entity, _, field = name.partition(":")
            if entity in ENTITIES and field:
                result[entity, field] = property
        return {key: property for key, property in result.items() if property}
