"""Key and secret, as they are pasted, with blanks, line ends and invisible characters around; and
what else is chosen on the settings screen."""

from __future__ import annotations

import re
from enum import StrEnum

from wtforms import BooleanField, PasswordField, StringField, ValidationError
from wtforms.validators import DataRequired, Optional

from spotler_plugin.forms import Form
from spotler_plugin.forms.fields import EnumField, pasted
from spotler_plugin.translation import lazy_gettext as _

LONGEST = 255
UNREMEMBERED = {"autocomplete": "off", "spellcheck": "false", "autocapitalize": "off"}
"""By the browser; nor are they ever filled in by us."""


def may_be_one(_form: ConnectionForm, field: StringField) -> None:
    """Refuse only what cannot be a key; whether it is one, Spotler says."""
    value = field.data or ""
    if len(value) > LONGEST:
        raise ValidationError(_("Dit is te lang. Plak alleen de waarde zelf."))
    if not re.fullmatch(r"[\x21-\x7e]+", value):
        raise ValidationError(
            _("Hier staan geen spaties of bijzondere tekens in. Plak alleen de waarde zelf.")
        )


class AgainForm(Form):
    """Whether a person may switch on what a contact signed off from."""

    allowed = BooleanField(
        _("Medewerkers mogen een permissie weer aanzetten voor wie zich heeft afgemeld"),
        id="again-allowed",
    )


class ConnectionForm(Form):
    """What Spotler shows at Instellingen › Integraties."""

    key = StringField(
        "Authentication key",
        [DataRequired(_("Plak hier de key uit Spotler.")), may_be_one],
        filters=[pasted],
        render_kw=UNREMEMBERED,
    )
    secret = PasswordField(
        "Authentication secret",
        [DataRequired(_("Plak hier de secret uit Spotler.")), may_be_one],
        filters=[pasted],
        render_kw=UNREMEMBERED,
    )

    @property
    def pair(self) -> tuple[str, str]:
        """Key and secret."""
        return self.key.data or "", self.secret.data or ""


class Step(StrEnum):
    """The steps of the first day, in their order."""

    KEY = "key"
    FOUND = "found"
    MAPPING = "mapping"
    LINK = "link"
    DONE = "done"


class StepForm(Form):
    """Which of them is looked at."""

    step = EnumField(Step, validators=[Optional()])
