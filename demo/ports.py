"""The ports of the demo: which are free, which are taken, which answer."""

from __future__ import annotations

import errno
import socket
from contextlib import ExitStack
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from urllib.parse import urlsplit

from demo.processes import StackError

HOST = "127.0.0.1"


@dataclass(frozen=True)
class Ports:
    """Where the three sites answer."""

    crm: int = 5001
    plugin: int = 5000
    spotler: int = 5002

    @classmethod
    def free(cls) -> Ports:
        """Three ports that nobody uses."""
        return cls(*free_ports(3))


def answers(url: str) -> bool:
    """Whether the site gives a page, and not an error."""
    parts = urlsplit(url)
    connection = HTTPConnection(parts.hostname or "", parts.port, timeout=5)
    try:
        connection.request("GET", parts.path)
        return connection.getresponse().status < 400
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


def free_ports(count: int) -> list[int]:
    """Ports that nobody uses; all are held until the last is found, so that they differ."""
    with ExitStack() as held:
        listeners = [held.enter_context(socket.socket()) for _ in range(count)]
        for listener in listeners:
            listener.bind((HOST, 0))
        return [int(listener.getsockname()[1]) for listener in listeners]


def check_port(host: str, port: int, variable: str) -> None:
    """Raise StackError when the port can't be had; `variable` chooses another."""
    for family, kind, _, _, address in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM):
        with socket.socket(family, kind) as listener:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                listener.bind(address)
            except OSError as error:
                if error.errno == errno.EADDRNOTAVAIL:
                    continue  # A machine without IPv6.
                reason = (
                    "is in use by another program"
                    if error.errno == errno.EADDRINUSE
                    else (f"can't be used ({error.strerror})")
                )
                raise StackError(
                    f"Port {port} {reason}; choose another with {variable}, "
                    f"for example: {variable}={port + 20} make demo"
                ) from error
