"""How the calls to an account go: answer times, the last successful call, what blocks calls."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import cast

from redis.exceptions import RedisError

from spotler_plugin.extensions import redis_server
from spotler_plugin.services.account.limiter import FAILURES, redis_keys
from spotler_plugin.services.calls.figure import moment, number, quantile


@dataclass(frozen=True, slots=True)
class Vitals:
    """Figures over the last 200 calls or so; times in seconds."""

    calls: int
    p50: float | None
    p95: float | None
    last_good_at: datetime | None
    paused_until: datetime | None
    """Spotler asked not to be called before this."""
    circuit_open_until: datetime | None
    """Until when the circuit is open, because calls kept failing; then one is tried."""
    failures: int
    """Failed calls in a row, up to now."""


def read_vitals(environment_id: int) -> Vitals | None:
    """Return the vitals of an account, or None when Redis cannot be reached."""
    redis = redis_server.quick
    state_key, _, _, times_key = redis_keys(environment_id)
    try:
        with redis.pipeline(transaction=False) as pipe:
            pipe.hgetall(state_key)
            pipe.lrange(times_key, 0, -1)
            state, times = cast(tuple[dict[bytes, bytes], list[bytes]], pipe.execute())
    except RedisError:
        return None
    seconds = sorted(number(each) / 1000 for each in times)
    failures = int(number(state.get(b"failures")))
    return Vitals(
        calls=len(seconds),
        p50=quantile(seconds, 0.50),
        p95=quantile(seconds, 0.95),
        last_good_at=moment(state.get(b"last_good")),
        paused_until=_ahead(moment(state.get(b"paused_until"))),
        circuit_open_until=moment(state.get(b"open_until")) if failures >= FAILURES else None,
        failures=failures,
    )


def _ahead(until: datetime | None) -> datetime | None:
    return until if until and until > datetime.now(UTC) else None
