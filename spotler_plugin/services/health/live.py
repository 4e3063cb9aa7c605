"""How both sides answer, and whether workers and scheduler live: what only Redis knows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from spotler_plugin.services.account.vitals import Vitals
from spotler_plugin.services.calls.crm import CrmVitals
from spotler_plugin.services.health.findings import Check, Finding, Live, Mark, Processes, Topic

SLOW_SECONDS = 5.0
"""An account, or a CRM, is slow when one answer in twenty takes longer than this."""
FAILURES = 3
"""Calls to the CRM in a row without an answer, after which it counts as away."""
OF_REDIS = (
    Topic.CALLS,
    Topic.ANSWERS,
    Topic.CRM,
    Topic.CRM_ANSWERS,
    Topic.WORKERS,
    Topic.SCHEDULER,
)
"""What only Redis knows, in the order of the screen."""
WORSE = (Mark.UNKNOWN, Mark.OK, Mark.ATTENTION, Mark.BROKEN)
NOTICED = {
    Topic.CONNECTION: (Topic.CALLS, Topic.ANSWERS),
    Topic.QUEUE: (Topic.WORKERS, Topic.SCHEDULER),
    Topic.CRM: (Topic.CRM_ANSWERS,),
}
"""In which check an administrator notices a fault of others."""


def check_live(live: Live | None) -> Sequence[Check]:
    """Return the checks of what only Redis knows; `live` is None while it was not asked."""
    if live is None:
        return [Check(topic, Mark.UNKNOWN, Finding.PENDING) for topic in OF_REDIS]
    return [*_calls(live.vitals), *_crm(live.crm), *_processes(live.processes)]


def noticed(checks: Sequence[Check]) -> list[Check]:
    """Let a fault be seen in what an administrator notices of it, that was in order without it.

    So "Er wacht niets" never stands in order while nobody would take up what comes. What waits for
    the connection is neither in order nor a fault of its own.
    """
    found = {check.topic: check for check in checks}
    for topic, causes in NOTICED.items():
        worst = max((found[each] for each in causes), key=lambda each: WORSE.index(each.mark))
        if found[topic].mark is Mark.OK and worst.mark in (Mark.ATTENTION, Mark.BROKEN):
            found[topic] = replace(worst, topic=topic)
    if found[Topic.CONNECTION].mark is Mark.BROKEN:
        for topic in (Topic.QUEUE, Topic.FEED):
            if found[topic].mark is Mark.OK:
                at = found[topic].at if topic is Topic.FEED else None
                found[topic] = Check(topic, Mark.UNKNOWN, Finding.RESTS, at)
    return [found[check.topic] for check in checks]


def _calls(seen: Vitals | None) -> Sequence[Check]:
    if seen is None:
        gone = (Mark.UNKNOWN, Finding.UNREACHABLE)
        return [Check(Topic.CALLS, *gone), Check(Topic.ANSWERS, *gone)]
    at = seen.last_good_at
    if seen.circuit_open_until is not None:
        calls = Check(Topic.CALLS, Mark.BROKEN, Finding.BROKEN_OFF, at, seen.failures)
    elif seen.paused_until is not None:
        calls = Check(Topic.CALLS, Mark.ATTENTION, Finding.PAUSED, at, until=seen.paused_until)
    elif at is None:
        calls = Check(Topic.CALLS, Mark.UNKNOWN, Finding.NOTHING)
    else:
        calls = Check(Topic.CALLS, Mark.OK, Finding.WELL, at)
    return [calls, _answers(Topic.ANSWERS, seen)]


def _crm(seen: CrmVitals | None) -> Sequence[Check]:
    if seen is None:
        gone = (Mark.UNKNOWN, Finding.UNREACHABLE)
        return [Check(Topic.CRM, *gone), Check(Topic.CRM_ANSWERS, *gone)]
    at = seen.last_good_at
    if seen.refused_at is not None:
        calls = Check(Topic.CRM, Mark.BROKEN, Finding.REFUSED, seen.refused_at)
    elif seen.failures >= FAILURES:
        calls = Check(Topic.CRM, Mark.BROKEN, Finding.BROKEN_OFF, at, seen.failures)
    elif at is None:
        calls = Check(Topic.CRM, Mark.UNKNOWN, Finding.NOTHING)
    else:
        calls = Check(Topic.CRM, Mark.OK, Finding.WELL, at)
    return [calls, _answers(Topic.CRM_ANSWERS, seen)]


def _answers(topic: Topic, seen: Vitals | CrmVitals) -> Check:
    if seen.p50 is None or seen.p95 is None:
        return Check(topic, Mark.UNKNOWN, Finding.NOTHING)
    slow = seen.p95 > SLOW_SECONDS
    how = (Mark.ATTENTION, Finding.SLOW) if slow else (Mark.OK, Finding.WELL)
    return Check(topic, *how, number=seen.calls, p50=seen.p50, p95=seen.p95)


def _processes(seen: Processes | None) -> Sequence[Check]:
    if seen is None:
        return [
            Check(Topic.WORKERS, Mark.BROKEN, Finding.UNREACHABLE),
            Check(Topic.SCHEDULER, Mark.UNKNOWN, Finding.UNREACHABLE),
        ]
    workers = Check(Topic.WORKERS, Mark.BROKEN, Finding.NONE_ALIVE)
    if seen.workers:
        workers = Check(Topic.WORKERS, Mark.OK, Finding.WELL, number=seen.workers)
    scheduler = Check(Topic.SCHEDULER, Mark.BROKEN, Finding.NONE_ALIVE)
    if seen.scheduler_at:
        scheduler = Check(Topic.SCHEDULER, Mark.OK, Finding.WELL, seen.scheduler_at)
    return [workers, scheduler]
