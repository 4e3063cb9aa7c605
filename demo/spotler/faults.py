"""Faults: how the sandbox is told to misbehave."""

import random
from dataclasses import asdict, dataclass, field, fields
from fnmatch import fnmatchcase
from itertools import count
from threading import Lock
from types import NoneType
from typing import Any

from werkzeug import Response
from werkzeug.exceptions import ServiceUnavailable, TooManyRequests

from demo.spotler.errors import ApiError, invalid_params

KINDS = (
    "rate_limit",
    "backend_exception",
    "unavailable",
    "drop",
    "html",
    "half_json",
    "unauthorized",
    "forbidden",
    "delay",
)
MOMENTS = ("before", "after")
_TAKES: dict[str, tuple[type, ...]] = {
    "times": (int, NoneType),
    "probability": (int, float),
    "seed": (int,),
    "method": (str, NoneType),
    "path": (str, NoneType),
    "retry_after": (int, NoneType),
    "seconds": (int, float),
}


@dataclass
class Fault:
    """One way to misbehave, and the calls it is for."""

    kind: str
    when: str = "before"
    """before: the call has no effect; after: it is executed, then answered like this."""
    times: int | None = None
    """How many more calls it applies to; none: all."""
    probability: float = 1.0
    seed: int = 0
    method: str | None = None
    path: str | None = None
    """A pattern for the path after the base, such as /contact/list or /automation/*."""
    retry_after: int | None = 1
    """Seconds in the Retry-After of rate_limit and unavailable; none: no such header."""
    seconds: float = 0.0
    """How long the fault ``delay`` waits."""
    id: int = 0
    hits: int = 0
    _random: random.Random = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Refuse an unknown kind, and seed the random numbers."""
        if self.kind not in KINDS or self.when not in MOMENTS:
            raise invalid_params(f"kind is one of {KINDS}, when is one of {MOMENTS}")
        self._random = random.Random(self.seed)

    def applies(self, method: str, path: str) -> bool:
        """Return whether it applies to this call, and count it if so."""
        if self.times == 0 or (self.method and self.method.upper() != method):
            return False
        if self.path and not fnmatchcase(path, self.path):
            return False
        if self.probability < 1 and self._random.random() >= self.probability:
            return False
        self.hits += 1
        if self.times is not None:
            self.times -= 1
        return True

    def as_json(self) -> dict[str, Any]:
        """All fields by name."""
        values = asdict(self)
        del values["_random"]
        return values


def distort(fault: Fault, answer: Response | None) -> Response:
    """Return the faulty answer instead of ``answer`` (None: the call was not executed).

    The fault ``drop`` raises ``ConnectionAbortedError``, for which the server cuts the connection.
    """
    match fault.kind:
        case "rate_limit":
            return TooManyRequests(retry_after=fault.retry_after).get_response()
        case "backend_exception":
            return ApiError(500, "BACKEND_EXCEPTION", "Backend error").get_response()
        case "unavailable":
            return ServiceUnavailable(retry_after=fault.retry_after).get_response()
        case "html":
            return Response("<html><body>Onderhoud</body></html>", mimetype="text/html")
        case "half_json":
            whole = answer.get_data() if answer else b""
            whole = whole or b'{"paging": {"after": 0}, "con": ['
            return Response(whole[: max(1, len(whole) // 2)], mimetype="application/json")
        case "unauthorized":
            return ApiError(401, "AUTH_NOT_FOUND", "Unknown key").get_response()
        case "forbidden":
            return ApiError(403, "NOT_AUTHORIZED", "Not licensed").get_response()
        case _:
            raise ConnectionAbortedError


@dataclass
class Faults:
    """The faults that are set; the first that applies is used."""

    active: list[Fault] = field(default_factory=list)
    _ids: "count[int]" = field(default_factory=lambda: count(1))
    _lock: Lock = field(default_factory=Lock)

    def add(self, description: dict[str, Any]) -> Fault:
        """Set one more fault."""
        known = {item.name for item in fields(Fault)} - {"id", "hits", "_random"}
        unknown = sorted(set(description) - known)
        if unknown or "kind" not in description:
            raise invalid_params(f"A fault has a kind, and of {sorted(known)} what it needs")
        for name, kinds in _TAKES.items():
            if name in description and type(description[name]) not in kinds:
                raise invalid_params(f"{name} of a fault cannot be {description[name]!r}")
        fault = Fault(**description)
        with self._lock:
            fault.id = next(self._ids)
            self.active.append(fault)
        return fault

    def clear(self, fault_id: int | None = None) -> None:
        """Remove one fault, or all."""
        with self._lock:
            self.active = [each for each in self.active if fault_id not in (None, each.id)]

    def draw(self, method: str, path: str) -> Fault | None:
        """Return the fault for this call, if any."""
        if not self.active:
            return None
        with self._lock:
            return next((each for each in self.active if each.applies(method, path)), None)
