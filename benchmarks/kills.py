"""Kills: workers end with -9 while people save twice, cancel, disable and change keys.

All is drawn by a seed. Each person in the CRM is saved once, so that what was told of the save can
be compared with what Spotler has in the end.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from random import Random
from typing import Any
from uuid import UUID, uuid4

from benchmarks.ground import OPERATOR, Ground, ground
from benchmarks.table import Cell, show
from demo.processes import wait_until
from spotler_plugin.extensions import db
from spotler_plugin.jobs import run as run_jobs
from spotler_plugin.models import (
    IN_STEP,
    UNDER_WAY,
    Automation,
    Enrolment,
    EnrolmentState,
    Environment,
    Link,
    Outcome,
    Run,
    RunItem,
)
from spotler_plugin.services.connection.credentials import KeyRefused, SpotlerAway
from spotler_plugin.services.contact.save import save_contact
from spotler_plugin.services.run.control import cancel_run, resume_halted_runs

KILLS = 300
SAVES_PER_KILL = 2
WORKERS = 3
PERMISSION = 1
LATENCY = (0.02, 0.15)
LONGEST = 600.0
SHOWN = 10
SETTINGS = {"RETRY_SECONDS": "1"}
NEVER_LEFT = frozenset({EnrolmentState.WAITING, EnrolmentState.DROPPED})


def measure(kills: int, seed: int) -> None:
    saves = kills * SAVES_PER_KILL
    with ground(saves, SETTINGS) as here, here.workers(WORKERS) as workers:
        here.plant()
        here.stack.start("scheduler")
        here.sandbox("DELETE", "/calls")
        here.sandbox("PUT", "/settings", latency=LATENCY)
        site = Site(here, Random(seed))
        began = time.perf_counter()
        for _ in range(kills):
            for _ in range(SAVES_PER_KILL):
                site.save()
            site.disturb()
            site.wait_for_work()
            victim = site.random.choice(workers)
            victim.kill()
            victim.start()
        site.repair()
        if not wait_until(site.is_over, LONGEST):
            raise RuntimeError("Work is left that nobody does.")
        seconds = time.perf_counter() - began
        here.sandbox("PUT", "/settings", latency=0)
        wrong = site.wrong()
        title = f"Kills on {here.database}: {kills} with seed {seed}, {WORKERS} workers"
        done: list[list[Cell]] = [[what, number] for what, number in sorted(site.done.items())]
        show(f"{title}, in {seconds:,.0f} s", ("done", "times"), done)
        found: list[list[Cell]] = [[what, len(contacts)] for what, contacts in wrong.items()]
        show("What came of it", ("contacts", "number"), found)
        for what, contacts in wrong.items():
            for contact_id in sorted(contacts)[:SHOWN]:
                print(f"{what}: {site.history_of(contact_id)}")


@dataclass
class Site:
    """What people do while workers die, and what is true in the end."""

    here: Ground
    random: Random
    done: dict[str, int] = field(default_factory=dict)
    _people: Iterator[str] = field(init=False)
    _saved: dict[str, list[UUID]] = field(default_factory=dict)
    """Contact id to the runs of its saves: one, or two of two tabs."""
    _automation: int = field(init=False)
    _tabs: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(2))

    def __post_init__(self) -> None:
        self._people = iter(self.here.people)
        first = db.select(Automation.id).order_by(Automation.id).limit(1)
        self._automation = db.session.execute(first).scalar_one()
        db.session.commit()

    def save(self) -> None:
        """Switch a permission on and start an automation: once, sent twice, or in two tabs."""
        contact_id = next(self._people)
        twice = self.random.random()
        tokens = [uuid4(), uuid4()] if twice < 0.3 else [uuid4()] * (2 if twice < 0.6 else 1)
        runs = set(self._tabs.map(lambda token: self._save(contact_id, token), tokens))
        if len(runs) != len(set(tokens)):
            raise RuntimeError(f"{len(set(tokens))} saves became {len(runs)} runs.")
        self._saved[contact_id] = list(runs)
        self._count(f"saved, {len(tokens)} at once in {len(runs)} runs")

    def disturb(self) -> None:
        """Cancel a save, disable or enable, refuse the key or save it again, or nothing."""
        drawn = self.random.random()
        if drawn < 0.4:
            run_id = self.random.choice(self._saved[self.random.choice(list(self._saved)[-4:])])
            cancel_run(self.here.environment.id, run_id)
            run_jobs.stop(run_id)
            self._count("cancelled")
        elif drawn < 0.5:
            self._disable(datetime.now(UTC) if self.here.environment.disabled_at is None else None)
            self._count("disabled or enabled")
        elif drawn < 0.55:
            self.here.sandbox("POST", "/faults", kind="unauthorized", times=1)
            self._count("key refused")
        elif drawn < 0.65:
            self._count("key saved" if self._save_key() else "key saved in vain")
        db.session.commit()

    def wait_for_work(self) -> None:
        """Until some contact is being written, or a second; and then a random moment more."""
        held = db.select(Link.id).where(Link.lease.is_not(None)).limit(1)
        wait_until(lambda: _ask(held) is not None, 1.0)
        time.sleep(self.random.uniform(0.0, 0.4))

    def repair(self) -> None:
        """Enable, and prove the key, so that what was asked can be done."""
        self.here.sandbox("DELETE", "/faults")
        self._disable(None)
        if not wait_until(self._save_key, LONGEST):
            raise RuntimeError("The key can't be saved.")

    def is_over(self) -> bool:
        return _ask(db.select(Run.id).where(Run.state.in_(UNDER_WAY)).limit(1)) is None

    def wrong(self) -> dict[str, set[str]]:
        """Contacts that were lost, doubled, started twice, or told something that is not true."""
        there = self._in_spotler()
        lost: set[str] = set()
        told: set[str] = set()
        started: set[str] = set()
        for contact_id in self._saved:
            items = db.session.execute(
                db.select(RunItem.outcome).where(
                    RunItem.contact_id == contact_id, RunItem.run_id.in_(self._saved[contact_id])
                )
            )
            outcomes = set(items.scalars())
            # Nobody had any before.
            on = bool(there[contact_id]["permissions"])
            if Outcome.OPEN in outcomes or not outcomes:
                lost.add(contact_id)
            if (outcomes & IN_STEP and not on) or (outcomes == {Outcome.CANCELLED} and on):
                told.add(contact_id)
            arrived = self.here.sandbox("GET", f"/enrolments?externalId={contact_id}")["total"]
            states = set(
                db.session.scalars(
                    db.select(Enrolment.state).where(Enrolment.contact_id == contact_id)
                )
            )
            if arrived > 1:
                started.add(contact_id)
            if (EnrolmentState.STARTED in states and not arrived) or (
                states and states <= NEVER_LEFT and arrived
            ):
                told.add(contact_id)
        db.session.commit()
        doubled = set(self.here.sandbox("GET", "/statistics")["overlappedContacts"])
        return {"lost": lost, "doubled": doubled, "started twice": started, "told wrong": told}

    def history_of(self, contact_id: str) -> str:
        """All that our tables and Spotler have of a contact, to find out what went wrong."""
        items = db.session.execute(
            db.select(RunItem.outcome, RunItem.reason, RunItem.before, RunItem.after, Run.state)
            .join(Run, Run.id == RunItem.run_id)
            .where(RunItem.contact_id == contact_id)
        ).all()
        starts = db.session.execute(
            db.select(Enrolment.state, Enrolment.reason).where(Enrolment.contact_id == contact_id)
        ).all()
        calls = self.here.sandbox("GET", f"/calls?path=*{contact_id}*")["calls"]
        there = self._in_spotler()[contact_id]
        return f"{contact_id} items {items} starts {starts} there {there} calls {calls}"

    def _save(self, contact_id: str, token: UUID) -> UUID:
        with self.here.app.app_context():
            run_id = save_contact(
                self.here.environment,
                contact_id,
                actor=OPERATOR,
                request_token=token,
                permissions={PERMISSION: True},
                automations=[self._automation],
            )
            run_jobs.start(run_id)
            return run_id

    def _save_key(self) -> bool:
        """Save the key, and let go on what waited for it; False when it could not be proved."""
        try:
            self.here.connect()
        except (KeyRefused, SpotlerAway):
            # The fault that was set for the workers met us, or the dead hold all calls at a time.
            db.session.rollback()
            return False
        resumed = resume_halted_runs(self.here.environment.id)
        db.session.commit()
        for run_id in resumed:
            run_jobs.start(run_id)
        return True

    def _disable(self, moment: datetime | None) -> None:
        of_here = db.update(Environment).where(Environment.id == self.here.environment.id)
        db.session.execute(of_here.values(disabled_at=moment))
        db.session.commit()

    def _in_spotler(self) -> dict[str, Any]:
        """All contacts there, by our id."""
        found: dict[str, Any] = {}
        after: int | None = 0
        while after is not None:
            page = self.here.sandbox("GET", f"/contacts?after={after}")
            found |= {each["externalId"]: each for each in page["contacts"] if "externalId" in each}
            after = page["next"]
        return found

    def _count(self, what: str) -> None:
        self.done[what] = self.done.get(what, 0) + 1


def _ask(query: Any) -> Any:
    found = db.session.scalar(query)
    # No transaction of ours stands in the way of the workers.
    db.session.rollback()
    return found
