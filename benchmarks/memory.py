"""Memory: the most that a worker needs, however many contacts a run has."""

from __future__ import annotations

import re
from pathlib import Path
from threading import Event, Thread

from benchmarks.ground import Ground, ground
from benchmarks.table import Cell, show
from demo.processes import Process, wait_until
from spotler_plugin.models import RunState

MOST = 100_000
SIZES = (1_000, 10_000, 100_000)
AIM = 200
LONGEST = 3600.0
LOOK_SECONDS = 0.02
PEAK = re.compile(r"^VmHWM:\s+(\d+) kB$", re.MULTILINE)


def measure(most: int) -> None:
    rows: list[list[Cell]] = []
    peaks = []
    for size in [size for size in SIZES if size <= most] or [most]:
        with ground(size) as here:
            here.plant()
            own, child = _peak(here)
        peaks.append(max(own, child))
        rows.append([size, own, child])
    show("Memory: peak of one worker, MB", ("contacts", "worker", "its child at work"), rows)
    highest, growth = max(peaks), peaks[-1] / peaks[0]
    print(f"The most is {highest:.0f} MB (aim: under {AIM}), {growth:.2f} times the least.")


def _peak(here: Ground) -> tuple[float, float]:
    """MB of the worker and of the largest process that it forked, during a run over everybody."""
    with here.workers(1) as (worker,):
        watch = Watch(worker)
        run_id = here.ask()
        done = wait_until(lambda: here.seen(run_id).state is not RunState.OPEN, LONGEST)
        watch.end()
    if not done or here.seen(run_id).updated != len(here.people):
        raise RuntimeError("The run did not come to a good end.")
    return watch.own / 1024, watch.children / 1024


class Watch:
    """Looks at the kernel's own high-water marks: of a worker, and of each child while it lives."""

    def __init__(self, worker: Process) -> None:
        self.own = self.children = 0
        self._pid = worker.pid
        self._over = Event()
        self._thread = Thread(target=self._look, daemon=True)
        self._thread.start()

    def end(self) -> None:
        self._over.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._over.wait(LOOK_SECONDS):
            self.own = max(self.own, peak_of(self._pid))
            for child in _children_of(self._pid):
                self.children = max(self.children, peak_of(child))


def _children_of(pid: int) -> list[int]:
    return [int(child) for child in _read(f"/proc/{pid}/task/{pid}/children").split()]


def peak_of(pid: int | str) -> int:
    """kB; of a process that is gone 0."""
    found = PEAK.search(_read(f"/proc/{pid}/status"))
    return int(found[1]) if found else 0


def _read(path: str) -> str:
    try:
        return Path(path).read_text()
    except OSError:
        return ""
