"""Fields of several forms: texts, numbers and enums as our pages send them; and a select."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import Any

from markupsafe import Markup, escape
from wtforms import IntegerField, SelectField
from wtforms.fields import choices
from wtforms.widgets import HiddenInput, html_params

LARGEST_ID = 2**31 - 1

# New in WTForms 3.3, and not yet among its types.
SelectChoice: Any = choices.SelectChoice  # type: ignore[attr-defined]


def pasted(value: str | None) -> str:
    """Without blanks, line ends and invisible characters at both ends."""
    return (value or "").strip(" \t\r\n\v\f\x00\u00a0\u200b\u200c\u200d\u2060\ufeff")


def searched(value: str | None) -> str:
    """Without blanks at both ends."""
    return (value or "").strip()


def number_up_to(largest: int) -> Callable[[str], int]:
    """Turn a string into a number from 1; raises ValueError."""

    def convert(value: str) -> int:
        number = int(value)
        if not 0 < number <= largest:
            raise ValueError("out of range")
        return number

    return convert


class NumberField(IntegerField):
    """A number that a page of ours sends along; None where it sends nothing."""

    widget = HiddenInput()

    def process_formdata(self, valuelist: list[Any]) -> None:
        super().process_formdata(valuelist)
        # NumberRange asks whether it is a float's NaN, and fails on what no float can hold.
        if self.data is not None and abs(self.data) > LARGEST_ID:
            self.data = None
            raise ValueError("out of range")


class EnumField(SelectField):
    """One of an enum, which a page of ours sends along; None where it sends nothing."""

    widget = HiddenInput()

    def __init__(self, enum: type[StrEnum], **kwargs: Any) -> None:
        offered = [SelectChoice(each.value) for each in enum]
        super().__init__(coerce=enum, choices=offered, **kwargs)

    def _value(self) -> str:
        return self.data or ""


class Options:
    """A select with its options.

    WTForms' own widget takes five times as long, which is seen where there are thousands.
    """

    def __call__(self, field: SelectField, **kwargs: object) -> Markup:
        attributes = html_params(**{"id": field.id, "name": field.name, **kwargs})
        html = [f"<select {attributes}>"]
        for group, offered in field.iter_groups():
            options = "".join(_option(choice) for choice in offered)
            html.append(
                options
                if group is None
                else f'<optgroup label="{escape(group)}">{options}</optgroup>'
            )
        return Markup("".join([*html, "</select>"]))


def _option(choice: Any) -> str:
    if choice.render_kw.get("disabled"):
        return f"<option disabled>{escape(choice.label)}</option>"
    selected = " selected" if choice.selected else ""
    return f'<option value="{escape(choice.value)}"{selected}>{escape(choice.label)}</option>'
