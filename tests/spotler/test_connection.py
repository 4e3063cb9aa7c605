"""What the network does to a call that must not be repeated: it never left, or nobody knows."""

from __future__ import annotations

import pytest

from spotler_plugin.spotler import (
    ContactWrite,
    SpotlerClient,
    Transport,
    Unavailable,
    UnknownOutcome,
)
from tests.rest.line import Line, free_port_url

OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
ALICE = ContactWrite("alice", {"email": "alice@example.nl"})


def client_of(url: str) -> SpotlerClient:
    return SpotlerClient(Transport(url, "key", "secret").with_timeout(0.1))


def test_nobody_listens() -> None:
    with pytest.raises(Unavailable) as caught:
        client_of(free_port_url()).automations.trigger("code", "alice")
    assert caught.value.status is None


def test_no_answer_in_time() -> None:
    with Line(None) as line, pytest.raises(UnknownOutcome):
        client_of(line.url).contacts.save(ALICE)
    assert b"alice@example.nl" in line.received


@pytest.mark.parametrize("answer", [b"", b"HTTP/1.1 200 OK\r\nContent-"])
def test_dropped_before_the_answer(answer: bytes) -> None:
    with Line(answer) as line, pytest.raises(UnknownOutcome):
        client_of(line.url).automations.trigger("code", "alice")


def test_dropped_within_the_answer() -> None:
    half = OK + b"Content-Length: 500\r\n\r\n" + b'[{"externalId": '
    with Line(half) as line, pytest.raises(UnknownOutcome):
        client_of(line.url).contacts.save_many([ALICE])
