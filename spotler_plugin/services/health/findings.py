"""What the health checks find, and the live data that they need."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from spotler_plugin.planning.reason import Reason
from spotler_plugin.services.account.vitals import Vitals
from spotler_plugin.services.calls.crm import CrmVitals


class Topic(StrEnum):
    CONNECTION = "connection"
    QUEUE = "queue"
    FAILURES = "failures"
    EVENTS = "events"
    FEED = "feed"
    CATALOGUE = "catalogue"
    BACKUP = "backup"
    DRIFT = "drift"
    CALLS = "calls"
    ANSWERS = "answers"
    CRM = "crm"
    CRM_ANSWERS = "crm_answers"
    WORKERS = "workers"
    SCHEDULER = "scheduler"


TECHNICAL = frozenset(
    {Topic.CALLS, Topic.ANSWERS, Topic.CRM_ANSWERS, Topic.WORKERS, Topic.SCHEDULER}
)
"""For who hosts the plugin; what of it an administrator notices is in the others, told once."""


class Mark(StrEnum):
    OK = "ok"
    ATTENTION = "attention"
    BROKEN = "broken"
    UNKNOWN = "unknown"
    """Not looked at yet, not known now, or nothing to say."""


class Finding(StrEnum):
    """How a part stands; what it means depends on the part."""

    WELL = "well"
    PENDING = "pending"
    """Not looked at yet."""
    UNREACHABLE = "unreachable"
    """Redis, which would know, cannot be reached."""
    NOTHING = "nothing"
    NONE_ALIVE = "none_alive"
    REFUSED = "refused"
    UNCONFIRMED = "unconfirmed"
    """Another account's key, which nobody has confirmed."""
    HALTED = "halted"
    STUCK = "stuck"
    WAITING = "waiting"
    POSTPONED = "postponed"
    """What did not succeed waits for its next try."""
    FAILED = "failed"
    LATE = "late"
    GONE = "gone"
    """Something that is used vanished in Spotler."""
    FIRST = "first"
    """The first read is still under way."""
    PAUSED = "paused"
    BROKEN_OFF = "broken_off"
    SLOW = "slow"
    DIFFERENT = "different"
    """More contacts than may be are not equal on both sides."""
    SKIPPED = "skipped"
    """Some contacts cannot be read."""
    RESTS = "rests"
    """It waits for the connection, whose fault is told there."""


@dataclass(frozen=True, slots=True)
class Check:
    topic: Topic
    mark: Mark
    finding: Finding
    at: datetime | None = None
    """The moment that the finding is about."""
    number: int = 0
    reason: Reason | None = None
    until: datetime | None = None
    """How long it stays so."""
    p50: float = 0.0
    p95: float = 0.0
    """Seconds; of the answers."""


@dataclass(frozen=True, slots=True)
class Processes:
    """Workers and scheduler that are alive, for all environments together."""

    workers: int
    scheduler_at: datetime | None
    """Last heartbeat of a live scheduler."""
    jobs: int
    """Jobs in the queue that no worker took yet."""


@dataclass(frozen=True, slots=True)
class Live:
    """What Redis knows; None where it cannot be reached."""

    processes: Processes | None
    vitals: Vitals | None
    crm: CrmVitals | None
