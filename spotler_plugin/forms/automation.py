"""An automation that is entered by hand: what it is called here, and its trigger code."""

from __future__ import annotations

from wtforms import StringField, ValidationError
from wtforms.validators import DataRequired

from spotler_plugin.forms import Form
from spotler_plugin.forms.fields import pasted
from spotler_plugin.storable import REPLACED
from spotler_plugin.translation import lazy_gettext as _

LONGEST = 120


class AutomationForm(Form):
    name = StringField(
        _("Naam"),
        [DataRequired(_("Vul een naam in, bijvoorbeeld die uit Spotler."))],
        filters=[pasted],
    )
    code = StringField(
        _("Trigger code"),
        [DataRequired(_("Plak hier de trigger code uit Spotler."))],
        filters=[pasted],
        description=_("Staat in Spotler bij het blok ‘externe trigger’ van de automation."),
        render_kw={"spellcheck": "false"},
    )

    @property
    def entry(self) -> tuple[str, str]:
        """What to call it, and its code."""
        return self.name.data or "", self.code.data or ""

    def validate_name(self, field: StringField) -> None:
        name = field.data or ""
        if len(name) > LONGEST or not name.isprintable() or REPLACED in name:
            raise ValidationError(_("Kies een kortere naam zonder bijzondere tekens."))
