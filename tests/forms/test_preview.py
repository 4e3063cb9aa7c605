"""The number that is typed where the brake applies."""

from __future__ import annotations

from html import unescape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spotler_plugin.forms.preview import ConfirmForm
from tests.forms.sent import errors, sent


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("12", 12), (" 1.234 ", 1234), ("1,234", 1234), ("1\u00a0234", 1234), ("1\u202f234", 1234),
        ("", None), ("een", None), ("-1", None), ("1_000", None), ("\u0661", None), ("1e3", None),
        ("9" * 10, None),
    ],
)  # fmt: skip
def test_a_number_is_taken_as_it_is_read(typed: str, number: int | None) -> None:
    assert sent(ConfirmForm, number=typed).number.data == number


def test_none_is_sent_where_none_is_asked() -> None:
    assert sent(ConfirmForm).number.data is None


@given(st.text())
def test_what_was_typed_is_shown_again(typed: str) -> None:
    form = sent(ConfirmForm, number=typed)
    assert f'value="{typed}"' in unescape(form.number())


def test_another_number_is_refused_at_the_field() -> None:
    form = sent(ConfirmForm, number="een")
    form.refuse()
    assert errors(form) == {"number": ["Dit is niet het aantal dat wordt leeggemaakt."]}
