"""Differences: how long both sides take to compare, and what a worker needs for it."""

from __future__ import annotations

from time import monotonic

from benchmarks.ground import OPERATOR, Ground, ground
from benchmarks.memory import Watch
from benchmarks.table import Cell, show
from demo.processes import wait_until
from spotler_plugin.extensions import db
from spotler_plugin.jobs import drift as drift_jobs
from spotler_plugin.models import Drift, DriftState
from spotler_plugin.services.drift.request import request_drift

CONTACTS = 10_000
LONGEST = 3600.0


def measure(contacts: int) -> None:
    """Everybody differs in each mapped value, which is the most that there can be to do."""
    rows: list[list[Cell]] = []
    for size in (contacts // 10, contacts):
        with ground(size) as here:
            here.plant()
            rows.append([size, *_compare(here)])
    head = ("contacts", "contacts/s", "took, s", "worker, MB", "its child at work, MB")
    show("Both sides compared, one worker, no latency", head, rows)


def _compare(here: Ground) -> tuple[float, float, float, float]:
    with here.workers(1) as (worker,):
        watch = Watch(worker)
        began = monotonic()
        row = request_drift(here.environment, OPERATOR)
        drift_jobs.start(row.environment_id, row.id)
        done = wait_until(lambda: _seen(row).state is not DriftState.OPEN, LONGEST)
        took = monotonic() - began
        watch.end()
    seen = _seen(row)
    if not done or seen.state is not DriftState.READY or seen.compared != len(here.people):
        raise RuntimeError("The comparison did not come to a good end.")
    return seen.compared / took, took, watch.own / 1024, watch.children / 1024


def _seen(row: Drift) -> Drift:
    found = db.session.get_one(Drift, row.id, populate_existing=True)
    # No transaction of ours stands in the way of the worker.
    db.session.commit()
    return found
