"""Count the calls to Spotler and to the CRMs in Redis: how they ended, and how long they took.

Web processes and workers run on many machines, and a worker forks for each job, so counts in
memory would be lost. Each call adds to one Redis hash instead. The counts begin anew when Redis
is emptied, as any counter may.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import cast

from redis.exceptions import RedisError
from structlog import get_logger

from spotler_plugin.extensions import REDIS_PREFIX, redis_server
from spotler_plugin.services.calls.figure import number

BOUNDS = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 25.0)
"""Upper bounds of the buckets in seconds; slower calls go into one bucket more."""
SUM = "ms"
OURS = re.compile(rf"([^|]+)\|(none|\dxx)\|(\d|{SUM})", re.ASCII)
"""A field of the hash: endpoint, ending, and the bucket or the sum."""

log = get_logger()


class Side(StrEnum):
    """Whom a call goes to; its value is the key of the hash, after our prefix."""

    SPOTLER = "calls"
    CRM = "crm_calls"

    @property
    def key(self) -> str:
        return f"{REDIS_PREFIX}{self.value}"


@dataclass(slots=True)
class Calls:
    """Calls to one endpoint with the same ending."""

    buckets: list[int] = field(default_factory=lambda: [0] * (len(BOUNDS) + 1))
    """Calls per bucket, not cumulative; the last one has those above all `BOUNDS`."""
    seconds: float = 0.0


def count_call(side: Side, endpoint: str, seconds: float, status: int | None) -> None:
    """Add a call that ended; `status` is None when there was no answer."""
    name = f"{endpoint}|{_ending(status)}"
    try:
        with redis_server.quick.pipeline(transaction=False) as pipe:
            pipe.hincrby(side.key, f"{name}|{bisect_left(BOUNDS, seconds)}", 1)
            pipe.hincrby(side.key, f"{name}|{SUM}", round(seconds * 1000))
            pipe.execute()
    except RedisError as error:
        log.warning("calls.count_failed", error=type(error).__name__)


def read_calls(side: Side) -> Mapping[tuple[str, str], Calls] | None:
    """Return the counts by endpoint and ending, or None when Redis cannot be reached."""
    redis = redis_server.quick
    try:
        kept = cast(dict[bytes, bytes], redis.hgetall(side.key))
    except RedisError:
        return None
    found: dict[tuple[str, str], Calls] = {}
    for name, value in kept.items():
        if (place := OURS.fullmatch(name.decode(errors="replace"))) is None:
            continue
        endpoint, ending, part = place.groups()
        calls = found.setdefault((endpoint, ending), Calls())
        if part == SUM:
            calls.seconds = number(value) / 1000
        else:
            calls.buckets[int(part)] = int(number(value))
    return found


def _ending(status: int | None) -> str:
    """Return "2xx" to "5xx", or "none" when there was no answer."""
    return "none" if status is None else f"{status // 100}xx"
