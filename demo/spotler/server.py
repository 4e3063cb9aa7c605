"""The server: HTTP/1.1, a thread per connection."""

import socket
import sys
from http.server import ThreadingHTTPServer
from threading import Lock, Thread
from types import TracebackType
from typing import Any, Self

from demo.spotler.connection import Connection, let_read
from demo.spotler.state import KEY, SECRET, State


class Listener(ThreadingHTTPServer):
    """Listens, and knows which connections are open."""

    daemon_threads = True
    request_queue_size = 256

    def __init__(self, address: tuple[str, int], state: State) -> None:
        super().__init__(address, Connection)
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
        let_read(request)
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
        self._listener = Listener((host, port), self.state)
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
