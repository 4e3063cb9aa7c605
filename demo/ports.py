"""The ports of the demo: which are free, which are taken, which answer."""

from __future__ import annotations

import errno
import random
import socket
from collections.abc import Collection
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from itertools import islice
from urllib.parse import urlsplit

from demo.processes import StackError

HOST = "127.0.0.1"
QUIET = range(20_000, 32_000)
"""Below the ports that systems give to connections: those may be taken before we listen."""


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


def free_ports(count: int, but: Collection[int] = ()) -> list[int]:
    """Ports that nobody uses, none of them twice; `but` are promised, and not taken yet."""
    # Not the generator that tests seed: two processes would choose the same.
    shuffled = random.SystemRandom().sample(QUIET, len(QUIET))
    return list(islice((port for port in shuffled if port not in but and _is_free(port)), count))


def _is_free(port: int) -> bool:
    with socket.socket() as listener:
        try:
            listener.bind((HOST, port))
        except OSError:
            return False
    return True


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
