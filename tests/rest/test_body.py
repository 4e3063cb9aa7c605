"""The JSON of answers: what is odd in it is made storable, what is too much is refused."""

from __future__ import annotations

import json
from typing import Any

import pytest
import responses
from hypothesis import given
from hypothesis import strategies as st

from spotler_plugin.rest.body import MOST_VALUES, read_json
from spotler_plugin.storable import storable_json
from tests.rest.conftest import BASE
from tests.rest.sides import Side


@pytest.mark.parametrize(
    ("body", "value"),
    [
        (rb'["\ud83d"]', ["\ufffd"]),
        (rb'["\uD83D\uDE00"]', ["\U0001f600"]),
        (rb'["\ud83d\u0041"]', ["\ufffdA"]),
        (rb'{"a\u0000b": "\u0000"}', {"a\ufffdb": "\ufffd"}),
        (rb'["\\u0000"]', ["\\u0000"]),
        (b'["\xed\xa0\xbd"]', ["\ufffd\ufffd\ufffd"]),
        (b'["\xff"]', ["\ufffd"]),
        ('["Zo\u00eb"]'.encode(), ["Zo\u00eb"]),
        ('\ufeff["a"]'.encode(), ["a"]),
        ('["a"]'.encode("utf-16"), ["a"]),
        (b"[NaN, Infinity, -Infinity, 1e999, -1e999, 1.5]",
         ["NaN", "Infinity", "-Infinity", "1e999", "-1e999", 1.5]),
        (b"[" + b"9" * 5000 + b", 7]", ["9" * 5000, 7]),
    ],
)  # fmt: skip
def test_what_no_database_keeps(body: bytes, value: Any) -> None:
    assert read_json(body) == value


@given(
    st.lists(
        st.sampled_from(["\\ud83d", "\\uDE00", "\\u0000", "\\\\", "\\u0041", "u", "d83d", "a"])
    )
)
def test_escapes_in_any_order(pieces: list[str]) -> None:
    body = f'["{"".join(pieces)}"]'
    assert read_json(body.encode()) == storable_json(json.loads(body))


@pytest.mark.parametrize("piece", [b"{},", b"[],", b'{"a":1},', b"1000,", b'"ab",'])
def test_more_values_than_any_answer_of_use(
    side: Side, client: Any, wire: responses.RequestsMock, piece: bytes
) -> None:
    body = b"[" + piece * MOST_VALUES + b"0]"
    wire.get(f"{BASE}/{side.read_path}", body=body)
    with pytest.raises(side.invalid):
        side.read(client)
