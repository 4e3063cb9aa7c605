"""The calls that the plugin made to the CRM's API, for tests and for people who look."""

from collections import deque
from dataclasses import dataclass
from threading import Lock

KEPT = 10_000


@dataclass
class Call:
    """One call; its status is set when it is answered."""

    at: str
    method: str
    path: str
    query: dict[str, str]
    body: object
    idempotency_key: str | None
    fault: str | None = None
    status: int | None = None


class Calls:
    """The newest calls, oldest first."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._calls: deque[Call] = deque(maxlen=KEPT)

    def add(self, call: Call) -> None:
        """Remember a call."""
        with self._lock:
            self._calls.append(call)

    def all(self) -> list[Call]:
        """Return the calls."""
        with self._lock:
            return list(self._calls)

    def clear(self) -> None:
        """Forget all calls."""
        with self._lock:
            self._calls.clear()
