"""What the network does: nobody there, no answer, half an answer, a connection that breaks."""

from __future__ import annotations

import traceback

import pytest

from spotler_plugin.spotler import (
    ContactWrite,
    InvalidAnswer,
    SpotlerClient,
    SpotlerError,
    Transport,
    Unavailable,
    UnknownOutcome,
)
from spotler_plugin.spotler import transport as transport_module
from tests.spotler.line import Line, free_port_url

OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
ALICE = ContactWrite("alice", {"email": "alice@example.nl"})


def client_of(url: str) -> SpotlerClient:
    return SpotlerClient(Transport(url, "key", "secret").with_timeout(0.1))


def test_nobody_listens() -> None:
    with pytest.raises(Unavailable) as caught:
        client_of(free_port_url()).automations.trigger("code", "alice")
    assert caught.value.status is None


@pytest.mark.parametrize("url", ["http://nowhere.invalid/x", "http://127.0.0.1:port/x"])
def test_a_host_that_is_none(url: str) -> None:
    with pytest.raises(Unavailable):
        client_of(url).contacts.save(ALICE)


def test_no_answer_in_time() -> None:
    with Line(None) as line, pytest.raises(UnknownOutcome):
        client_of(line.url).contacts.save(ALICE)
    assert b"alice@example.nl" in line.heard


@pytest.mark.parametrize("answer", [b"", b"HTTP/1.1 200 OK\r\nContent-"])
def test_dropped_before_the_answer(answer: bytes) -> None:
    with Line(answer) as line, pytest.raises(UnknownOutcome):
        client_of(line.url).automations.trigger("code", "alice")


def test_dropped_within_the_answer() -> None:
    half = OK + b"Content-Length: 500\r\n\r\n" + b'[{"name": '
    with Line(half) as line, pytest.raises(InvalidAnswer):
        client_of(line.url).campaigns.list()
    with Line(half) as line, pytest.raises(UnknownOutcome):
        client_of(line.url).contacts.save_many([ALICE])


def test_an_error_without_its_body_is_still_that_error() -> None:
    half = b"HTTP/1.1 503 Down\r\nContent-Length: 500\r\nRetry-After: 5\r\n\r\n<html>"
    with Line(half) as line, pytest.raises(Unavailable) as caught:
        client_of(line.url).campaigns.list()
    assert caught.value.retry_after == 5


def test_an_answer_without_end_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport_module, "MAX_BYTES", 1000)
    answer = OK + b"Content-Length: 2000\r\n\r\n" + b" " * 2000
    with Line(answer) as line, pytest.raises(InvalidAnswer):
        client_of(line.url).campaigns.list()


def test_errors_do_not_carry_the_url() -> None:
    with pytest.raises(SpotlerError) as caught:
        client_of(free_port_url()).contacts.search("email", "@".join(("alice", "example.nl")))
    assert "alice@" not in "".join(traceback.format_exception(caught.value))
    assert "alice%40" not in "".join(traceback.format_exception(caught.value))
    assert caught.value.__context__ is None


def test_hooks_see_every_call() -> None:
    paced: list[None] = []
    seen: list[tuple[str, int | None]] = []
    transport = Transport(
        free_port_url(),
        "key",
        "secret",
        pace=lambda: paced.append(None),
        observe=lambda endpoint, seconds, status, _wait: seen.append((endpoint, status)),
    )
    with pytest.raises(Unavailable):
        SpotlerClient(transport).contacts.get("alice")
    with Line(OK + b"Content-Length: 2\r\n\r\n[]") as line:
        SpotlerClient(Transport(line.url, "key", "secret", observe=_into(seen))).campaigns.list()
    assert len(paced) == 1
    assert seen == [("GET contact/{}", None), ("GET campaign/list", 200)]


def test_a_pace_that_refuses_stops_the_call() -> None:
    class Enough(Exception):
        pass

    def pace() -> None:
        raise Enough

    with Line(b"") as line:
        with pytest.raises(Enough):
            SpotlerClient(Transport(line.url, "key", "secret", pace=pace)).campaigns.list()
        assert line.heard == b""
        # Let the line go.
        with pytest.raises(UnknownOutcome):
            client_of(line.url).campaigns.list()


def _into(seen: list[tuple[str, int | None]]) -> transport_module.Observe:
    def observe(endpoint: str, seconds: float, status: int | None, _wait: float | None) -> None:
        assert seconds >= 0
        seen.append((endpoint, status))

    return observe
