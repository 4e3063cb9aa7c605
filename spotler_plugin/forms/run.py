"""Which contacts of a run: by outcome, cause, words, or one of them; and which page."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import TypeVar

from wtforms import BooleanField, Form, StringField
from wtforms.validators import Length

from spotler_plugin.forms.contact_modal import LARGEST_ID, TypedField
from spotler_plugin.models import Outcome
from spotler_plugin.planning.reason import Reason

Choice = TypeVar("Choice", bound=StrEnum)


def _one_of(enum: type[Choice]) -> Callable[[list[str]], Choice | None]:
    return lambda values: enum(values[0]) if values and values[0] else None


def _number(values: list[str]) -> int | None:
    if not values or not values[0]:
        return None
    number = int(values[0])
    if not 0 < number <= LARGEST_ID:
        raise ValueError("out of range")
    return number


def _stripped(value: str | None) -> str:
    return (value or "").strip()


class RunsForm(Form):
    """Of the list of runs."""

    page = TypedField(_number)
    single = BooleanField()
    """Also runs of one contact."""


class ItemsForm(Form):
    """Of the contacts of a run."""

    outcome = TypedField(_one_of(Outcome))
    reason = TypedField(_one_of(Reason))
    message = StringField(filters=[_stripped], validators=[Length(max=2000)])
    query = StringField(filters=[_stripped], validators=[Length(max=320)])
    item = TypedField(_number)
    page = TypedField(_number)
