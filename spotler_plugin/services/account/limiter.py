"""What all workers and web processes know together about calling one account, in Redis.

Each question is one script: nothing comes between looking and taking. Times are milliseconds by
the clock of Redis, the only one that all machines share.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from redis import Redis

KEPT_CALLS = 200
WINDOW_MS = 1050
"""A second, and what one call may be faster on its way than the one before it."""
PLACE_MS = 35_000
"""A call in flight takes 3 + 20 s at most; who dies frees its place after this."""
PERSON_MS = 3_000
"""So long after a person's call one place is kept free for the next."""
FAILURES = 5
"""Failed calls in a row that open the circuit."""
OPEN_MS, LONGEST_OPEN_MS = 15_000, 300_000
"""How long it stays open: the first time, and at most; each time twice as long."""
POLL_MS = 25
"""When to ask again for what ends at no known moment."""
KEEP_MS = 7 * 86_400_000


class Why(StrEnum):
    """What a call waits for."""

    PAUSE = "pause"
    """Spotler asked for it with `Retry-After`."""
    CIRCUIT = "circuit"
    """Too many calls in a row failed."""
    PACE = "pace"
    PLACES = "places"


@dataclass(frozen=True, slots=True)
class Limits:
    """Of one environment; 0 is no limit."""

    calls_per_second: int
    parallel_calls: int


_NOW = """
local now = tonumber(ARGV[1])
if now < 0 then
    local time = redis.call('TIME')
    now = time[1] * 1000 + math.floor(time[2] / 1000)
end
local state, calls, places = KEYS[1], KEYS[2], KEYS[3]
local function number(name) return tonumber(redis.call('HGET', state, name) or 0) end
"""

_ENTER = (
    _NOW
    + f"""
local rate, most, token, person = tonumber(ARGV[2]), tonumber(ARGV[3]), ARGV[4], ARGV[5] == '1'
local seen = number('person')
if person then redis.call('HSET', state, 'person', now)
elseif now - seen < {PERSON_MS} then
    -- A person is at work: the rest leaves one call, and one place, free.
    if rate > 1 then rate = rate - 1 end
    if most > 1 then most = most - 1 end
end
local paused = number('paused_until')
if paused > now then return {{paused - now, '{Why.PAUSE}'}} end
local broken = number('failures') >= {FAILURES}
if broken then
    local open = number('open_until')
    if open > now then return {{open - now, '{Why.CIRCUIT}'}} end
    if number('probe_until') > now then return {{{POLL_MS}, '{Why.CIRCUIT}'}} end
end
redis.call('ZREMRANGEBYSCORE', places, '-inf', now)
if most > 0 and redis.call('ZCARD', places) >= most then
    return {{{POLL_MS}, '{Why.PLACES}'}}
end
if rate > 0 then
    local oldest = tonumber(redis.call('LINDEX', calls, rate - 1) or 0)
    local free = oldest + {WINDOW_MS}
    if free > now then return {{free - now, '{Why.PACE}'}} end
    redis.call('LPUSH', calls, now)
    redis.call('LTRIM', calls, 0, ARGV[2] - 1)
    redis.call('PEXPIRE', calls, {2 * WINDOW_MS})
end
redis.call('ZADD', places, now + {PLACE_MS}, token)
redis.call('PEXPIRE', places, {PLACE_MS})
if broken then redis.call('HSET', state, 'probe_until', now + {PLACE_MS}) end
redis.call('PEXPIRE', state, {KEEP_MS})
return {{0, ''}}
"""
)

_LEAVE = (
    _NOW
    + f"""
local token, good, pause = ARGV[2], ARGV[3] == '1', tonumber(ARGV[4])
redis.call('ZREM', places, token)
redis.call('LPUSH', KEYS[4], ARGV[5])
redis.call('LTRIM', KEYS[4], 0, {KEPT_CALLS - 1})
redis.call('PEXPIRE', KEYS[4], {KEEP_MS})
if pause > 0 then
    redis.call('HSET', state, 'paused_until', math.max(number('paused_until'), now + pause))
end
if good then
    redis.call('HSET', state, 'last_good', now)
    redis.call('HDEL', state, 'failures', 'opened', 'open_until', 'probe_until')
else
    local failures = redis.call('HINCRBY', state, 'failures', 1)
    if failures >= {FAILURES} and number('open_until') <= now then
        local opened = redis.call('HINCRBY', state, 'opened', 1)
        local length = math.min({OPEN_MS} * 2 ^ (opened - 1), {LONGEST_OPEN_MS})
        redis.call('HSET', state, 'open_until', now + length, 'probe_until', 0)
    end
end
redis.call('PEXPIRE', state, {KEEP_MS})
return 1
"""
)


class Limiter:
    """The way to one environment's account. All methods raise RedisError."""

    def __init__(self, redis: Redis, environment_id: int, limits: Limits) -> None:
        self._limits = limits
        self._keys = redis_keys(environment_id)
        self._enter = redis.register_script(_ENTER)
        self._leave = redis.register_script(_LEAVE)

    def enter(self, token: str, *, person: bool, now_ms: int = -1) -> tuple[float, Why | None]:
        """Take a place and count the call; or the seconds to wait before asking again, and why.

        `now_ms` stands in for the clock of Redis, in tests.
        """
        limits = self._limits
        wait, why = self._enter(
            keys=self._keys,
            args=[now_ms, limits.calls_per_second, limits.parallel_calls, token, int(person)],
        )
        return int(wait) / 1000, Why(why.decode()) if why else None

    def leave(
        self, token: str, *, good: bool, seconds: float, pause: float = 0, now_ms: int = -1
    ) -> None:
        """Give the place back, with how the call went; `pause`: seconds that all must wait."""
        self._leave(
            keys=self._keys,
            args=[now_ms, token, int(good), int(pause * 1000), round(seconds * 1000, 1)],
        )


def redis_keys(environment_id: int) -> list[str]:
    """State, calls of the last second, places in flight, durations of the last calls.

    The braces keep them on one machine of a cluster.
    """
    return [f"pace:{{{environment_id}}}:{name}" for name in ("state", "calls", "places", "times")]
