"""A bulk mutation: how soon its form and its plan are there, how long it takes, and its memory."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from uuid import UUID

import requests

from benchmarks.ground import Ground, ground
from benchmarks.memory import Watch
from benchmarks.table import Cell, show
from demo.processes import wait_until
from spotler_plugin.extensions import db, snapshot
from spotler_plugin.models import Permission, Preview, PreviewState, Run, RunState
from spotler_plugin.services.feed.follow import follow_feed, read_everybody
from spotler_plugin.services.feed.state import ask_full_reading

CONTACTS = 20_000
WORKERS = 2
LATENCY = 0.05
LONGEST = 1800.0
PREVIEW = re.compile(r'name="preview_id" value="([^"]+)"')
HEAD = ("what is asked", "form s", "plan s", "save s", "calls", "bound s", "took s", "× bound",
        "worker MB")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Taken:
    form: float
    plan: float
    save: float
    calls: int
    seconds: float
    megabytes: float

    def row(self, what: str) -> list[Cell]:
        bound = self.calls * LATENCY / WORKERS
        return [what, self.form, self.plan, self.save, self.calls, bound, self.seconds,
                self.seconds / bound, self.megabytes]  # fmt: skip


def measure(contacts: int) -> None:
    rows: list[list[Cell]] = []
    with ground(contacts, {"SPOTLER_PARALLEL_CALLS": str(WORKERS)}) as here:
        bit = db.session.scalars(
            db.select(Permission.bit)
            .where(Permission.environment_id == here.environment.id)
            .order_by(Permission.position)
        ).first()
        for what, form in (
            ("link and synchronise", {}),
            ("a permission besides", {f"permission-{bit}": "on", f"ground-{bit}": "benchmark"}),
        ):
            here.plant()
            read_mirror(here)
            rows.append(_mutated(here, form).row(what))
        database = here.database
    show(f"Bulk mutation of {contacts:,} on {database}, {WORKERS} workers", HEAD, rows)
    print("With a permission no chunk is prepared while the call for another is under way.")


def _mutated(here: Ground, form: dict[str, str]) -> Taken:
    """Open the form of a selection of everybody, wait for its plan, and save it."""
    with here.workers(WORKERS) as workers, requests.Session() as client:
        here.sandbox("PUT", "/settings", latency=LATENCY)
        watches = [Watch(each) for each in workers]
        person, selection = here.visitor(client), _select(here)
        opened = person.launch("bulk-step", selection, "selection")
        began = time.perf_counter()
        asked, html = person.send("bulk-step", "POST", "/bulk-step/plan", form)
        preview_id = _preview(html)
        _wait(lambda: _state(preview_id) is PreviewState.READY)
        planned = time.perf_counter() - began
        here.sandbox("DELETE", "/calls")
        saved = form | {"preview_id": str(preview_id)}
        saving, _ = person.send("bulk-step", "POST", "/bulk-step", saved)
        run_id = _run(preview_id)
        _wait(lambda: here.seen(run_id).state is not RunState.OPEN)
        run = here.seen(run_id)
        for watch in watches:
            watch.end()
    here.sandbox("PUT", "/settings", latency=0)
    calls = int(here.sandbox("GET", "/statistics")["calls"])
    assert run.finished_at is not None
    if run.updated != len(here.people):
        raise RuntimeError(f"{run.updated} of {len(here.people)} were updated.")
    most = max(max(watch.own, watch.children) for watch in watches) / 1024
    seconds = (run.finished_at - run.created_at).total_seconds()
    return Taken(opened + asked, planned, saving, calls, seconds, most)


def read_mirror(here: Ground) -> None:
    """The mirror is complete: who is switched is read by the feed, not one by one."""
    owner = here.environment.id
    ask_full_reading(owner)
    db.session.commit()
    follow_feed(owner)
    while read_everybody(owner):
        pass
    db.session.commit()


def _select(here: Ground) -> str:
    url = f"{here.stack.crm_url}/_demo/selections"
    answer = requests.post(url, json={"ids": list(here.people)}, timeout=60)
    answer.raise_for_status()
    return str(answer.json()["id"])


def _preview(html: str) -> UUID:
    found = PREVIEW.search(html)
    assert found is not None
    return UUID(found[1])


def _state(preview_id: UUID) -> PreviewState:
    with snapshot():
        return db.session.get_one(Preview, preview_id, populate_existing=True).state


def _run(preview_id: UUID) -> UUID:
    run_id = db.session.get_one(Preview, preview_id, populate_existing=True).run_id
    db.session.commit()
    assert run_id is not None
    return db.session.get_one(Run, run_id).id


def _wait(condition: object) -> None:
    assert callable(condition)
    if not wait_until(condition, LONGEST):
        raise RuntimeError("It takes too long.")
