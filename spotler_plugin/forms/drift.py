"""Which of those who differ, who of them was ticked, and what is compared by itself."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from wtforms import BooleanField, SearchField, SelectField, SelectMultipleField, ValidationError
from wtforms.validators import Length

from spotler_plugin.forms import Form
from spotler_plugin.forms.event import AnyOrOne
from spotler_plugin.forms.fields import LARGEST_ID, SelectChoice, number_up_to, searched
from spotler_plugin.forms.preview import TypedNumberField
from spotler_plugin.forms.run import PageForm
from spotler_plugin.models import DriftKind
from spotler_plugin.translation import lazy_gettext as _
from spotler_plugin.wording.drift import drift_word

LARGEST_THRESHOLD = 1_000_000


class DriftForm(PageForm):
    """Of the list of those who differ."""

    query = SearchField(
        _("Naam, e-mailadres of nummer"),
        validators=[Length(max=320)],
        filters=[searched],
        id="drift-query",
    )
    kind = AnyOrOne(_("Verschil"), DriftKind, drift_word, id="drift-kind")
    property = SelectField(
        _("Spotler-veld"), validators=[Length(max=200)], validate_choice=False, id="drift-property"
    )

    def offer(self, properties: Iterable[tuple[str, str]]) -> None:
        """Let one of these be chosen, each its name and what it is called."""
        self.property.choices = [
            SelectChoice("", _("Alle")),
            *(SelectChoice(name, label) for name, label in properties),
        ]


class TickedForm(DriftForm):
    """Of a choice from that list: the ticked ones, or all that match."""

    item = SelectMultipleField(coerce=number_up_to(LARGEST_ID), validate_choice=False)
    all = BooleanField()


class SettingForm(Form):
    nightly = BooleanField(_("Elke nacht vergelijken"))
    threshold = TypedNumberField(
        _("Melden op het overzicht boven"),
        render_kw={"inputmode": "numeric", "autocomplete": "off"},
    )

    def validate_threshold(self, field: Any) -> None:
        """What is no number reads as none."""
        field.errors = []
        if field.data is None or field.data > LARGEST_THRESHOLD:
            raise ValidationError(_("Vul een aantal in, zoals 10."))
