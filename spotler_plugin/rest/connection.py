"""Connections of the pool: under the limit of the call, from the look-up of the name on."""

from __future__ import annotations

import socket
import time
from collections.abc import Sequence
from concurrent.futures import Future
from threading import Thread
from typing import Any

from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import ConnectTimeoutError, NameResolutionError, NewConnectionError

from spotler_plugin.rest.limit import current_limit

Address = tuple[Any, ...]
Found = Sequence[tuple[socket.AddressFamily, socket.SocketKind, int, str, Address]]


class Connection(HTTPConnection):
    """A connection whose socket the limit of each call can shut down."""

    def _new_conn(self) -> socket.socket:
        # urllib3's own gives each address of a host the whole time-out, and the look-up no end.
        try:
            made = connect(self.host, self.port or self.default_port, float(self.timeout or 0))
        except socket.gaierror as error:
            raise NameResolutionError(self.host, self, error) from error
        except TimeoutError as error:
            raise ConnectTimeoutError(self, "no connection in time") from error
        except OSError as error:
            raise NewConnectionError(self, "no connection") from error
        for option in self.socket_options or ():
            made.setsockopt(*option)
        if (limit := current_limit()) is not None:
            limit.hold(made)
        return made

    def send(self, data: Any) -> None:
        """Send a piece of the request, after connecting if that was not done."""
        if self.sock is None:
            self.connect()
        if (limit := current_limit()) is not None and self.sock is not None:
            limit.hold(self.sock)
            limit.was_sent = True
        super().send(data)


class TlsConnection(Connection, HTTPSConnection):
    """The same over TLS."""


class Pool(HTTPConnectionPool):
    ConnectionCls = Connection


class TlsPool(HTTPSConnectionPool):
    ConnectionCls = TlsConnection


POOLS = {"http": Pool, "https": TlsPool}


def connect(host: str, port: int, seconds: float) -> socket.socket:
    """Connect to the first address of a host that answers, within so many seconds in all.

    Raises OSError: TimeoutError or gaierror among them.
    """
    until = time.monotonic() + seconds
    failed: OSError = OSError("The host has no address.")
    for family, kind, protocol, _, address in _look_up(host, port, seconds):
        left = until - time.monotonic()
        if left <= 0:
            raise TimeoutError
        made = socket.socket(family, kind, protocol)
        try:
            made.settimeout(left)
            made.connect(address)
        except OSError as error:
            made.close()
            failed = error
        else:
            return made
    raise failed


def _look_up(host: str, port: int, seconds: float) -> Found:
    """Look a name up on a thread of its own, because that takes no time-out."""
    bare = host.strip("[]")
    try:
        return socket.getaddrinfo(bare, port, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)
    except socket.gaierror:
        found: Future[Found] = Future()
        Thread(target=_answer, args=(found, bare, port), name="look-up", daemon=True).start()
        return found.result(seconds)


def _answer(found: Future[Found], host: str, port: int) -> None:
    try:
        found.set_result(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
    except OSError as error:
        found.set_exception(error)
    except UnicodeError:  # A part of the name is longer than any name has.
        found.set_exception(socket.gaierror("no name of a host"))
