"""A wall-clock limit on each call, kept from outside: when time is up its socket is shut down.

The time-outs of a socket are per piece that arrives, so an answer that drips would never end.
"""

from __future__ import annotations

import os
import socket
import time
from contextlib import suppress
from contextvars import ContextVar
from functools import lru_cache
from heapq import heappop, heappush
from itertools import count
from threading import Condition, Lock, Thread
from types import TracebackType
from typing import Self


class Limit:
    """The limit of one call; enter it around the call."""

    def __init__(self, seconds: float) -> None:
        self.until = time.monotonic() + seconds
        self.is_over = False
        """Whether the call was ended by this limit."""
        self.was_sent = False
        """Whether any of the request was sent."""
        self.has_ended = False
        self._socket: socket.socket | None = None
        self._lock = Lock()

    def __enter__(self) -> Self:
        self._token = _current.set(self)
        _watchdog(os.getpid()).watch(self)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        _current.reset(self._token)
        with self._lock:
            self.has_ended = True
            if self._socket is not None:
                self._socket.close()

    @property
    def never_left(self) -> bool:
        """Whether it is certain that nothing was sent; of a call that failed."""
        return not self.was_sent and (self.is_over or self._socket is not None)

    def hold(self, connected: socket.socket) -> None:
        """Hold the call's connection, to shut it down when time is up. Raises TimeoutError."""
        with self._lock:
            if self.is_over:
                raise TimeoutError
            if self._socket is None:
                # A descriptor of our own: the other one is closed, and wrapped by TLS, meanwhile.
                own = os.dup(connected.fileno())
                self._socket = socket.socket(
                    connected.family, connected.type, connected.proto, fileno=own
                )

    def cut(self) -> None:
        """End the call, unless it has ended."""
        with self._lock:
            self.is_over = not self.has_ended
            if self.is_over and self._socket is not None:
                with suppress(OSError):  # The other side may have hung up just now.
                    self._socket.shutdown(socket.SHUT_RDWR)


def current_limit() -> Limit | None:
    """Return the limit of the call that this thread is making."""
    return _current.get()


_current: ContextVar[Limit | None] = ContextVar("current_limit", default=None)


class Watchdog:
    """A thread that cuts the calls of this process whose time is up."""

    def __init__(self) -> None:
        self._waiting: list[tuple[float, int, Limit]] = []
        self._numbers = count()
        self._changed = Condition()
        Thread(target=self._run, name="call-limits", daemon=True).start()

    def watch(self, limit: Limit) -> None:
        """Cut the call at its limit, unless it has ended by then."""
        with self._changed:
            heappush(self._waiting, (limit.until, next(self._numbers), limit))
            if self._waiting[0][2] is limit:
                self._changed.notify()

    def _run(self) -> None:
        while True:
            self._next().cut()

    def _next(self) -> Limit:
        """Wait until the time of a call is up; return its limit."""
        with self._changed:
            while True:
                while self._waiting and self._waiting[0][2].has_ended:
                    heappop(self._waiting)
                left = self._waiting[0][0] - time.monotonic() if self._waiting else None
                if left is not None and left <= 0:
                    return heappop(self._waiting)[2]
                self._changed.wait(left)


@lru_cache(maxsize=1)
def _watchdog(_pid: int) -> Watchdog:
    """Keep one per process: a forked worker has none of its parent's threads."""
    return Watchdog()
