"""A backup put back: how soon its plan is there, how long it takes, and in how much memory."""

from __future__ import annotations

import time

from benchmarks.bulk import LATENCY, WORKERS, read_mirror
from benchmarks.ground import OPERATOR, Ground, ground
from benchmarks.memory import Watch
from benchmarks.table import show
from demo.processes import wait_until
from spotler_plugin.extensions import db, snapshot
from spotler_plugin.jobs import preview as preview_jobs
from spotler_plugin.jobs import run as run_jobs
from spotler_plugin.models import Backup, BackupCause, BackupState, Preview, PreviewState, RunState
from spotler_plugin.planning.restore.order import Restore
from spotler_plugin.services.backup.request import request_backup
from spotler_plugin.services.capture import advance_backup
from spotler_plugin.services.preview.approve import confirm_preview
from spotler_plugin.services.preview.request import tally_of
from spotler_plugin.services.preview.restore import request_restore

CONTACTS = 20_000
LONGEST = 1800.0
HEAD = ("contacts", "plan s", "agree s", "calls", "bound s", "took s", "× bound", "worker MB")


def measure(contacts: int) -> None:
    """Everybody was overwritten since, and gets two values back. What is emptied is not in it: that
    takes two calls for each contact, whatever the run is."""
    with ground(contacts, {"SPOTLER_PARALLEL_CALLS": str(WORKERS)}) as here:
        here.plant()
        read_mirror(here)
        backup = _made(here)
        with here.workers(WORKERS) as workers:
            _overwritten(here)
            here.sandbox("PUT", "/settings", latency=LATENCY)
            watches = [Watch(each) for each in workers]
            planned, agreed, calls, took = _put_back(here, backup)
            for watch in watches:
                watch.end()
        here.sandbox("PUT", "/settings", latency=0)
        database = here.database
    most = max(max(watch.own, watch.children) for watch in watches) / 1024
    bound = calls * LATENCY / WORKERS
    row = [contacts, planned, agreed, calls, bound, took, took / bound, most]
    show(f"A backup put back on {database}, {WORKERS} workers", HEAD, [row])


def _made(here: Ground) -> Backup:
    row = request_backup(here.environment.id, BackupCause.PERSON, OPERATOR)
    db.session.commit()
    while advance_backup(here.environment.id, row.id):
        pass
    db.session.refresh(row)
    if row.state is not BackupState.COMPLETE or row.found != len(here.people):
        raise RuntimeError("The backup did not come to a good end.")
    db.session.commit()
    return row


def _overwritten(here: Ground) -> None:
    """By what the CRM and the mapping say."""
    run_id = here.ask()
    _wait(lambda: here.seen(run_id).state is not RunState.OPEN)
    if here.seen(run_id).updated != len(here.people):
        raise RuntimeError("Not everybody was overwritten.")


def _put_back(here: Ground, backup: Backup) -> tuple[float, float, int, float]:
    """How long the plan takes, and to agree with it; the run's calls, and how long it takes."""
    order = Restore(("firstName", "lastName"))
    row = request_restore(here.environment, backup, order, OPERATOR)
    began = time.perf_counter()
    preview_jobs.start(here.environment.id, row.id)
    _wait(lambda: _seen(row).state is not PreviewState.OPEN)
    planned = time.perf_counter() - began
    here.sandbox("DELETE", "/calls")
    began = time.perf_counter()
    emptied = tally_of(_seen(row)).emptied
    run_id = confirm_preview(here.environment, row.id, OPERATOR, emptied)
    assert run_id is not None
    run_jobs.start(run_id)
    agreed = time.perf_counter() - began
    _wait(lambda: here.seen(run_id).state is not RunState.OPEN)
    run = here.seen(run_id)
    if run.updated != len(here.people) or run.finished_at is None:
        raise RuntimeError(f"{run.updated} of {len(here.people)} were put back.")
    calls = int(here.sandbox("GET", "/statistics")["calls"])
    return planned, agreed, calls, (run.finished_at - run.created_at).total_seconds()


def _seen(row: Preview) -> Preview:
    with snapshot():
        return db.session.get_one(Preview, row.id, populate_existing=True)


def _wait(condition: object) -> None:
    assert callable(condition)
    if not wait_until(condition, LONGEST):
        raise RuntimeError("It takes too long.")
