"""The server: HTTP/1.1 with keep-alive, a thread per connection, able to cut a connection."""

import logging
import socket
import struct
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from threading import Lock, Thread
from types import TracebackType
from typing import IO, TYPE_CHECKING, Any, Self, cast

from werkzeug import Response
from werkzeug.exceptions import HTTPException
from werkzeug.serving import DechunkedInput

from demo.spotler.control import handle_control
from demo.spotler.errors import backend_exception, invalid_params
from demo.spotler.pages import handle_page
from demo.spotler.request import CURRENT_BASE, LEGACY_BASE, Request
from demo.spotler.service import handle_call
from demo.spotler.state import KEY, SECRET, State

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

_INTERFACES = {CURRENT_BASE: handle_call, LEGACY_BASE: handle_call, "/_sandbox": handle_control}


log = logging.getLogger(__name__)

LONGEST_LENGTH = 9
"""Digits of a body's length."""


class _Listener(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256

    def __init__(self, address: tuple[str, int], state: State) -> None:
        super().__init__(address, _Handler)
        self.state = state
        self._open: set[socket.socket] = set()
        self._threads_open: set[Thread] = set()
        self._guard = Lock()

    def process_request(self, request: Any, client_address: Any) -> None:
        """Start a thread for the connection, recorded so that it can be ended."""
        thread = Thread(
            target=self.process_request_thread, args=(request, client_address), daemon=True
        )
        with self._guard:
            self._open.add(request)
            self._threads_open = {each for each in self._threads_open if each.is_alive()}
            self._threads_open.add(thread)
            thread.start()

    def shutdown_request(self, request: Any) -> None:
        """Close the connection and forget it."""
        with self._guard:
            self._open.discard(request)
        super().shutdown_request(request)

    def hang_up(self) -> None:
        """End all connections, also idle ones, and wait for their threads."""
        self.state.stopping.set()
        with self._guard:
            connections, threads = list(self._open), list(self._threads_open)
        for connection in connections:
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue  # The client was first.
        for thread in threads:
            thread.join(timeout=2)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Ignore a client that hangs up; show anything else."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _Listener

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

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = _serve

    def _environ(self) -> "WSGIEnvironment":
        """Return only what werkzeug's request needs: all of WSGI takes longer than many a call.

        The path stays percent-encoded, as it was signed, and as an externalId may hold a slash.
        """
        path, _, query = self.path.partition("?")
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
        if self.headers.get("Transfer-Encoding", "").lower() == "chunked":
            return DechunkedInput(cast("IO[bytes]", self.rfile)).readall()
        length = self.headers.get("Content-Length", "0")
        if not (length.isascii() and length.isdigit() and len(length) <= LONGEST_LENGTH):
            # Where the next request begins is not known.
            self.close_connection = True
            raise invalid_params("Content-Length is not a length")
        return self.rfile.read(int(length))

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

    def log_message(self, format: str, *args: Any) -> None:
        """Log nothing: calls are in the control interface."""


class Sandbox:
    """A sandbox that runs in this process: ``with Sandbox() as sandbox: sandbox.base_url``."""

    key = KEY
    secret = SECRET

    def __init__(
        self,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        empty: bool = False,
        latency: float | list[float] = 0.0,
    ) -> None:
        self.state = State(empty=empty, latency=latency)
        self._listener = _Listener((host, port), self.state)
        self.host, self.port = host, int(self._listener.server_address[1])
        self._thread = Thread(target=self._listener.serve_forever, args=(0.05,), daemon=True)

    @property
    def url(self) -> str:
        """The origin: pages are at /, control is at /_sandbox."""
        return f"http://{self.host}:{self.port}"

    @property
    def base_url(self) -> str:
        """The base of the API that our client uses."""
        return f"{self.url}/integrationservice"

    def start(self) -> Self:
        """Listen, in a thread."""
        self._thread.start()
        return self

    def stop(self) -> None:
        """Stop listening and end all connections."""
        self._listener.shutdown()
        self._listener.hang_up()
        self._listener.server_close()
        self._thread.join()

    def reset(self, *, empty: bool | None = None) -> None:
        """Return to the contacts, switches and counts of the start."""
        self.state.reset(empty=empty)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()
