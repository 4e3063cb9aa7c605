"""Which acts: by contact, permission, source and days; and from which one on."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from typing import Any

from wtforms import DateField, HiddenField, SearchField, SelectField
from wtforms.validators import Length, Optional, ValidationError

from spotler_plugin.forms import Form
from spotler_plugin.forms.event import AnyOrOne
from spotler_plugin.forms.fields import NumberField, SelectChoice, searched
from spotler_plugin.forms.run import ANY_NUMBER
from spotler_plugin.models import Source
from spotler_plugin.translation import TIME_ZONE
from spotler_plugin.translation import lazy_gettext as _
from spotler_plugin.wording.consent.log import source_word

YEARS = range(2000, 2200)
"""Years that a moment can be made of, whatever the time zone."""
LARGEST_BIT = 2**63 - 1


def _within_years(_form: object, field: Any) -> None:
    if field.data is not None and field.data.year not in YEARS:
        raise ValidationError("out of range")


def _bit(value: str) -> int | None:
    """Turn what was chosen into a permission's bit; raises ValueError."""
    if not value:
        return None
    bit = int(value)
    if not 0 <= bit <= LARGEST_BIT:
        raise ValueError("out of range")
    return bit


class ConsentLogForm(Form):
    """Of the acts."""

    query = SearchField(
        _("Naam, e-mailadres of CRM-nummer"),
        validators=[Length(max=320)],
        filters=[searched],
        id="act-query",
    )
    contact = HiddenField(validators=[Length(max=120)])
    permission = SelectField(
        _("Permissie"), coerce=_bit, validators=[Optional()], validate_choice=False, id="act-bit"
    )
    source = AnyOrOne(_("Geschakeld via"), Source, source_word, id="act-source")
    since = DateField(_("Van"), validators=[Optional(), _within_years], id="act-since")
    until = DateField(_("Tot en met"), validators=[Optional(), _within_years], id="act-until")
    before = NumberField(validators=ANY_NUMBER)
    after = NumberField(validators=ANY_NUMBER)

    def offer(self, permissions: Iterable[tuple[int, str]]) -> None:
        """Let one of these be chosen, each its bit and what it is called."""
        self.permission.choices = [
            SelectChoice("", _("Alle")),
            *(SelectChoice(str(bit), label) for bit, label in permissions),
        ]

    @property
    def contact_id(self) -> str:
        """The one contact that is meant; whoever types a name means somebody else."""
        return "" if self.query.data else self.contact.data or ""

    @property
    def begins(self) -> datetime | None:
        """The first moment that is meant."""
        return _midnight(self.since.data) if self.since.data else None

    @property
    def ends(self) -> datetime | None:
        """The first moment that is not meant any more."""
        return _midnight(self.until.data + timedelta(days=1)) if self.until.data else None


def _midnight(day: date) -> datetime:
    """The beginning of a day in Dutch time."""
    return datetime.combine(day, time.min, TIME_ZONE)
