"""A server that never ends its answer: a piece comes before each time-out of the socket."""

from __future__ import annotations

import select
import socket
from concurrent.futures import ThreadPoolExecutor
from itertools import chain, repeat

from tests.rest.line import Line, read_request

EVERY = 0.05
"""Seconds between two pieces."""
PIECES = 200
"""It gives up after ten seconds, so that a call without a limit ends too."""

OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"

WAYS = {
    "headers": (b"HTTP/1.1 200 OK\r\nX-Slow: ", b"a"),
    "continue": (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    "body": (OK + b"Content-Length: 5000\r\n\r\n[", b" "),
    "body until it hangs up": (OK + b"\r\n[]", b" "),
    "chunks": (CHUNKED, b"1\r\n \r\n"),
    "one chunk": (CHUNKED + b"1000\r\n", b" "),
    "trailers": (CHUNKED + b"2\r\n[]\r\n0\r\n", b"X-Slow: a\r\n"),
}
"""How the answer begins, and what comes after that again and again."""


class Drip(Line):
    """Takes connections, reads a request from each, and answers it without an end."""

    def __init__(self, begin: bytes, piece: bytes) -> None:
        super().__init__(b"")
        self._begin, self._piece = begin, piece
        self.calls = 0

    def _serve(self) -> None:
        with ThreadPoolExecutor() as threads:
            while self._listener in select.select([self._listener, self._over], [], [])[0]:
                connection, _ = self._listener.accept()
                self.calls += 1
                threads.submit(self._answer_slowly, connection)

    def _answer_slowly(self, connection: socket.socket) -> None:
        with connection:
            self.received = self._hear(connection)
            self._drip(connection)

    def _drip(self, connection: socket.socket) -> None:
        for piece in chain([self._begin], repeat(self._piece, PIECES)):
            try:
                connection.sendall(piece)
            except OSError:
                return
            if select.select([connection, self._over], [], [], EVERY)[0]:
                return

    def _hear(self, connection: socket.socket) -> bytes:
        return read_request(connection)


class Handshake(Drip):
    """Begins to agree on TLS, and never gets there."""

    def __init__(self) -> None:
        super().__init__(b"\x16\x03\x03\x40\x00", b"\x02")

    @property
    def url(self) -> str:
        return super().url.replace("http:", "https:")

    def _hear(self, connection: socket.socket) -> bytes:
        return connection.recv(65536)
