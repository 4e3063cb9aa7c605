"""A bulk mutation as a person fills it in: a field that is left alone changes nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Self
from uuid import UUID

from wtforms import BooleanField, Field, StringField

from spotler_plugin.forms.adjustment.crm_fields import control_of
from spotler_plugin.forms.adjustment.switches import SwitchesForm, ground_name
from spotler_plugin.forms.preview import ConfirmForm
from spotler_plugin.planning.adjustment import Adjustment, MutableField
from spotler_plugin.planning.values.parse import AMSTERDAM
from spotler_plugin.planning.values.types import FieldType
from spotler_plugin.translation import gettext
from spotler_plugin.translation import lazy_gettext as _


def value_name(field: MutableField) -> str:
    return f"value-{field.id}"


def empty_name(field: MutableField) -> str:
    return f"empty-{field.id}"


def replace_name(field: MutableField) -> str:
    return f"replace-{field.id}"


class MutationForm(SwitchesForm, ConfirmForm):
    preview_id = StringField()
    """The plan that is on the screen."""

    fields: tuple[MutableField, ...] = ()

    @classmethod
    def of(cls, fields: Iterable[MutableField], bits: Iterable[int]) -> type[Self]:
        """The form with controls for each of these fields and permissions."""
        own: dict[str, Any] = {"fields": tuple(fields)}
        for field in own["fields"]:
            own[value_name(field)] = control_of(field)
            own[empty_name(field)] = BooleanField(_("Leegmaken"))
            if field.type is FieldType.KEYWORDS:
                own[replace_name(field)] = BooleanField(_("Alle bestaande trefwoorden vervangen"))
        return type(cls.__name__, (cls.over(bits),), own)

    @property
    def preview(self) -> UUID | None:
        try:
            return UUID(self.preview_id.data or "")
        except ValueError:
            return None

    @property
    def adjustment(self) -> Adjustment:
        changes = {
            field.name: self._value(field) for field in self.fields if self._is_changed(field)
        }
        return Adjustment(
            switches=self.switches,
            automations=tuple(self.automation.data or ()),
            fields=changes,
            replaces_keywords=any(self._replaces(field) for field in self.fields),
        )

    def validate(self, extra_validators: Mapping[str, Any] | None = None) -> bool:
        # Only the brake asks for a number, and judges it.
        self.number.process_errors = []
        valid = bool(super().validate(extra_validators))
        words = [each for each in self.fields if each.type is FieldType.KEYWORDS]
        changed = [each for each in words if self._is_changed(each)]
        replaced = [each for each in changed if self._replaces(each)]
        for field in self.fields:
            control = self[value_name(field)]
            if self[empty_name(field)].data and _is_given(control.data):
                control.errors = [gettext("Kies: een waarde, of leegmaken.")]
                valid = False
            elif field in changed and replaced and field not in replaced:
                control.errors = [gettext("Vervang de trefwoorden van alle velden, of van geen.")]
                valid = False
        return valid

    @property
    def judged(self) -> list[Field]:
        """The controls that can have an error of their own."""
        values = [self[value_name(field)] for field in self.fields]
        return values + [self[ground_name(bit)] for bit in self.bits]

    def _is_changed(self, field: MutableField) -> bool:
        return bool(self[empty_name(field)].data) or _is_given(self[value_name(field)].data)

    def _replaces(self, field: MutableField) -> bool:
        if field.type is not FieldType.KEYWORDS or not self._is_changed(field):
            return False
        return bool(self[empty_name(field)].data or self[replace_name(field)].data)

    def _value(self, field: MutableField) -> Any:
        """In the form of the CRM's API (crm-developer.md §5)."""
        if self[empty_name(field)].data:
            return [] if field.type is FieldType.KEYWORDS else None
        value = self[value_name(field)].data
        if field.type is FieldType.BOOLEAN:
            return value == "yes"
        if field.type is FieldType.DATETIME:
            moment: datetime = value
            return moment.replace(tzinfo=AMSTERDAM).isoformat()
        return value.isoformat() if field.type is FieldType.DATE else value


def _is_given(data: Any) -> bool:
    return data not in (None, "", [])
