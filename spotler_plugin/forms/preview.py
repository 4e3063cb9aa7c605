"""Agreeing with a preview: where the brake applies, the number is typed in."""

from __future__ import annotations

import re
from typing import Any

from wtforms import IntegerField
from wtforms.widgets import TextInput

from spotler_plugin.forms import Form
from spotler_plugin.translation import lazy_gettext as _


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
