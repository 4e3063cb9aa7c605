"""The calls that arrived: the last ones in full, and counts of all."""

from collections import Counter, deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from itertools import count
from threading import Lock
from typing import Any

from demo.spotler import dates
from demo.spotler.request import Request

MOST_CALLS = 20_000
MOST_BYTES = 64_000_000


@dataclass(slots=True)
class Call:
    """One call and how it was answered."""

    number: int
    at: int
    method: str
    base: str
    path: str
    query: str
    body: bytes
    contacts: tuple[str, ...]
    status: int | None = None
    """None: the connection was cut."""
    fault: str | None = None
    duration_ms: float = 0.0
    route: str = ""

    def as_json(self, *, body: bool = True) -> dict[str, Any]:
        """The call for the control interface."""
        shown: dict[str, Any] = {
            name: getattr(self, name)
            for name in ("number", "method", "base", "path", "query", "status", "fault", "route")
        }
        shown["time"] = dates.to_iso(self.at)
        shown["durationMs"] = round(self.duration_ms, 2)
        shown["contacts"] = list(self.contacts)
        if body:
            shown["body"] = self.body.decode(errors="replace")
        return shown


@dataclass
class Calls:
    """The last calls, and counts of all calls."""

    kept: deque[Call] = field(default_factory=deque)
    total: int = 0
    by_route: dict[str, Counter[str]] = field(default_factory=dict)
    busiest_second: int = 0
    _bytes: int = 0
    _second: tuple[int, int] = (0, 0)
    _numbers: "count[int]" = field(default_factory=lambda: count(1))
    _lock: Lock = field(default_factory=Lock)

    def open(self, request: Request, contacts: tuple[str, ...]) -> Call:
        """Record that a call arrived."""
        at = dates.now()
        with self._lock:
            call = Call(
                next(self._numbers),
                at,
                request.method,
                request.root_path,
                request.path,
                request.query_string.decode("latin-1"),
                request.get_data(),
                contacts,
            )
            self.total += 1
            self._bytes += len(call.body)
            self.kept.append(call)
            while len(self.kept) > MOST_CALLS or self._bytes > MOST_BYTES:
                self._bytes -= len(self.kept.popleft().body)
            second, calls = self._second
            self._second = (at // 1000, calls + 1 if second == at // 1000 else 1)
            self.busiest_second = max(self.busiest_second, self._second[1])
        return call

    def close(self, call: Call) -> None:
        """Count a call by its route and answer."""
        outcome = "dropped" if call.status is None else str(call.status)
        with self._lock:
            counter = self.by_route.setdefault(f"{call.method} {call.route}", Counter())
            counter["calls"] += 1
            counter["contacts"] += len(call.contacts)
            counter[outcome] += 1

    def find(self, query: Mapping[str, str]) -> list[Call]:
        """Return the kept calls that match, newest last; ``path`` is a pattern."""
        limit = int(query.get("limit", 1000))
        after = int(query.get("after", 0))
        with self._lock:
            calls = list(self.kept)
        found = [
            call
            for call in calls
            if call.number > after
            and query.get("method", call.method) == call.method
            and fnmatchcase(call.path, query.get("path", "*"))
            and query.get("status", str(call.status)) == str(call.status)
            and ("contact" not in query or query["contact"] in call.contacts)
        ]
        return found[-limit:]

    @property
    def this_second(self) -> int:
        """How many calls arrived in the clock second of the last one."""
        return self._second[1]

    def clear(self) -> None:
        """Forget calls and counts."""
        with self._lock:
            self.kept.clear()
            self.by_route.clear()
            self.total = self.busiest_second = self._bytes = 0
            self._second = (0, 0)
