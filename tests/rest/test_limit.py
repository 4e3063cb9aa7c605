"""No call outlasts its limit, however slowly the other side answers."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event

import pytest

from spotler_plugin.rest import connection, transport
from spotler_plugin.rest.limit import Limit
from spotler_plugin.rest.transport import CONNECT_TIMEOUT, READ_TIMEOUT
from spotler_plugin.services.account.throttle import LONGEST_WAIT
from spotler_plugin.services.link.lease import LEASE
from spotler_plugin.services.sync.call import RENEW_AFTER
from tests.rest.drip import WAYS, Drip, Handshake
from tests.rest.line import Line
from tests.rest.sides import Side

CONNECT, READ = 0.2, 0.3
GRACE = 5.0
"""Seconds that a busy machine may add; what drips goes on for ten."""


@pytest.fixture(autouse=True)
def _short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "CONNECT_TIMEOUT", CONNECT)


@contextmanager
def within(seconds: float) -> Iterator[None]:
    began = time.monotonic()
    yield
    assert time.monotonic() - began < seconds + GRACE


def at(side: Side, url: str) -> object:
    return side.client(side.transport(url).with_timeout(READ))


@pytest.mark.parametrize("way", WAYS)
def test_a_read_that_drips(side: Side, way: str) -> None:
    with Drip(*WAYS[way]) as line, within(CONNECT + READ):
        with pytest.raises(side.error) as caught:
            side.read(at(side, line.url))
        assert type(caught.value) in (side.unknown, side.invalid)


@pytest.mark.parametrize("way", WAYS)
def test_a_write_that_drips_may_have_been_done(side: Side, way: str) -> None:
    with Drip(*WAYS[way]) as line, within(CONNECT + READ), pytest.raises(side.unknown):
        side.write(at(side, line.url), "alice")
    assert side.path_to("alice").encode() in line.received


def test_a_handshake_that_drips_sent_nothing(side: Side) -> None:
    with Handshake() as line, within(CONNECT + READ), pytest.raises(side.unavailable):
        side.write(at(side, line.url), "alice")


def test_an_error_that_drips_is_still_that_error(side: Side) -> None:
    begin = b"HTTP/1.1 503 Down\r\nContent-Length: 500\r\nRetry-After: 5\r\n\r\n"
    slow = within(CONNECT + READ)
    with Drip(begin, b" ") as line, slow, pytest.raises(side.unavailable) as caught:
        side.read(at(side, line.url))
    assert caught.value.retry_after == 5


def test_the_next_call_has_a_connection_and_a_limit_of_its_own(side: Side) -> None:
    with Drip(*WAYS["body"]) as line:
        client = at(side, line.url)
        for calls in (1, 2):
            with within(CONNECT + READ), pytest.raises(side.error):
                side.read(client)
            assert line.calls == calls


def test_the_body_of_a_redirect_is_not_read(side: Side) -> None:
    begin = b"HTTP/1.1 302 Away\r\nLocation: /\xff\r\n\r\n"
    with Drip(begin, b" ") as line, within(CONNECT + READ), pytest.raises(side.invalid):
        side.read(at(side, line.url))


def test_a_forked_worker_has_a_watchdog_too(side: Side) -> None:
    with Drip(*WAYS["headers"]) as line:
        with pytest.raises(side.error):
            side.read(at(side, line.url))
        reader, writer = os.pipe()
        child = os.fork()
        if child == 0:
            try:
                side.read(at(side, line.url))
            except side.error:
                os.write(writer, b"cut")
            finally:
                os._exit(0)
        os.close(writer)
        with within(CONNECT + READ):
            os.waitpid(child, 0)
        with os.fdopen(reader, "rb") as pipe:
            assert pipe.read() == b"cut"


def test_all_addresses_of_a_host_share_one_time_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a host that drops packets each address would take the whole of it."""
    full = [socket.create_server(("127.0.0.1", 0), backlog=0) for _ in range(5)]
    ports = [each.getsockname()[1] for each in full]
    waiting = [socket.create_connection(("127.0.0.1", port)) for port in ports]
    found = [(socket.AF_INET, socket.SOCK_STREAM, 0, "", ("127.0.0.1", port)) for port in ports]
    monkeypatch.setattr(connection, "_look_up", lambda *asked: found)
    with within(0.2), pytest.raises(OSError):
        connection.connect("many.example", 80, 0.2)
    for each in full + waiting:
        each.close()


def test_a_look_up_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    end = Event()

    def getaddrinfo(*asked: object, **how: object) -> list[object]:
        if how.get("flags"):
            raise socket.gaierror
        end.wait()
        return []

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    with within(0.1), pytest.raises(TimeoutError):
        connection.connect("slow.example", 80, 0.1)
    end.set()


def test_a_call_and_its_wait_end_within_the_lease_of_a_contact() -> None:
    longest = RENEW_AFTER + LONGEST_WAIT + CONNECT_TIMEOUT + READ_TIMEOUT
    assert longest < LEASE.total_seconds() - 0.5


def test_it_costs_less_than_a_tenth_of_a_millisecond() -> None:
    """The quickest of some rounds: what else the machine does counts for none of it."""
    with Line(None) as line:
        port = int(line.url.split(":")[2].split("/")[0])
        with socket.create_connection(("127.0.0.1", port)) as connected:
            rounds = []
            for _ in range(20):
                began = time.perf_counter()
                for _ in range(50):
                    with Limit(23.0) as limit:
                        limit.hold(connected)
                rounds.append((time.perf_counter() - began) / 50)
    assert min(rounds) < 0.0001
