"""What an answer means whoever gives it; the tables of statuses are each client's own."""

from __future__ import annotations

import pickle
from datetime import UTC, datetime
from typing import Any

import pytest
import responses
import time_machine
from hypothesis import example, given
from hypothesis import strategies as st

from spotler_plugin.rest.errors import Decision, RestError
from spotler_plugin.rest.shapes import LONGEST_WAIT, retry_after
from tests.rest.conftest import BASE
from tests.rest.sides import Side

DATES = st.builds(
    "{}, {} {} {} {}:{}:{} {}".format,
    st.sampled_from(["Mon", "x"]),
    st.integers(-1, 40),
    st.sampled_from(["Nov", "Feb", "x"]),
    st.integers(-1, 10**10),
    st.integers(-1, 25),
    st.integers(-1, 61),
    st.integers(-1, 61),
    st.sampled_from(["GMT", "", "x"]) | st.integers(-(10**20), 10**20).map("{:+05}".format),
)


@pytest.mark.parametrize("body", ["<html>Onderhoud</html>", '{"paging": {"aft', "[" * 100_000])
def test_unreadable_answers(
    side: Side, client: Any, wire: responses.RequestsMock, body: str
) -> None:
    wire.get(f"{BASE}/{side.read_path}", body=body)
    wire.add(side.write_method, f"{BASE}/{side.path_to('alice')}", body=body)
    with pytest.raises(side.error) as read:
        side.read(client)
    assert type(read.value) is side.invalid
    assert (read.value.decision, read.value.status) == (Decision.RETRYABLE, 200)
    with pytest.raises(side.error) as written:
        side.write(client, "alice")
    assert type(written.value) is side.unknown
    assert (written.value.decision, written.value.status) == (Decision.UNKNOWN, 200)


def test_no_content_is_success(side: Side, client: Any, wire: responses.RequestsMock) -> None:
    wire.add(side.write_method, f"{BASE}/{side.path_to('alice')}", status=204)
    assert side.write(client, "alice") is True


def test_a_redirect_is_not_followed(side: Side, client: Any, wire: responses.RequestsMock) -> None:
    away = {"Location": "https://evil.test/"}
    wire.get(f"{BASE}/{side.read_path}", status=302, headers=away)
    wire.add(side.write_method, f"{BASE}/{side.path_to('alice')}", status=307, headers=away)
    with pytest.raises(side.invalid):
        side.read(client)
    with pytest.raises(side.unknown):
        side.write(client, "alice")
    assert len(wire.calls) == 2


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("7", 7.0),
        (" 0 ", 0.0),
        ("999999999", 900.0),
        ("Mon, 23 Nov 2026 12:00:30 GMT", 30.0),
        ("Mon, 23 Nov 2026 11:00:00 GMT", 0.0),
        ("Mon, 23 Nov 2026 13:00:30 +0100", 30.0),
        ("Mon, 23 Nov 99999999999 12:00:30 GMT", None),
        ("Mon, 23 Nov 2026 12:00:30 +99999999999999999", None),
        ("Mon, 23 Nov 2026 12:00:30 +9999", None),
        ("Fri, 31 Dec 9999 23:59:59 -2359", 900.0),
        ("Sat, 01 Jan 0001 00:00:00 +2359", 0.0),
        ("soon", None),
        ("-3", None),
        ("1e3", None),
        ("", None),
        (None, None),
    ],
)
@pytest.mark.parametrize("status", [429, 503])
@time_machine.travel(datetime(2026, 11, 23, 12, tzinfo=UTC), tick=False)
def test_retry_after(
    side: Side,
    client: Any,
    wire: responses.RequestsMock,
    status: int,
    header: str | None,
    seconds: float | None,
) -> None:
    headers = {} if header is None else {"Retry-After": header}
    wire.get(f"{BASE}/{side.read_path}", status=status, headers=headers)
    with pytest.raises(side.error) as caught:
        side.read(client)
    assert caught.value.status == status
    assert caught.value.retry_after == seconds


@given(st.text(st.characters(max_codepoint=255)) | DATES)
@example("Mon, 1 Jan 0001 00:00:00 +2359")
def test_whatever_it_says_the_wait_is_bounded(told: str) -> None:
    seconds = retry_after(told)
    assert seconds is None or 0 <= seconds <= LONGEST_WAIT


def test_an_error_survives_a_queue(side: Side) -> None:
    error = pickle.loads(pickle.dumps(side.limited("m", status=429, retry_after=3.0)))
    assert (type(error), error.status, error.retry_after) == (side.limited, 429, 3.0)
    assert str(side.unknown("POST contact: 401")) == "POST contact: 401"


def test_each_tree_has_its_own_errors(side: Side) -> None:
    for kind in (side.unavailable, side.unknown, side.invalid, side.limited):
        assert kind.__mro__[1:3] == (side.error, RestError)
