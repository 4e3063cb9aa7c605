"""Key and secret, as they are pasted."""

from __future__ import annotations

import pytest

from spotler_plugin.forms.connection import ConnectionForm
from tests.forms.sent import errors, sent

CHARACTERS = "Hier staan geen spaties of bijzondere tekens in. Plak alleen de waarde zelf."


def test_what_came_along_around_them_is_left_out() -> None:
    form = sent(ConnectionForm, key=" key\u2060\n", secret="\u00a0s3cr3t!\t")
    assert errors(form) == {} and form.pair == ("key", "s3cr3t!")


def test_both_are_needed_and_told_apart() -> None:
    assert errors(sent(ConnectionForm, key="", secret="\u200b")) == {
        "key": ["Plak hier de key uit Spotler."],
        "secret": ["Plak hier de secret uit Spotler."],
    }


@pytest.mark.parametrize(
    ("key", "said"),
    [
        ("x" * 256, "Dit is te lang. Plak alleen de waarde zelf."),
        ("two words", CHARACTERS),
        ("k\u00e9y", CHARACTERS),
        ("a\x00b", CHARACTERS),
    ],
)
def test_what_cannot_be_a_key_is_refused(key: str, said: str) -> None:
    assert errors(sent(ConnectionForm, key=key, secret="s")) == {"key": [said]}


def test_neither_is_ever_sent_back() -> None:
    form = sent(ConnectionForm, key="", secret="s3cr3t")
    assert "s3cr3t" not in form.secret()
