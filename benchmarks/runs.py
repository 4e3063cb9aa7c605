"""Runs: changed contacts by the project, and the same work done with a job and a POST for each."""

from __future__ import annotations

import subprocess
import sys
import time
from dataclasses import dataclass
from statistics import median
from typing import Any

from redis import Redis
from rq import Queue

from benchmarks import per_contact
from benchmarks.ground import KEY, SECRET, Ground, ground
from benchmarks.table import Cell, show
from demo.processes import wait_until
from demo.stack import ROOT
from spotler_plugin.models import Outcome, RunState

CONTACTS = 10_000
SAMPLE = 100
"""So many by the per-contact way: all of them would take ten minutes or more."""
WORKERS = 2
LATENCIES = (0.0, 0.05)
REPEATS = 3
LONGEST = 1800.0
LIVE_LATENCY, LIVE_PACE = 0.4, 5
"""What the live service is said to do: seconds of a call, and calls a second."""
AIM_BESIDE_BARE = 2.5
HEAD = ("latency", "way", "contacts", "contacts/s", "calls/contact", "bound s", "took s", "× bound")


@dataclass(frozen=True, slots=True)
class Taken:
    """What was done, in which time, with how many calls to Spotler."""

    contacts: int
    seconds: float
    calls: int
    parallel: int

    @property
    def pace(self) -> float:
        return self.contacts / self.seconds

    def row(self, way: str, latency: float) -> list[Cell]:
        bound = self.calls * latency / self.parallel
        return [
            f"{latency * 1000:.0f} ms",
            way,
            self.contacts,
            self.pace,
            self.calls / self.contacts,
            bound if bound else "-",
            self.seconds,
            self.seconds / bound if bound else "-",
        ]


def measure(contacts: int, workers: int, repeats: int) -> None:
    rows: list[list[Cell]] = []
    ratios: dict[float, float] = {}
    settings = {"SPOTLER_PARALLEL_CALLS": str(workers)}
    with ground(contacts, settings) as here:
        for latency in LATENCIES:
            ours, theirs = [], []
            for _ in range(repeats):
                # In turns, so that what else the machine does hits both.
                ours.append(changed(here, workers, latency))
                theirs.append(by_contact(here, workers, latency))
            mine, other = _middle(ours), _middle(theirs)
            ratios[latency] = median(a.pace / b.pace for a, b in zip(ours, theirs, strict=True))
            rows.append(mine.row("this project", latency))
            rows.append(other.row("per contact", latency))
        beside = [
            (changed(here, workers, 0.0).seconds, bare(here, workers)) for _ in range(repeats)
        ]
        # What the last per-contact round wrote is not in the mirror.
        changed(here, workers, 0.0)
        unchanged = _run(here, workers, LATENCIES[-1], Outcome.UNCHANGED)
        writes = _writes(here)
        database = here.database
        rows.append(unchanged.row("this project, unchanged", LATENCIES[-1]))
    title = f"Runs on {database}: {workers} workers, {workers} parallel calls, no pace limit"
    show(title, HEAD, rows)
    said = ", ".join(
        f"{ratio:,.0f} at {latency * 1000:.0f} ms" for latency, ratio in ratios.items()
    )
    loops = ", ".join(f"{ours:.2f} s and {bare:.2f} s" for ours, bare in beside)
    times = median(ours / bare for ours, bare in beside)
    print(
        f"Without latency {contacts:,} took, beside a bare loop of {workers} processes, {loops}:"
        f" {times:.1f} times (aim: {AIM_BESIDE_BARE})."
    )
    print(
        f"Times the per-contact way: {said} (that one measured over {SAMPLE} contacts);"
        f" the unchanged run made {writes} write calls."
    )


def changed(here: Ground, workers: int, latency: float) -> Taken:
    """A run over everybody, of whom Spotler has old values."""
    here.plant()
    return _run(here, workers, latency, Outcome.UPDATED)


def bare(here: Ground, processes: int) -> float:
    """The seconds of a plain loop, with everything loaded before."""
    here.plant()
    _be_slow(here, 0.0)
    ids = list(here.people)
    running = [
        subprocess.Popen(
            [sys.executable, "-m", "benchmarks.bare_loop"],
            cwd=ROOT,
            env=here.stack.environ | _given(here),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(processes)
    ]
    for each in running:
        assert each.stdout is not None and each.stdout.readline() == "ready\n"
    began = time.perf_counter()
    for number, each in enumerate(running):
        assert each.stdin is not None
        each.stdin.write(" ".join(ids[number::processes]))
        each.stdin.close()
    if any(each.wait(LONGEST) for each in running):
        raise RuntimeError("The bare loop failed.")
    return time.perf_counter() - began


def by_contact(here: Ground, workers: int, latency: float) -> Taken:
    """The same work the other way."""
    here.plant()
    here.stack.environ.update(_given(here))
    redis: Redis = here.stack.redis
    redis.delete(per_contact.DONE)
    queue = Queue(per_contact.NAME, connection=redis)
    ids = list(here.people)[:SAMPLE]
    command = (sys.executable, "-m", "benchmarks.per_contact")
    with here.running(command, workers):
        here.wait_for_workers(workers)
        _be_slow(here, latency)
        started = time.perf_counter()
        for id_ in ids:
            queue.enqueue(per_contact.push, id_, result_ttl=0)
        _wait(lambda: _done(redis) >= len(ids))
        seconds = time.perf_counter() - started
    return Taken(len(ids), seconds, _calls(here), workers)


def measure_pace(contacts: int) -> None:
    """As the live service is said to be: slow, and five calls a second."""
    rows: list[list[Cell]] = []
    for parallel in (2, 4):
        settings = {
            "SPOTLER_PARALLEL_CALLS": str(parallel),
            "SPOTLER_CALLS_PER_SECOND": str(LIVE_PACE),
        }
        with ground(contacts, settings) as here:
            taken = changed(here, parallel, LIVE_LATENCY)
        bound = taken.calls * max(LIVE_LATENCY / parallel, 1 / LIVE_PACE)
        rows.append([parallel, taken.calls, bound, taken.seconds, taken.seconds / bound])
    title = f"At {LIVE_LATENCY * 1000:.0f} ms and {LIVE_PACE} calls a second (aim: 1.05)"
    show(title, ("calls at a time", "calls", "bound s", "took s", "× bound"), rows)


def _given(here: Ground) -> dict[str, str]:
    """What the other ways need to know."""
    return {
        "BENCHMARK_KEY": KEY,
        "BENCHMARK_SECRET": SECRET,
        "BENCHMARK_CRM": f"{here.stack.crm_url}/api",
        "BENCHMARK_TOKEN": here.credentials.api,
    }


def _run(here: Ground, workers: int, latency: float, expected: Outcome) -> Taken:
    with here.workers(workers):
        _be_slow(here, latency)
        started = time.perf_counter()
        run_id = here.ask()
        _wait(lambda: here.seen(run_id).state is not RunState.OPEN)
        seen = here.seen(run_id)
        # Until the last contact: not until we came to look.
        assert seen.finished_at is not None
        seconds = (seen.finished_at - seen.created_at).total_seconds()
        assert seconds <= time.perf_counter() - started
    done = getattr(seen, expected)
    if done != len(here.people):
        raise RuntimeError(f"{done} of {len(here.people)} were {expected}.")
    return Taken(len(here.people), seconds, _calls(here), workers)


def _be_slow(here: Ground, latency: float) -> None:
    here.sandbox("PUT", "/settings", latency=latency)
    here.sandbox("DELETE", "/calls")


def _statistics(here: Ground) -> Any:
    here.sandbox("PUT", "/settings", latency=0)
    return here.sandbox("GET", "/statistics")


def _calls(here: Ground) -> int:
    return int(_statistics(here)["calls"])


def _writes(here: Ground) -> int:
    endpoints = _statistics(here)["endpoints"]
    return sum(
        counts["calls"] for route, counts in endpoints.items() if not route.startswith("GET")
    )


def _done(redis: Redis) -> int:
    return int(redis.get(per_contact.DONE) or 0)


def _wait(condition: Any) -> None:
    if not wait_until(condition, LONGEST):
        raise RuntimeError("It takes too long.")


def _middle(taken: list[Taken]) -> Taken:
    return sorted(taken, key=lambda each: each.pace)[len(taken) // 2]
