"""The pace of an account: on a real server, by a clock of the test, and once by the real one."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask import Flask
from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from spotler_plugin.services.account.client import client_of
from spotler_plugin.services.account.limiter import (
    FAILURES,
    MARGIN_KEPT_MS,
    MARGIN_MS,
    MOST_MARGIN_MS,
    PERSON_MS,
    SECOND_MS,
    SLOT_MS,
    Limiter,
    Limits,
    WaitReason,
)
from spotler_plugin.services.account.throttle import (
    DEFAULT_PAUSE,
    LONGEST_WAIT,
    REDIS_RETRY_SECONDS,
    LocalLimiter,
    Throttle,
)
from spotler_plugin.services.account.vitals import read_vitals
from spotler_plugin.spotler import RateLimited, SpotlerClient, Unavailable
from tests.settings import configure
from tests.world.world import World

RATE, PLACES = 5, 2
OK, BUSY, AWAY, UNREACHED = 200, 429, 503, None


class Clock:
    """Seconds; sleeping is what makes it go on."""

    def __init__(self) -> None:
        self.now = 1_800_000_000.0
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


class TimedGate(Limiter):
    """A gate by the clock of the test instead of that of Redis."""

    clock: Clock

    def enter(self, token: str, **how: Any) -> tuple[float, WaitReason | None]:
        return super().enter(token, **how, now_ms=round(self.clock.now * 1000))

    def leave(self, token: str, **how: Any) -> None:
        super().leave(token, **how, now_ms=round(self.clock.now * 1000))


class Workers:
    """Clients of one account, all with the same clock."""

    def __init__(self, redis: Redis, rate: int = RATE, places: int = PLACES) -> None:
        self.clock, self.limits = Clock(), Limits(rate, places)
        self.gate = TimedGate(redis, 7, self.limits)
        self.gate.clock = self.clock

    def one(self, *, person: bool = False) -> Throttle:
        alone = LocalLimiter(self.limits, self.clock)
        return Throttle(self.gate, alone, person=person, sleep=self.clock.sleep, clock=self.clock)

    def call(self, status: int | None = OK, retry_after: float | None = None, **who: bool) -> float:
        """A call that takes no time; when it left."""
        pace = self.one(**who)
        pace.enter()
        at = self.clock.now
        pace.leave("GET x", 0.0, status, retry_after)
        return at

    def fail(self, times: int = FAILURES) -> None:
        for _ in range(times):
            self.call(UNREACHED)


@pytest.fixture
def redis(redis_url: str) -> Iterator[Redis]:
    with Redis.from_url(redis_url) as client:
        client.flushdb()
        yield client


@pytest.fixture
def workers(redis: Redis) -> Workers:
    return Workers(redis)


@pytest.fixture
def unpaced(redis: Redis) -> Workers:
    return Workers(redis, 0, 0)


def test_no_second_sees_more_calls_than_allowed(workers: Workers) -> None:
    moments = [workers.call() for _ in range(23)]
    for first, beyond in zip(moments, moments[RATE:], strict=False):
        assert beyond - first > 1
    assert moments[-1] - moments[0] == pytest.approx(4 * (SECOND_MS + MARGIN_MS) / 1000, abs=0.01)


def test_calls_keep_further_apart_after_spotler_had_too_many(workers: Workers) -> None:
    def longest() -> float:
        workers.clock.now += 10
        moments = [workers.call() for _ in range(RATE + 1)]
        return round((moments[-1] - moments[0]) * 1000)

    assert longest() == SECOND_MS + MARGIN_MS
    for times in (2, 4, 8):
        workers.call(BUSY)
        assert longest() == SECOND_MS + times * MARGIN_MS
    for _ in range(9):
        workers.call(BUSY)
    assert longest() == SECOND_MS + MOST_MARGIN_MS
    workers.clock.now += MARGIN_KEPT_MS / 1000
    assert longest() == SECOND_MS + MARGIN_MS


def test_zero_is_no_limit(unpaced: Workers) -> None:
    for _ in range(100):
        unpaced.one().enter()
    assert unpaced.clock.slept == []


def test_a_call_waits_for_a_place_and_not_forever(workers: Workers) -> None:
    first, second, third = workers.one(), workers.one(), workers.one()
    first.enter()
    second.enter()
    with pytest.raises(RateLimited) as refusal:
        third.enter()
    assert sum(workers.clock.slept) <= LONGEST_WAIT
    assert refusal.value.retry_after is not None
    first.leave("GET x", 0.1, OK, None)
    third.enter()


def test_a_slow_redis_counts_as_waiting(workers: Workers, monkeypatch: pytest.MonkeyPatch) -> None:
    """The call must begin while there is time for it within a contact's lease."""
    began = workers.clock.now

    def enter(*asked: object, **how: object) -> tuple[float, WaitReason]:
        workers.clock.now += 0.9
        return 0.025, WaitReason.SLOTS

    monkeypatch.setattr(workers.gate, "enter", enter)
    with pytest.raises(RateLimited):
        workers.one().enter()
    assert workers.clock.now - began < LONGEST_WAIT + 1


def test_a_dead_worker_frees_its_place(workers: Workers) -> None:
    workers.one().enter()
    workers.one().enter()
    workers.clock.now += SLOT_MS / 1000
    workers.one().enter()


def test_a_person_goes_before_a_large_run(workers: Workers) -> None:
    for _ in range(RATE):
        workers.call()
    assert workers.gate.enter("person", person=True)[1] is WaitReason.PACE
    workers.clock.now += (SECOND_MS + MARGIN_MS) / 1000
    for _ in range(RATE - 1):
        workers.call()
    assert workers.gate.enter("run", person=False)[1] is WaitReason.PACE
    assert workers.gate.enter("person", person=True) == (0, None)


def test_a_person_finds_a_place_free(workers: Workers) -> None:
    workers.call(person=True)
    workers.one().enter()
    assert workers.gate.enter("run", person=False)[1] is WaitReason.SLOTS
    assert workers.gate.enter("person", person=True) == (0, None)
    workers.clock.now += PERSON_MS / 1000
    workers.gate.leave("person", good=True, seconds=0)
    assert workers.gate.enter("run", person=False) == (0, None)


@pytest.mark.parametrize("status", [BUSY, AWAY])
def test_all_wait_as_long_as_spotler_asks(unpaced: Workers, status: int) -> None:
    asked = unpaced.call(status, 3)
    assert unpaced.call() == asked + 3
    unpaced.call(status, 60)
    with pytest.raises(RateLimited) as refusal:
        unpaced.call()
    assert refusal.value.retry_after == 60
    unpaced.clock.now += 60
    unpaced.call()


def test_a_person_is_always_tried(unpaced: Workers) -> None:
    asked = unpaced.call(BUSY, 900)
    assert unpaced.call(person=True) == asked
    with pytest.raises(RateLimited):
        unpaced.call()


def test_a_429_without_a_time_pauses_too(unpaced: Workers) -> None:
    asked = unpaced.call(BUSY)
    assert unpaced.call() == asked + DEFAULT_PAUSE


def test_failures_in_a_row_open_the_circuit(unpaced: Workers) -> None:
    unpaced.fail(FAILURES - 1)
    unpaced.call(OK)
    unpaced.fail(FAILURES)
    with pytest.raises(Unavailable) as refusal:
        unpaced.call()
    assert refusal.value.retry_after == 15
    assert unpaced.clock.slept == []


def test_the_circuit_tries_one_call_and_waits_twice_as_long(unpaced: Workers) -> None:
    unpaced.fail()
    for length in (15, 30, 60, 120, 240, 300, 300):
        unpaced.clock.now += length - 0.001
        assert unpaced.gate.enter("early", person=False)[1] is WaitReason.CIRCUIT
        unpaced.clock.now += 0.001
        probe = unpaced.one()
        probe.enter()
        assert unpaced.gate.enter("second", person=False)[1] is WaitReason.CIRCUIT
        probe.leave("GET x", 1.0, UNREACHED, None)
    unpaced.clock.now += 300
    unpaced.call(OK)
    unpaced.call(OK)
    unpaced.fail()
    assert unpaced.gate.enter("again", person=False) == (15, WaitReason.CIRCUIT)


@pytest.mark.parametrize("status", [400, 401, 404, 429])
def test_a_refusal_is_no_failure(unpaced: Workers, status: int) -> None:
    for _ in range(2 * FAILURES):
        unpaced.call(status, 0)


def test_without_redis_a_process_paces_itself() -> None:
    clock, limits = Clock(), Limits(RATE, PLACES)
    unreachable = Redis.from_url("redis://127.0.0.1:9/0", retry=Retry(NoBackoff(), 0))
    nowhere = Limiter(unreachable, 7, limits)
    pace = Throttle(nowhere, LocalLimiter(limits, clock), person=False, sleep=clock.sleep)
    moments = []
    for _ in range(2 * RATE):
        pace.enter()
        moments.append(clock.now)
        pace.leave("GET x", 0.0, OK, None)
    assert moments[RATE] - moments[0] == pytest.approx(1)
    clock.now += REDIS_RETRY_SECONDS
    pace.enter()


def test_environments_have_a_pace_each(redis: Redis) -> None:
    limits = Limits(1, 1)
    assert Limiter(redis, 1, limits).enter("a", person=False) == (0, None)
    assert Limiter(redis, 1, limits).enter("b", person=False)[1] is WaitReason.SLOTS
    assert Limiter(redis, 2, limits).enter("c", person=False) == (0, None)


@pytest.fixture
def paced_world(app: Flask, request: pytest.FixtureRequest) -> World:
    """Connected at the pace already."""
    configure(app, spotler_calls_per_second=RATE, spotler_parallel_calls=PLACES)
    world = request.getfixturevalue("world")
    assert isinstance(world, World)
    return world


def test_the_account_never_sees_more_than_it_bears(paced_world: World) -> None:
    world = paced_world
    world.control("PUT", "/settings", latency=0.05, calls_per_second=RATE)
    world.control("DELETE", "/calls")
    clients = [client_of(world.environment) for _ in range(4)]

    def work(client: SpotlerClient) -> None:
        for _ in range(4):
            client.properties.list()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, clients))
    measured = world.control("GET", "/statistics")
    assert measured["calls"] == 16
    assert measured["maxCallsInASecond"] <= RATE
    assert world.sandbox.state.overlaps.most_calls <= PLACES
    found = read_vitals(world.environment.id)
    assert found and found.calls >= 16 and found.p50 and found.p50 >= 0.05
