"""Forms about privacy: how long things are kept, and a word that confirms an erasure."""

from __future__ import annotations

from typing import Any

from wtforms import IntegerField, StringField, ValidationError
from wtforms.validators import InputRequired, NumberRange

from spotler_plugin.forms import Form
from spotler_plugin.forms.fields import pasted
from spotler_plugin.translation import gettext
from spotler_plugin.translation import lazy_gettext as _

LONGEST_DAYS = 36_500


def _days(label: Any, help: Any, least: int = 1) -> IntegerField:
    wrong = _("Kies %(least)s tot 36.500 dagen.", least=least)
    return IntegerField(
        label,
        [InputRequired(_("Vul een aantal dagen in.")), NumberRange(least, LONGEST_DAYS, wrong)],
        description=help,
        render_kw={"inputmode": "numeric"},
    )


class PeriodsForm(Form):
    acts = _days(
        _("Permissies: wie wat wijzigde (dagen)"),
        _("Zolang de koppeling bestaat, en daarna zo lang. Een afmelding blijft altijd gelden."),
    )
    items = _days(
        _("Contactpersonen bij synchronisaties (dagen)"),
        _("Daarna blijven alleen de aantallen over."),
    )
    images = _days(
        _("Wat een synchronisatie overschreef (dagen)"),
        _("Zo lang kan een synchronisatie ongedaan worden gemaakt."),
    )
    events = _days(
        _("Gebeurtenissen (dagen)"), _("Minstens 7: zo lang kunnen ze nog eens komen."), 7
    )
    previews = _days(_("Voorbeelden van wat er gaat gebeuren (dagen)"), "")
    drifts = _days(_("Verschillen tussen beide kanten (dagen)"), "")

    def validate_images(self, field: Any) -> None:
        if field.data and self.items.data and field.data > self.items.data:
            raise ValidationError(
                _("Dit kan niet langer zijn dan de contactpersonen zelf worden bewaard.")
            )


class ErasureForm(Form):
    word = StringField(
        _("Typ WISSEN om te bevestigen"),
        filters=[pasted],
        render_kw={"autocomplete": "off", "spellcheck": "false"},
    )

    def validate_word(self, field: Any) -> None:
        if (field.data or "").casefold() != gettext("WISSEN").casefold():
            raise ValidationError(_("Typ het woord WISSEN. Er is nog niets gewist."))
