"""Throttle the calls to an account, for all workers and web processes together.

A call waits for its turn, for `LONGEST_WAIT` at most; beyond that it fails and is retried later.
While Redis cannot be reached, each process limits only itself, and no call is held up.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from functools import lru_cache
from http import HTTPStatus
from threading import Lock
from uuid import uuid4

from redis import Redis
from redis.exceptions import RedisError
from structlog import get_logger

from spotler_plugin.config import settings
from spotler_plugin.extensions import redis_server
from spotler_plugin.services.account.limiter import Limiter, Limits, WaitReason
from spotler_plugin.spotler import RateLimited, Unavailable

LONGEST_WAIT = 5.0
"""Seconds; wait and call together stay within a contact's lease (30 s)."""
DEFAULT_PAUSE = 1.0
"""Seconds to pause after a 429 without `Retry-After`."""
REDIS_RETRY_SECONDS = 5.0
"""Seconds before Redis is tried again, so that not every call waits for a dead one."""

log = get_logger()


class Throttle:
    """The throttle of one client; `enter` and `leave` are the hooks of its transport."""

    def __init__(
        self,
        limiter: Limiter,
        local: LocalLimiter,
        *,
        person: bool,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._limiter, self._local = limiter, local
        self._person, self._sleep, self._clock = person, sleep, clock
        self._slots: deque[str] = deque()

    def enter(self) -> None:
        """Wait until a call may be made. Raises RateLimited, or Unavailable for an open circuit."""
        token, end = uuid4().hex, self._clock() + LONGEST_WAIT
        while True:
            wait, why = self._ask(token)
            if why is None:
                break
            # By the clock: Redis itself may be slow to answer.
            if self._clock() + wait > end:
                raise _refusal(why, wait)
            self._sleep(wait)
        self._slots.append(token)

    def leave(
        self, _endpoint: str, seconds: float, status: int | None, retry_after: float | None
    ) -> None:
        """Record how the call went; `retry_after` is Spotler's, in seconds."""
        token = self._slots.pop()
        busy = status == HTTPStatus.TOO_MANY_REQUESTS
        pause = (retry_after or 0.0) if busy or status == HTTPStatus.SERVICE_UNAVAILABLE else 0.0
        if busy and retry_after is None:
            pause = DEFAULT_PAUSE
        if self._local.is_active():
            return
        try:
            good = _answered(status)
            self._limiter.leave(token, good=good, seconds=seconds, busy=busy, pause=pause)
        except RedisError as error:
            self._local.activate(error)

    @property
    def is_local(self) -> bool:
        """Whether Redis is skipped for a while, because it could not be reached."""
        return self._local.is_active()

    def _ask(self, token: str) -> tuple[float, WaitReason | None]:
        if not self._local.is_active():
            try:
                return self._limiter.enter(token, person=self._person)
            except RedisError as error:
                self._local.activate(error)
        wait = self._local.wait()
        return wait, WaitReason.PACE if wait > 0 else None


class LocalLimiter:
    """The limit of this process alone, used while Redis cannot be reached."""

    def __init__(self, limits: Limits, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._calls: deque[float] = deque(maxlen=limits.calls_per_second)
        self._until = 0.0
        self._lock = Lock()

    def activate(self, error: RedisError) -> None:
        self._until = self._clock() + REDIS_RETRY_SECONDS
        log.warning("throttle.local", error=type(error).__name__)

    def is_active(self) -> bool:
        return self._clock() < self._until

    def wait(self) -> float:
        """Count the call and return 0, or return the seconds until it may be made."""
        with self._lock:
            now = self._clock()
            full = self._calls.maxlen and len(self._calls) == self._calls.maxlen
            wait = self._calls[0] + 1.0 - now if full else 0.0
            if wait <= 0:
                self._calls.append(now)
            return max(wait, 0.0)


def throttle_of(environment_id: int, *, person: bool) -> Throttle:
    """Return a throttle for the environment's account; `person` gives its calls priority."""
    config = settings()
    limits = Limits(config.spotler_calls_per_second, config.spotler_parallel_calls)
    limiter = _limiter(redis_server.quick, environment_id, limits)
    return Throttle(limiter, _local(environment_id, limits), person=person)


@lru_cache(maxsize=1024)
def _limiter(redis: Redis, environment_id: int, limits: Limits) -> Limiter:
    return Limiter(redis, environment_id, limits)


@lru_cache(maxsize=1024)
def _local(_environment_id: int, limits: Limits) -> LocalLimiter:
    return LocalLimiter(limits)


def _answered(status: int | None) -> bool:
    """Return whether Spotler answered; a refusal is an answer too."""
    return status is not None and status < 500 and status != HTTPStatus.REQUEST_TIMEOUT


def _refusal(why: WaitReason, wait: float) -> RateLimited | Unavailable:
    if why is WaitReason.CIRCUIT:
        return Unavailable("Spotler failed too often: the circuit is open.", retry_after=wait)
    return RateLimited(f"The call would have to wait too long ({why}).", retry_after=wait)
