"""How many threads of a web process one environment may keep waiting for its CRM or for Spotler.

When either is slow, the environment's next screens are told so at once; the other threads are for
all others.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

SHARE = 4
"""Half of a web process's threads (`serving`)."""

_waiting: Counter[int] = Counter()
_lock = Lock()


class TooManyWaiting(Exception):
    """The environment's share of this process is waiting already."""


@contextmanager
def waiting(environment_id: int) -> Iterator[None]:
    """Count this thread while it waits outside of us. Raises TooManyWaiting at once."""
    with _lock:
        if _waiting[environment_id] >= SHARE:
            raise TooManyWaiting
        _waiting[environment_id] += 1
    try:
        yield
    finally:
        with _lock:
            _waiting[environment_id] -= 1
