"""What the text of others may hold, and what becomes of it."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spotler_plugin.storable import storable, storable_json


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("Zoë 😀", "Zoë 😀"),
        ("half \ud83d", "half \ufffd"),
        ("\ude00\ud83d", "\ufffd\ufffd"),
        ("a\x00b", "a\ufffdb"),
        ("", ""),
    ],
)
def test_storable(given: str, kept: str) -> None:
    assert storable(given) == kept


@given(st.text(st.characters()))
def test_whatever_it_was_utf_8_has_bytes_for_it(text: str) -> None:
    kept = storable(text)
    assert "\x00" not in kept and len(kept) == len(text)
    assert kept.encode().decode() == kept


def test_keys_and_depths() -> None:
    value = {"\x00": [{"a": ["\ud83d", 1, None, True]}]}
    assert storable_json(value) == {"\ufffd": [{"a": ["\ufffd", 1, None, True]}]}
    assert json.dumps(storable_json(value), ensure_ascii=False).encode()
