"""Controls for fields of the CRM, by their type (crm-developer.md §5)."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from wtforms import (
    DateField,
    DateTimeLocalField,
    Field,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import Length, Optional

from spotler_plugin.forms.fields import SelectChoice, pasted
from spotler_plugin.planning.adjustment import NOTE, MutableField
from spotler_plugin.planning.values.types import FieldType
from spotler_plugin.translation import gettext
from spotler_plugin.translation import lazy_gettext as _

LONGEST = 2000
TOO_LONG = _("Hooguit 2000 tekens.")
LARGEST = 2**53 - 1
"""What any JSON reader holds exactly."""


class WholeField(StringField):
    """A whole number."""

    data: Any

    def process_formdata(self, valuelist: list[Any]) -> None:
        given = pasted("".join(valuelist[:1]))
        bare = re.sub(r"[.\s\u00a0\u202f]", "", given)
        if given and (not re.fullmatch(r"-?[0-9]{1,16}", bare) or abs(int(bare)) > LARGEST):
            raise ValueError(gettext("Vul een geheel getal in."))
        self.data = int(bare) if given else None


class AmountField(StringField):
    """An amount of money as it is written here: 1.234,56."""

    def process_formdata(self, valuelist: list[Any]) -> None:
        given = pasted("".join(valuelist[:1]))
        bare = re.sub(r"[.\s\u00a0\u202f€]", "", given).replace(",", ".")
        if given and not re.fullmatch(r"-?[0-9]{1,12}(\.[0-9]{1,2})?", bare):
            raise ValueError(gettext("Vul een bedrag in, zoals 1.234,56."))
        self.data = str(Decimal(bare)) if given else None


class WordsField(StringField):
    """Keywords, with commas between them."""

    data: Any

    def process_formdata(self, valuelist: list[Any]) -> None:
        words = (pasted(word) for word in "".join(valuelist[:1]).split(","))
        self.data = list(dict.fromkeys(word for word in words if word))

    def _value(self) -> str:
        return ", ".join(self.data or ())


def control_of(field: MutableField) -> Field:
    """The control of a field; left alone it is empty."""
    made = _CONTROLS.get(field.type)
    if made is not None:
        return made(field)
    kind = TextAreaField if field.name == NOTE else StringField
    rows = {"rows": 2} if field.name == NOTE else {}
    return kind(field.label, [Length(max=LONGEST, message=TOO_LONG)], filters=[pasted],
                render_kw={"maxlength": LONGEST, **rows})  # fmt: skip


def _select(field: MutableField) -> Field:
    offered = [SelectChoice(value, label) for value, label in field.choices]
    return SelectField(
        field.label,
        choices=[SelectChoice("", _("ongewijzigd")), *offered],
        default="",
    )


def _yes_or_no(field: MutableField) -> Field:
    choices = [
        SelectChoice("", _("ongewijzigd")),
        SelectChoice("yes", _("ja")),
        SelectChoice("no", _("nee")),
    ]
    return SelectField(field.label, choices=choices, default="")


def _keywords(field: MutableField) -> Field:
    if field.choices:
        offered = [SelectChoice(value, label) for value, label in field.choices]
        return SelectMultipleField(field.label, choices=offered)
    return WordsField(field.label, description=_("Meer dan één: zet er een komma tussen."))


_CONTROLS: Mapping[FieldType, Callable[[MutableField], Field]] = {
    FieldType.DATE: lambda field: DateField(field.label, [Optional()]),
    FieldType.DATETIME: lambda field: DateTimeLocalField(field.label, [Optional()]),
    FieldType.BOOLEAN: _yes_or_no,
    FieldType.INTEGER: lambda field: WholeField(field.label, render_kw={"inputmode": "numeric"}),
    FieldType.MONEY: lambda field: AmountField(field.label, render_kw={"inputmode": "decimal"}),
    FieldType.CHOICE: _select,
    FieldType.GENDER: _select,
    FieldType.KEYWORDS: _keywords,
}
"""Text, telephone and postcode are texts: the CRM says what does not fit."""
