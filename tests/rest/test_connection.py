"""What the network does: nobody there, no answer, half an answer, a connection that breaks."""

from __future__ import annotations

import traceback
from pathlib import Path
from typing import Any

import pytest
import requests
import responses

from spotler_plugin.rest import transport as transport_module
from tests.rest.conftest import BASE
from tests.rest.line import Line, free_port_url
from tests.rest.sides import Side
from tests.rest.stranger import Stranger

OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
HALF = OK + b"Content-Length: 500\r\n\r\n" + b'[{"name": '


def test_nobody_listens(side: Side) -> None:
    with pytest.raises(side.error) as caught:
        side.write(side.at(free_port_url()), "alice")
    assert type(caught.value) is side.unavailable
    assert caught.value.status is None


@pytest.mark.parametrize("url", ["http://nowhere.invalid/x", "http://127.0.0.1:port/x"])
def test_a_host_that_is_none(side: Side, url: str) -> None:
    with pytest.raises(side.unavailable):
        side.write(side.at(url), "alice")


def test_no_connection_in_time(side: Side, client: Any, wire: responses.RequestsMock) -> None:
    url = f"{BASE}/{side.path_to('alice')}"
    wire.add(side.write_method, url, body=requests.ConnectTimeout())
    with pytest.raises(side.unavailable):
        side.write(client, "alice")


def test_a_certificate_that_nobody_vouches_for(side: Side, tmp_path: Path) -> None:
    with Stranger(tmp_path) as line, pytest.raises(side.unavailable):
        side.write(side.at(line.url), "alice")
    assert line.received == b""


def test_no_answer_in_time(side: Side) -> None:
    with Line(None) as line, pytest.raises(side.unknown, match="in time"):
        side.write(side.at(line.url), "alice")
    assert side.path_to("alice").encode() in line.received


def test_dropped_before_the_answer(side: Side) -> None:
    # The line takes one connection: a second attempt would end as "no answer in time".
    with Line(b"") as line, pytest.raises(side.unknown, match="broke"):
        side.read(side.at(line.url))
    with Line(b"") as line, pytest.raises(side.unknown, match="broke"):
        side.write(side.at(line.url), "alice")


def test_dropped_within_the_answer(side: Side) -> None:
    with Line(HALF) as line, pytest.raises(side.invalid):
        side.read(side.at(line.url))
    with Line(HALF) as line, pytest.raises(side.unknown):
        side.write(side.at(line.url), "alice")


def test_an_error_without_its_body_is_still_that_error(side: Side) -> None:
    half = b"HTTP/1.1 503 Down\r\nContent-Length: 500\r\nRetry-After: 5\r\n\r\n<html>"
    with Line(half) as line, pytest.raises(side.unavailable) as caught:
        side.read(side.at(line.url))
    assert caught.value.retry_after == 5


def test_an_answer_without_end_is_left(side: Side, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport_module, "MAX_BYTES", 1000)
    answer = OK + b"Content-Length: 2000\r\n\r\n" + side.answer.encode().ljust(2000)
    with Line(answer) as line, pytest.raises(side.invalid):
        side.read(side.at(line.url))


def test_errors_do_not_carry_the_url(side: Side) -> None:
    with pytest.raises(side.error) as caught:
        side.search(side.at(free_port_url()), "@".join(("alice", "example.nl")))
    assert "alice@" not in "".join(traceback.format_exception(caught.value))
    assert "alice%40" not in "".join(traceback.format_exception(caught.value))
    assert caught.value.__context__ is None


def test_hooks_see_every_call(side: Side) -> None:
    paced: list[None] = []
    seen: list[tuple[str, int | None, float | None]] = []

    def pace() -> None:
        paced.append(None)

    def observe(endpoint: str, seconds: float, status: int | None, wait: float | None) -> None:
        assert seconds >= 0
        seen.append((endpoint, status, wait))

    def client_of(url: str) -> object:
        return side.client(side.transport(url).with_hooks(pace, observe).with_timeout(0.1))

    with pytest.raises(side.unavailable):
        side.write(client_of(free_port_url()), "alice")
    answer = OK + f"Content-Length: {len(side.answer)}\r\n\r\n{side.answer}".encode()
    with Line(answer) as line:
        side.read(client_of(line.url))
    busy = b"HTTP/1.1 429 Busy\r\nRetry-After: 7\r\nContent-Length: 0\r\n\r\n"
    with Line(busy) as line, pytest.raises(side.limited):
        side.read(client_of(line.url))
    assert len(paced) == 3
    assert seen == [
        (f"{side.write_method} {side.write_path}", None, None),
        (f"GET {side.read_path}", 200, None),
        (f"GET {side.read_path}", 429, 7.0),
    ]


def test_a_pace_that_refuses_stops_the_call(side: Side) -> None:
    class Enough(Exception):
        pass

    def pace() -> None:
        raise Enough

    seen: list[object] = []
    with Line(b"") as line:
        transport = side.transport(line.url).with_hooks(pace, lambda *call: seen.append(call))
        with pytest.raises(Enough):
            side.read(side.client(transport))
        assert line.received == b"" and seen == []
        # Let the line go.
        with pytest.raises(side.unknown):
            side.read(side.at(line.url))
