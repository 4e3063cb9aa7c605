"""How calling an account goes."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from flask import Flask

from spotler_plugin.extensions import redis_server
from spotler_plugin.services.account.limiter import (
    FAILURES,
    KEPT_CALLS,
    redis_keys,
)
from spotler_plugin.services.account.throttle import (
    throttle_of,
)
from spotler_plugin.services.account.vitals import read_vitals
from tests.settings import configure

OK, UNREACHED = 200, None


@pytest.fixture
def unpaced_app(app: Flask) -> Flask:
    configure(app, spotler_calls_per_second=0, spotler_parallel_calls=0)
    redis_server.queue.flushdb()
    return app


def test_vitals_tell_of_the_last_calls(unpaced_app: Flask) -> None:
    pace = throttle_of(7, person=False)
    for number in range(300):
        pace.enter()
        pace.leave("GET x", number / 1000, OK if number < 298 else UNREACHED, None)
    found = read_vitals(7)
    assert found is not None
    assert (found.calls, found.failures) == (KEPT_CALLS, 2)
    assert (found.p50, found.p95) == (0.2, 0.29)
    assert found.last_good_at and abs((datetime.now(UTC) - found.last_good_at).seconds) < 60
    assert found.circuit_open_until is None and found.paused_until is None
    nobody = read_vitals(8)
    assert nobody is not None and (nobody.calls, nobody.p50) == (0, None)


def test_vitals_tell_what_holds_calls_up(unpaced_app: Flask) -> None:
    pace = throttle_of(7, person=False)
    for _ in range(FAILURES):
        pace.enter()
        pace.leave("GET x", 0.1, UNREACHED, None)
    throttle_of(8, person=False).enter()
    redis_server.queue.hset(
        redis_keys(8)[0], "paused_until", int(datetime.now(UTC).timestamp() + 60) * 1000
    )
    broken, paused = read_vitals(7), read_vitals(8)
    assert broken and broken.circuit_open_until and broken.failures == FAILURES
    assert paused and paused.paused_until and not paused.circuit_open_until


def test_vitals_without_redis(app: Flask) -> None:
    redis_server.connect("redis://127.0.0.1:9/0")
    assert read_vitals(7) is None
