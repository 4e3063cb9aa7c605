"""Key and secret, as they are pasted: with blanks, line ends and invisible characters around."""

from __future__ import annotations

import re

from wtforms import Form, PasswordField, StringField, ValidationError

from spotler_plugin.forms.fields import pasted
from spotler_plugin.translation import gettext as _

LONGEST = 255


class ConnectionForm(Form):
    """What Spotler shows at Instellingen › Integraties; never filled in by us."""

    key = StringField("Authentication key", filters=[pasted])
    secret = PasswordField("Authentication secret", filters=[pasted])

    @property
    def pair(self) -> tuple[str, str]:
        return self.key.data or "", self.secret.data or ""

    def validate_key(self, field: StringField) -> None:
        _check(field.data, _("Plak hier de key uit Spotler."))

    def validate_secret(self, field: PasswordField) -> None:
        _check(field.data, _("Plak hier de secret uit Spotler."))


def _check(value: str | None, missing: str) -> None:
    """Only what cannot be one is refused here; whether it is one, Spotler says."""
    if not value:
        raise ValidationError(missing)
    if len(value) > LONGEST:
        raise ValidationError(_("Dit is te lang. Plak alleen de waarde zelf."))
    if not re.fullmatch(r"[\x21-\x7e]+", value):
        raise ValidationError(
            _("Hier staan geen spaties of bijzondere tekens in. Plak alleen de waarde zelf.")
        )
