"""An automation that is entered by hand: what it is called here, and its trigger code."""

from __future__ import annotations

from typing import Any

from wtforms import Form, StringField, ValidationError

from spotler_plugin.forms.fields import pasted
from spotler_plugin.translation import gettext as _

LONGEST = 120


class AutomationForm(Form):
    name = StringField(filters=[pasted])
    code = StringField(filters=[pasted])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.name.label.text = _("Naam")
        self.code.label.text = _("Trigger code")

    @property
    def entry(self) -> tuple[str, str]:
        return self.name.data or "", self.code.data or ""

    def validate_name(self, field: StringField) -> None:
        if not field.data:
            raise ValidationError(_("Vul een naam in, bijvoorbeeld die uit Spotler."))
        if len(field.data) > LONGEST or not field.data.isprintable():
            raise ValidationError(_("Kies een kortere naam zonder bijzondere tekens."))

    def validate_code(self, field: StringField) -> None:
        if not field.data:
            raise ValidationError(_("Plak hier de trigger code uit Spotler."))
