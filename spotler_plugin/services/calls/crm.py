"""How the calls to an environment's CRM go: the last good one, a refused token, answer times.

The calls to Spotler are remembered by the limiter of its account. A CRM has none, so a call is
written down when it ended.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import cast

from redis.exceptions import RedisError
from structlog import get_logger

from spotler_plugin.extensions import REDIS_PREFIX, redis_server
from spotler_plugin.services.calls.count import Side, count_call
from spotler_plugin.services.calls.figure import moment, number, quantile

MOST_TIMES = 200
REFUSED = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)

Observe = Callable[[str, float, int | None, float | None], None]

log = get_logger()


@dataclass(frozen=True, slots=True)
class CrmVitals:
    """Figures over the last 200 calls or so; times in seconds."""

    calls: int
    p50: float | None
    p95: float | None
    last_good_at: datetime | None
    refused_at: datetime | None
    """Since when the CRM refuses the token; None when the last call was not refused."""
    failures: int
    """Calls in a row without a usable answer, up to now."""


@dataclass(frozen=True, slots=True)
class CrmSigns:
    last_good_at: datetime | None
    is_refused: bool
    """Whether the last call was refused for its token."""


def observing(environment_id: int) -> Observe:
    """Return the transport hook that writes each ended call down. Without Redis nothing is."""
    key = _key(environment_id)

    def leave(endpoint: str, seconds: float, status: int | None, _wait: float | None) -> None:
        now = round(time.time() * 1000)
        try:
            with redis_server.quick.pipeline(transaction=False) as pipe:
                if status in REFUSED:
                    pipe.hsetnx(key, "refused", now)
                elif status is None or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
                    pipe.hincrby(key, "failures", 1)
                else:
                    pipe.hdel(key, "refused", "failures")
                    pipe.hset(key, "last_good", now)
                pipe.lpush(f"{key}:times", round(seconds * 1000))
                pipe.ltrim(f"{key}:times", 0, MOST_TIMES - 1)
                pipe.execute()
        except RedisError as error:
            log.warning("calls.count_failed", error=type(error).__name__)
            return
        count_call(Side.CRM, endpoint, seconds, status)

    return leave


def read_crm_vitals(environment_id: int) -> CrmVitals | None:
    """Return how the calls go, or None when Redis cannot be reached."""
    key = _key(environment_id)
    try:
        with redis_server.quick.pipeline(transaction=False) as pipe:
            pipe.hgetall(key)
            pipe.lrange(f"{key}:times", 0, -1)
            state, times = cast(tuple[dict[bytes, bytes], list[bytes]], pipe.execute())
    except RedisError:
        return None
    seconds = sorted(number(each) / 1000 for each in times)
    return CrmVitals(
        calls=len(seconds),
        p50=quantile(seconds, 0.50),
        p95=quantile(seconds, 0.95),
        last_good_at=moment(state.get(b"last_good")),
        refused_at=moment(state.get(b"refused")),
        failures=int(number(state.get(b"failures"))),
    )


def read_crm_signs(environment_ids: Iterable[int]) -> dict[int, CrmSigns]:
    """Return those of many at once, who were called ever; nobody's without Redis."""
    ids = list(environment_ids)
    try:
        with redis_server.quick.pipeline(transaction=False) as pipe:
            for id in ids:
                pipe.hmget(_key(id), "last_good", "refused")
            found = cast(list[tuple[bytes | None, bytes | None]], pipe.execute())
    except RedisError:
        return {}
    return {
        id: CrmSigns(moment(good), refused is not None)
        for id, (good, refused) in zip(ids, found, strict=True)
        if good or refused
    }


def _key(environment_id: int) -> str:
    return f"{REDIS_PREFIX}crm:{{{environment_id}}}"
