"""An automation that is entered by hand."""

from __future__ import annotations

import pytest

from spotler_plugin.forms.automation import AutomationForm
from tests.forms.sent import errors, sent

CODE = "8f14e45f-ceea-467a-9575-2b7d1c3c1b2a"


def test_what_came_along_around_it_is_left_out() -> None:
    form = sent(AutomationForm, name="\u00a0Welkom\n", code=f"\ufeff {CODE}\r\n")
    assert errors(form) == {} and form.entry == ("Welkom", CODE)


@pytest.mark.parametrize("blank", ["", " \t", "\u200b"])
def test_both_are_needed(blank: str) -> None:
    said = errors(sent(AutomationForm, name=blank, code=blank))
    assert said == {
        "name": ["Vul een naam in, bijvoorbeeld die uit Spotler."],
        "code": ["Plak hier de trigger code uit Spotler."],
    }


@pytest.mark.parametrize("name", ["x" * 121, "a\x00b", "a\nb", "a\u202eb"])
def test_a_name_fits_and_can_be_read(name: str) -> None:
    said = errors(sent(AutomationForm, name=name, code=CODE))
    assert said == {"name": ["Kies een kortere naam zonder bijzondere tekens."]}
