"""A test of the CRM's events: for some minutes it is kept how the last one arrived.

Who sends without a right signature is told nothing more than that. The CRM's developer sees here
what was wrong, and how far the clocks differ.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Self, cast

from redis.exceptions import RedisError

from spotler_plugin.extensions import REDIS_PREFIX, redis_server
from spotler_plugin.services.event.signature import HEADERS, Headers

LASTS = 600
"""Seconds that a test waits, and that its result stays."""
TOLERANCE = 300
"""Seconds that the clocks may differ."""


class Arrival(StrEnum):
    """How an event arrived."""

    WAITING = "waiting"
    """None did yet."""
    STORED = "stored"
    NO_HEADERS = "no_headers"
    WRONG_CLOCK = "wrong_clock"
    WRONG_SIGNATURE = "wrong_signature"
    MALFORMED = "malformed"


@dataclass(frozen=True, slots=True)
class Trial:
    arrival: Arrival
    seconds: int = 0
    """How far the CRM's clock is ahead of ours; negative: behind."""
    detail: str = ""
    """What is wrong with the body, as the CRM was told."""

    @classmethod
    def from_json(cls, text: bytes) -> Self:
        given: dict[str, Any] = json.loads(text)
        return cls(Arrival(given["arrival"]), int(given["seconds"]), str(given["detail"]))


def begin(environment_id: int) -> Trial | None:
    """Wait for an event; None when Redis is away."""
    trial = Trial(Arrival.WAITING)
    return trial if _keep(environment_id, trial, only_there=False) else None


def find(environment_id: int) -> Trial | None:
    """The test that was begun last, while it lasts."""
    try:
        found = redis_server.quick.get(_key(environment_id))
        return Trial.from_json(cast(bytes, found)) if found else None
    except (RedisError, ValueError, KeyError, TypeError):
        # Redis is away, or somebody else wrote there.
        return None


def note_refused(environment_id: int, headers: Headers) -> None:
    """Keep why an event's signature was not accepted, where a test waits for it."""
    given = {name: headers.get(name, "") for name in HEADERS}
    seconds = _ahead(given)
    if not all(given.values()):
        arrival = Arrival.NO_HEADERS
    elif seconds is None or abs(seconds) > TOLERANCE:
        arrival = Arrival.WRONG_CLOCK
    else:
        arrival = Arrival.WRONG_SIGNATURE
    _keep(environment_id, Trial(arrival, seconds or 0), only_there=True)


def note_signed(environment_id: int, headers: Headers, malformed: str = "") -> None:
    """Keep that an event arrived, where a test waits for it."""
    seconds = _ahead({name: headers.get(name, "") for name in HEADERS}) or 0
    arrival = Arrival.MALFORMED if malformed else Arrival.STORED
    _keep(environment_id, Trial(arrival, seconds, malformed), only_there=True)


def _ahead(given: Mapping[str, str]) -> int | None:
    try:
        return round(float(given["webhook-timestamp"]) - datetime.now(UTC).timestamp())
    except (ValueError, OverflowError):
        return None


def _keep(environment_id: int, trial: Trial, *, only_there: bool) -> bool:
    try:
        text = json.dumps(asdict(trial))
        return bool(redis_server.quick.set(_key(environment_id), text, ex=LASTS, xx=only_there))
    except RedisError:
        return False


def _key(environment_id: int) -> str:
    return f"{REDIS_PREFIX}event_test:{environment_id}"
