"""The limiter of calls to one account, shared by all processes through Redis.

Each operation is one script (`enter.lua`, `leave.lua`). Times are milliseconds by Redis's clock,
the only one that all machines share.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path

from redis import Redis

from spotler_plugin.extensions import REDIS_PREFIX

KEPT_CALLS = 200
SECOND_MS = 1000
MARGIN_MS, MOST_MARGIN_MS = 10, 200
"""How much longer a second is counted: calls leave by Redis's clock, and Spotler counts when they
arrive, so one that travels faster than those before it may come early. Each 429 doubles it, for an
hour after the last one."""
MARGIN_KEPT_MS = 3_600_000
SLOT_MS = 35_000
"""When an unreleased slot frees itself, because its process died; a call takes 3 + 20 s at most."""
PERSON_MS = 3_000
"""How long after a person's call one slot is kept free for the next."""
FAILURES = 5
"""Failed calls in a row that open the circuit."""
OPEN_MS, LONGEST_OPEN_MS = 15_000, 300_000
"""How long the circuit stays open: the first time, and at most; it doubles each time."""
POLL_MS = 25
"""When to ask again where the end of the wait is not known."""
KEEP_MS = 7 * 86_400_000


class WaitReason(StrEnum):
    """WaitReason a call has to wait."""

    PAUSE = "pause"
    """Spotler asked for it with `Retry-After`."""
    CIRCUIT = "circuit"
    """Too many calls in a row failed."""
    PACE = "pace"
    SLOTS = "slots"


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits of one environment; 0 means no limit."""

    calls_per_second: int
    parallel_calls: int


_CONSTANTS = {
    "second_ms": SECOND_MS,
    "margin_ms": MARGIN_MS,
    "most_margin_ms": MOST_MARGIN_MS,
    "margin_kept_ms": MARGIN_KEPT_MS,
    "slot_ms": SLOT_MS,
    "person_ms": PERSON_MS,
    "failures": FAILURES,
    "open_ms": OPEN_MS,
    "longest_open_ms": LONGEST_OPEN_MS,
    "poll_ms": POLL_MS,
    "keep_ms": KEEP_MS,
    "kept_calls": KEPT_CALLS,
}
"""Constants that both scripts get."""


class Limiter:
    """The limiter of one environment's account. All methods raise RedisError."""

    def __init__(self, redis: Redis, environment_id: int, limits: Limits) -> None:
        self._limits = asdict(limits)
        self._keys = redis_keys(environment_id)
        self._enter = redis.register_script(_script("enter"))
        self._leave = redis.register_script(_script("leave"))

    def enter(
        self, token: str, *, person: bool, now_ms: int = -1
    ) -> tuple[float, WaitReason | None]:
        """Take a slot and count the call, or return the seconds until the next try, and why.

        `now_ms` replaces the clock of Redis, in tests.
        """
        named = {**self._limits, "now_ms": now_ms, "token": token, "person": person}
        wait, why = self._enter(keys=self._keys, args=[_named(named)])
        return int(wait) / 1000, WaitReason(why.decode()) if why else None

    def leave(
        self,
        token: str,
        *,
        good: bool,
        seconds: float,
        busy: bool = False,
        pause: float = 0,
        now_ms: int = -1,
    ) -> None:
        """Release the slot and record how the call went.

        `busy`: Spotler said that there are too many; `pause`: seconds that all must wait.
        """
        named = {
            "now_ms": now_ms,
            "token": token,
            "good": good,
            "busy": busy,
            "took_ms": round(seconds * 1000, 1),
            "pause_ms": int(pause * 1000),
        }
        self._leave(keys=self._keys, args=[_named(named)])


@cache
def _script(name: str) -> str:
    """Return the source of a script, which Redis runs as a whole: nothing comes in between."""
    folder = Path(__file__).parent
    return "".join((folder / f"{part}.lua").read_text() for part in ("state", name))


def _named(arguments: dict[str, object]) -> str:
    return json.dumps(_CONSTANTS | arguments)


def redis_keys(environment_id: int) -> list[str]:
    """Return the keys of state, calls of the last second, slots in use, and last durations.

    The braces keep them on one node of a cluster.
    """
    account = f"{REDIS_PREFIX}pace:{{{environment_id}}}"
    return [f"{account}:{name}" for name in ("state", "calls", "slots", "times")]
