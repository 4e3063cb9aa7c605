"""The other end of a connection that does what no web framework would: half answers, none."""

from __future__ import annotations

import re
import socket
from threading import Thread
from types import TracebackType
from typing import Self


class Line:
    """Takes one connection, reads one request, sends `answer` and hangs up.

    With None it keeps the caller waiting until the test is over.
    """

    def __init__(self, answer: bytes | None) -> None:
        self.received = b""
        self._answer = answer
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._over, self._end = socket.socketpair()
        self._thread = Thread(target=self._serve, daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}/api"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._end.close()
        self._thread.join(5)
        self._listener.close()
        self._over.close()

    def _serve(self) -> None:
        connection, _ = self._listener.accept()
        with connection:
            self.received = read_request(connection)
            if self._answer is None:
                self._over.recv(1)  # Returns as soon as the other half is closed.
            else:
                connection.sendall(self._answer)


def read_request(connection: socket.socket) -> bytes:
    """Read head and body; a body that is left unread would turn hanging up into a reset."""
    received = b""
    while piece := connection.recv(65536):
        received += piece
        head, end, body = received.partition(b"\r\n\r\n")
        length = re.search(rb"(?i)content-length: (\d+)", head)
        if end and len(body) >= int(length[1] if length else 0):
            break
    return received


def free_port_url() -> str:
    """A URL on which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return f"http://127.0.0.1:{listener.getsockname()[1]}/api"
