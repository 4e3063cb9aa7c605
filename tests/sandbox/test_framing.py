"""Where requests begin and end, as seen by who writes the bytes, by RFC 9112."""

from __future__ import annotations

import json
import re
import socket
from collections.abc import Iterator
from http.client import HTTPResponse

import pytest

from demo.spotler.framing import LONGEST
from demo.spotler.server import Sandbox
from tests.sandbox.clients import Api, Control

BODY = b'{"contacts": [{"externalId": "framed"}]}'
NEXT = b"GET /_sandbox HTTP/1.1\r\nHost: x\r\n\r\n"


@pytest.fixture
def line(sandbox: Sandbox) -> Iterator[socket.socket]:
    with socket.create_connection((sandbox.host, sandbox.port), timeout=10) as connection:
        yield connection


def posted(*headers: str) -> bytes:
    return "\r\n".join(["POST /_sandbox/contacts HTTP/1.1", "Host: x", *headers, "", ""]).encode()


def answered(line: socket.socket) -> tuple[int, str | None]:
    """Status of the next answer, and what becomes of the connection."""
    answer = HTTPResponse(line)
    answer.begin()
    body = answer.read()
    assert answer.status < 400 or json.loads(body)["errorType"] == "INVALID_PARAMS"
    return answer.status, answer.getheader("Connection")


def all_answers(line: socket.socket) -> list[int]:
    """Statuses of all that comes until the other side is done."""
    line.shutdown(socket.SHUT_WR)
    read = b"".join(iter(lambda: line.recv(65_536), b""))
    return [int(status) for status in re.findall(rb"HTTP/1\.1 (\d{3})", read)]


CHUNKS = b"%x%b\r\n%b\r\n%x\r\n%b\r\n0\r\n%b\r\n"


@pytest.mark.parametrize(
    ("extension", "trailers"),
    [(b"", b""), (b';a=b;c="d"', b""), (b"", b"X-Sum: 1\r\nX-Who: 2\r\n"), (b" ", b"X: y\r\n")],
)
def test_chunks_and_what_comes_after_them(
    line: socket.socket, control: Control, extension: bytes, trailers: bytes
) -> None:
    first, second = BODY[:7], BODY[7:]
    chunks = CHUNKS % (len(first), extension, first, len(second), second, trailers)
    line.sendall((posted("Transfer-Encoding: chunked") + chunks + NEXT) * 2)
    assert all_answers(line) == [201, 200, 201, 200]
    assert control("GET", "/contacts/framed")["externalId"] == "framed"


@pytest.mark.parametrize(
    "chunks",
    [
        b"-1\r\na\r\n0\r\n\r\n",
        b"+1\r\na\r\n0\r\n\r\n",
        b"0x1\r\na\r\n0\r\n\r\n",
        b"1_0\r\n" + b"a" * 16 + b"\r\n0\r\n\r\n",
        b"f" * 40 + b"\r\n",
        b"\r\n",
        b"2\r\nabcd\r\n0\r\n\r\n",
        b"1" + b"0" * 9000,
    ],
)
def test_chunks_that_are_none(line: socket.socket, chunks: bytes) -> None:
    """What follows is never taken for a request: nobody knows where it would begin."""
    line.sendall(posted("Transfer-Encoding: chunked") + chunks + NEXT)
    assert all_answers(line) == [400]


@pytest.mark.parametrize(
    ("header", "body"),
    [
        ("Transfer-Encoding: chunked", b"50\r\nabc"),
        ("Transfer-Encoding: chunked", b"2\r\n{}\r\n"),
        ("Content-Length: 50", b"{}"),
    ],
)
def test_a_body_that_ends_early_is_not_taken_for_whole(
    line: socket.socket, header: str, body: bytes
) -> None:
    line.sendall(posted(header) + body)
    assert all_answers(line) == [400]


@pytest.mark.parametrize(
    "headers",
    [
        ("Content-Length: 5", "Content-Length: 40"),
        ("Content-Length: 40, 40",),
        ("Content-Length: +40",),
        ("Content-Length: 40", "Transfer-Encoding: chunked"),
        ("Transfer-Encoding: gzip, chunked",),
        ("Transfer-Encoding: chunked", "Transfer-Encoding: chunked"),
        ("Transfer-Encoding: identity", "Content-Length: 40"),
        ("no header", "Content-Length: 40"),
        ("Content-Length : 40",),
    ],
)
def test_a_length_of_which_there_are_two_readings(
    line: socket.socket, headers: tuple[str, ...]
) -> None:
    line.sendall(posted(*headers) + BODY + NEXT)
    assert all_answers(line) == [400]


def test_a_length_that_is_said_twice_is_that_length(line: socket.socket) -> None:
    length = f"Content-Length: {len(BODY)}"
    line.sendall(posted(length, length) + BODY + NEXT)
    assert all_answers(line) == [201, 200]


@pytest.mark.parametrize("length", [LONGEST + 1, 999_999_999_999])
def test_too_much_is_refused_before_it_comes(line: socket.socket, length: int) -> None:
    line.sendall(posted(f"Content-Length: {length}"))
    assert answered(line) == (413, "close")


@pytest.mark.parametrize("length", ["-1", str(LONGEST + 1)])
def test_who_still_sends_reads_the_refusal(line: socket.socket, length: str) -> None:
    """Closed on bytes that nobody read, a connection is reset, and the answer lost."""
    line.sendall(posted(f"Content-Length: {length}"))
    line.sendall(b"x" * 3_000_000)
    assert answered(line)[0] in (400, 413)


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (b"GET /_sandbox HTTP/2.0\r\n\r\n", 505),
        (b"\x16\x03\x01\x02\x00\x01\r\n\r\n", 400),
        (b"GET /" + b"a" * 70_000 + b" HTTP/1.1\r\n\r\n", 414),
        (b"GET / HTTP/1.1\r\nX: " + b"a" * 70_000 + b"\r\n\r\n", 431),
        (b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * 200 + b"\r\n", 431),
        (b"BREW /_sandbox HTTP/1.1\r\nContent-Length: 2\r\n\r\n{}", 501),
    ],
)
def test_what_is_no_request_is_answered(line: socket.socket, request_: bytes, status: int) -> None:
    line.sendall(request_)
    assert answered(line) == (status, "close")


def test_an_empty_line_between_requests_is_none(line: socket.socket) -> None:
    line.sendall(b"\r\n" + NEXT + b"\r\n\n" + NEXT)
    assert all_answers(line) == [200, 200]


def test_who_goes_by_a_proxy_asks_for_the_whole_address(line: socket.socket) -> None:
    line.sendall(NEXT.replace(b"/_sandbox", b"HTTP://x/_sandbox") * 2)
    assert all_answers(line) == [200, 200]


@pytest.mark.parametrize("target", [b"contact/\xff", b"mailing?fromDate=\xe9"])
def test_raw_bytes_in_an_address_are_meant_encoded(
    line: socket.socket, control: Control, target: bytes
) -> None:
    line.sendall(b"GET /integrationservice/" + target + b" HTTP/1.1\r\nHost: x\r\n\r\n")
    assert all_answers(line) == [401]
    [call] = control("GET", "/calls?status=401")["calls"]
    assert f"%{target[-1]:02X}" in call["path"] + call["query"]


@pytest.mark.parametrize("method", ["OPTIONS", "TRACE", "PUT", "PATCH", "DELETE", "HEAD"])
def test_a_method_that_is_not_served(api: Api, method: str) -> None:
    """With a body, which is not the next request."""
    for path in ("/campaign/trigger/x", "/subscription/subscribe"):
        answer = api.session.request(method, api.root + path, data=BODY)
        assert answer.status_code == 405
    assert api.get("/campaign/list").status_code == 200


def test_head_is_served_where_get_is(api: Api, control: Control) -> None:
    assert api.session.head(f"{api.root}/automation/list").status_code == 200
    assert api.session.head(f"{api.root}/contact/nobody").status_code == 404
    assert [call["status"] for call in control("GET", "/calls?method=HEAD")["calls"]] == [200, 404]
