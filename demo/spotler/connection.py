"""One connection: requests one after the other, with keep-alive; and cutting it."""

from __future__ import annotations

import logging
import re
import socket
import struct
import time
from contextlib import suppress
from http.server import BaseHTTPRequestHandler
from io import BytesIO
from typing import TYPE_CHECKING

from werkzeug import Response
from werkzeug.exceptions import HTTPException

from demo.spotler.control import handle_control
from demo.spotler.errors import ApiError, backend_exception
from demo.spotler.framing import read_body
from demo.spotler.pages import handle_page
from demo.spotler.request import CURRENT_BASE, LEGACY_BASE, Request
from demo.spotler.service import handle_call

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

    from demo.spotler.server import Listener

_INTERFACES = {CURRENT_BASE: handle_call, LEGACY_BASE: handle_call, "/_sandbox": handle_control}
# Who goes by a proxy asks for the whole address (RFC 9112 §3.2.2); raw bytes are meant encoded.
_ORIGIN = re.compile(r"https?://[^/?]*", re.IGNORECASE)
_RAW = re.compile(r"[^\x21-\x7e]")
_LONGEST_LINE = 65_536
PATIENCE = 5.0
"""Seconds that a client which still sends has to read why nobody listens any more."""

log = logging.getLogger(__name__)


class Connection(BaseHTTPRequestHandler):
    """What the standard library calls a handler of requests."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: Listener
    raw_requestline: bytes

    def parse_request(self) -> bool:
        """An empty line before a request is no request (RFC 9112 §2.2)."""
        while self.raw_requestline in (b"\r\n", b"\n"):
            self.raw_requestline = self.rfile.readline(_LONGEST_LINE + 1)
        if not self.raw_requestline:
            self.close_connection = True
            return False
        return super().parse_request()

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """Refuse what is no request, in the format of Spotler, not in that of the library."""
        self.close_connection = True
        self._write(ApiError(code, "INVALID_PARAMS", message or "No request").get_response())

    def _serve(self) -> None:
        try:
            response = self._answer()
        except ConnectionAbortedError:
            self._cut()
        else:
            self._write(response)

    def _answer(self) -> Response:
        try:
            # With populate_request a reference cycle keeps bodies until it is collected.
            request = Request(self._environ(), populate_request=False)
            handle = _INTERFACES.get(request.root_path, handle_page)
            return handle(self.server.state, request)
        except HTTPException as error:
            return error.get_response()
        except ConnectionError:
            raise
        except Exception:
            log.exception("A request went wrong")
            return backend_exception().get_response()

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = do_TRACE = _serve

    def _environ(self) -> WSGIEnvironment:
        """Return only what werkzeug's request needs: all of WSGI takes longer than many a call.

        The path stays percent-encoded, as it was signed, and as an externalId may hold a slash.
        """
        target = _RAW.sub(lambda found: f"%{ord(found[0]):02X}", self.path)
        path, _, query = _ORIGIN.sub("", target, count=1).partition("?")
        first = "/" + path[1:].partition("/")[0]
        base = first if first in _INTERFACES else ""
        return {
            "REQUEST_METHOD": self.command,
            "SCRIPT_NAME": base,
            "PATH_INFO": path.removeprefix(base),
            "QUERY_STRING": query,
            "CONTENT_TYPE": self.headers.get("Content-Type", ""),
            "HTTP_HOST": self.headers.get("Host", ""),
            "HTTP_ACCEPT": ", ".join(self.headers.get_all("Accept", [])),
            "HTTP_AUTHORIZATION": self.headers.get("Authorization", ""),
            "wsgi.url_scheme": "http",
            "wsgi.input": BytesIO(self._body()),
            "wsgi.input_terminated": True,
        }

    def _body(self) -> bytes:
        """Read all of it: a remainder would be read as the next request on the connection."""
        try:
            return read_body(self.headers, self.rfile)
        except ApiError:
            self.close_connection = True
            raise

    def _write(self, response: Response) -> None:
        # One write: two would wait for each other's acknowledgement on a kept connection.
        if self.close_connection:
            response.headers["Connection"] = "close"
        head = f"HTTP/1.1 {response.status}\r\n{response.headers}".encode("latin-1")
        self.wfile.write(head if self.command == "HEAD" else head + response.get_data())

    def _cut(self) -> None:
        """Cut the connection: with this option the client sees a reset or the end of the stream."""
        self.close_connection = True
        linger = struct.pack("ii", 1, 0)
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self.connection.close()

    def log_message(self, format: str, *args: object) -> None:
        """Log nothing: calls are in the control interface."""


def let_read(connection: socket.socket) -> None:
    """Wait until the client has hung up: closed on bytes that nobody read, it would see a reset."""
    end = time.monotonic() + PATIENCE
    with suppress(OSError):
        connection.shutdown(socket.SHUT_WR)
        connection.settimeout(PATIENCE)
        while time.monotonic() < end and connection.recv(_LONGEST_LINE):
            continue
