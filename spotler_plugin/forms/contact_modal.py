"""The modal's form: which switches it showed, which are on now, hence what was changed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from wtforms import BooleanField, Field, Form
from wtforms.validators import ValidationError

LARGEST_ID = 2**31 - 1
LARGEST_BIT = 2**63 - 1


class TypedField(Field):
    """A hidden or repeated value that our own page made; if it cannot be read, it was not ours."""

    def __init__(self, convert: Callable[[list[str]], Any], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.convert = convert

    def process_formdata(self, valuelist: list[Any]) -> None:
        self.data = self.convert(valuelist)


def _numbers(largest: int) -> Callable[[list[str]], list[int]]:
    def convert(values: list[str]) -> list[int]:
        numbers = [int(value) for value in values]
        if any(not 0 < number <= largest for number in numbers):
            raise ValueError("out of range")
        return numbers

    return convert


def _uuid(values: list[str]) -> UUID | None:
    return UUID(values[0]) if values else None


def _seen(values: list[str]) -> dict[int, bool]:
    """From "bit:0" and "bit:1"."""
    pairs = [value.split(":") for value in values]
    return {int(bit): state == "1" for bit, state in pairs}


class ContactForm(Form):
    request_token = TypedField(_uuid)
    permission = TypedField(_numbers(LARGEST_BIT))
    """The bits whose switch is on."""
    seen = TypedField(_seen)
    """What the screen showed, of the switches that could be changed."""
    automation = TypedField(_numbers(LARGEST_ID))
    take_over = BooleanField()

    def validate_request_token(self, field: Field) -> None:
        if field.data is None:
            raise ValidationError("missing")

    def changed_permissions(self) -> dict[int, bool]:
        """Only what was changed on this screen: absence never means off."""
        on = set(self.permission.data or ())
        return {
            bit: bit in on
            for bit, was_on in (self.seen.data or {}).items()
            if (bit in on) != was_on
        }


class DecisionForm(Form):
    """A person looked in Spotler whether an automation was started."""

    request_token = TypedField(_uuid)
    decision = Field()

    validate_request_token = ContactForm.validate_request_token

    def validate_decision(self, field: Field) -> None:
        if field.data not in ("started", "again"):
            raise ValidationError("unknown")
