"""Calls to Spotler, counted in Redis: how many, how they ended, and how long they took.

Web and workers are many processes on many machines, and a worker forks for each job: what one of
them counts in its memory is lost to the others. So each call adds to one hash, and whoever is asked
reads that. The counts begin anew when Redis is emptied, as any counter may.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import cast

from redis import Redis
from redis.exceptions import RedisError
from structlog import get_logger

from spotler_plugin.extensions import redis_server
from spotler_plugin.services.account.throttle import Throttle

KEY = "calls"
BOUNDS = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 25.0)
"""Seconds; what took longer than the last is counted behind it."""
SUM = "ms"

Observe = Callable[[str, float, int | None, float | None], None]

log = get_logger()


@dataclass(slots=True)
class Calls:
    """Those to one endpoint that ended alike."""

    buckets: list[int] = field(default_factory=lambda: [0] * (len(BOUNDS) + 1))
    """How many took up to each of `BOUNDS` and longer than the one before; then the rest."""
    seconds: float = 0.0


def counting(pace: Throttle) -> Observe:
    """The hook of a client's transport: the call is over for the pace, and counted."""
    redis = redis_server.quick

    def leave(endpoint: str, seconds: float, status: int | None, wait: float | None) -> None:
        pace.leave(endpoint, seconds, status, wait)
        # Without Redis nothing is counted, and nothing waits for it.
        if not pace.is_alone:
            _add(redis, f"{endpoint}|{_ending(status)}", seconds)

    return leave


def read_calls() -> Mapping[tuple[str, str], Calls] | None:
    """By endpoint and ending; None: Redis cannot be reached."""
    redis = redis_server.quick
    try:
        kept = cast(dict[bytes, bytes], redis.hgetall(KEY))
    except RedisError:
        return None
    found: dict[tuple[str, str], Calls] = {}
    for name, value in kept.items():
        endpoint, ending, part = name.decode().rsplit("|", 2)
        calls = found.setdefault((endpoint, ending), Calls())
        if part == SUM:
            calls.seconds = float(value) / 1000
        else:
            calls.buckets[int(part)] = int(value)
    return found


def _add(redis: Redis, name: str, seconds: float) -> None:
    try:
        with redis.pipeline(transaction=False) as pipe:
            pipe.hincrby(KEY, f"{name}|{bisect_left(BOUNDS, seconds)}", 1)
            pipe.hincrby(KEY, f"{name}|{SUM}", round(seconds * 1000))
            pipe.execute()
    except RedisError as error:
        log.warning("calls.uncounted", error=type(error).__name__)


def _ending(status: int | None) -> str:
    """2xx to 5xx, or that there was no answer."""
    return "none" if status is None else f"{status // 100}xx"
