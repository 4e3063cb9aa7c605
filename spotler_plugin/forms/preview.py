"""Agreeing with a preview, where the brake asks for a number; and whom to list of one."""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from wtforms import HiddenField, IntegerField
from wtforms.validators import Optional
from wtforms.widgets import TextInput

from spotler_plugin.forms import Form
from spotler_plugin.forms.fields import EnumField, NumberField
from spotler_plugin.forms.run import ANY_NUMBER
from spotler_plugin.models import Figure
from spotler_plugin.planning.reason import Reason
from spotler_plugin.planning.tally import Started, Switched
from spotler_plugin.translation import lazy_gettext as _

ENDS: dict[Figure, type[StrEnum]] = {
    Figure.REFUSED: Reason,
    Figure.SWITCHED: Switched,
    Figure.STARTED: Started,
}
"""Of the numbers that are told by what becomes of their subject: what that can be."""
NUMBERED = (Figure.SWITCHED, Figure.STARTED)
"""Numbers whose subject has one."""


class TypedNumberField(IntegerField):
    """A number as it is read: "1.234" and "1 234" count; None is no number."""

    # A number input would take no separators.
    widget = TextInput()

    def process_formdata(self, valuelist: list[Any]) -> None:
        bare = re.sub(r"[.,\s\u00a0\u202f]", "", "".join(valuelist[:1]))
        if not re.fullmatch("[0-9]{1,9}", bare):
            raise ValueError("no number")
        super().process_formdata([bare])


class ConfirmForm(Form):
    number = TypedNumberField(
        _("Aantal dat wordt leeggemaakt"),
        render_kw={"inputmode": "numeric", "autocomplete": "off", "required": True},
    )

    def refuse(self) -> None:
        """It is not the number that was asked for; where none is, it does not matter."""
        self.number.errors = [_("Dit is niet het aantal dat wordt leeggemaakt.")]


class PeopleForm(Form):
    """Whom to list of a plan: who is left out for a reason, or who is behind a number."""

    reason = EnumField(Reason, validators=[Optional()])
    figure = EnumField(Figure, validators=[Optional()])
    subject = HiddenField()
    end = HiddenField()
    page = NumberField(validators=ANY_NUMBER)

    def validate(self, extra_validators: Mapping[str, Any] | None = None) -> bool:
        return bool(super().validate(extra_validators)) and self._is_whole()

    def _is_whole(self) -> bool:
        figure = self.figure.data
        if figure is None:
            return self.reason.data is not None
        ends = [each.value for each in ENDS[figure]] if figure in ENDS else ["", None]
        numbered = re.fullmatch("[0-9]{1,18}", self.subject.data or "", re.ASCII)
        return self.end.data in ends and (figure not in NUMBERED or numbered is not None)
