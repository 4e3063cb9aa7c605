"""Where the time of a run goes: one worker's work, in this process, under the profiler."""

from __future__ import annotations

import cProfile
import os
import time
from pathlib import Path
from types import CodeType

from benchmarks.ground import Ground, ground
from benchmarks.table import Cell, show
from spotler_plugin.models import Run
from spotler_plugin.services.sync.advance import advance_run

LINES = 40


def measure(contacts: int) -> None:
    with ground(contacts) as here:
        here.plant()
        used = _used(here)
        wall = _advance(here)
        cost = {name: now - used[name] for name, now in _used(here).items()}
        here.plant()
        # Time of this process, not of the wall: others use the machine too.
        profiler = cProfile.Profile(time.process_time)
        profiler.enable()
        _advance(here)
        profiler.disable()
    entries = sorted(profiler.getstats(), key=lambda entry: -entry.totaltime)
    rows: list[list[Cell]] = [
        [_name(entry.code), entry.callcount, entry.inlinetime, entry.totaltime]
        for entry in entries[:LINES]
    ]
    show(f"{contacts} changed contacts, by cumulative time", ("what", "calls", "own", "all"), rows)
    told = ", ".join(f"{name} {spent / contacts * 100_000:.1f}" for name, spent in cost.items())
    print(
        f"Without the profiler a hundred contacts took {wall / contacts * 100_000:.1f} ms,"
        f" and ms of processor: {told}."
    )


def _used(here: Ground) -> dict[str, float]:
    """Seconds of processor so far, by process; ours is the worker's."""
    others = {name: _seconds(here.stack.pid(name)) for name in ("spotler", "crm", "redis")}
    return {"worker": time.process_time(), **others}


def _seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _name(code: CodeType | str) -> str:
    if isinstance(code, str):
        return code
    return f"{'/'.join(code.co_filename.split('/')[-2:])}:{code.co_name}"


def _advance(here: Ground) -> float:
    """All of a run, as one worker does it."""
    run_id = here.ask()
    here.stack.redis.flushall()
    started = time.perf_counter()
    while advance_run(run_id):
        pass
    seconds = time.perf_counter() - started
    assert here.seen(run_id).updated == here.seen(run_id).selected, _told(here.seen(run_id))
    return seconds


def _told(run: Run) -> str:
    return f"{run.state}: {run.updated} of {run.selected} updated, {run.blocked} blocked"
