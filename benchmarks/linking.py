"""Linking: by a list that creates, and one by one where the list only updates."""

from __future__ import annotations

import time
from dataclasses import dataclass
from uuid import uuid4

from benchmarks.ground import OPERATOR, Ground, ground
from benchmarks.table import Cell, show
from demo.processes import wait_until
from spotler_plugin.extensions import db
from spotler_plugin.jobs import run as run_jobs
from spotler_plugin.models import Connection, Link, MirrorContact, RunKind, RunState, Source
from spotler_plugin.services.feed.follow import follow_feed, read_everybody
from spotler_plugin.services.feed.state import ask_full_reading
from spotler_plugin.services.run.create import create_run

CONTACTS = 400
WORKERS = 2
LATENCY = 0.05
LONGEST = 600.0
HEAD = ("contact/list", "contacts", "contacts/s", "calls", "took s")
WAYS = {"creates": (True, False), "only updates": (False, False), "known to": (False, True)}
"""Name to whether the list creates, and whether that was learned before."""


@dataclass(frozen=True, slots=True)
class Taken:
    """Who was linked, in which time, with how many calls to Spotler."""

    contacts: int
    seconds: float
    calls: int


def measure(contacts: int = CONTACTS) -> None:
    rows: list[list[Cell]] = []
    taken: dict[str, Taken] = {}
    with ground(contacts, {"SPOTLER_PARALLEL_CALLS": str(WORKERS)}) as here:
        for way, (creates, known) in WAYS.items():
            was = taken[way] = _linked(here, creates=creates, known=known)
            rows.append([way, was.contacts, was.contacts / was.seconds, was.calls, was.seconds])
    show(f"Linking at {LATENCY * 1000:.0f} ms, {WORKERS} workers", HEAD, rows)
    ratio = taken["known to"].seconds / taken["creates"].seconds
    print(f"One by one takes {ratio:,.0f} times as long as by the list.")


def _linked(here: Ground, *, creates: bool, known: bool) -> Taken:
    """Link everybody, from an empty account."""
    empty_account(here, creates=creates, known=known)
    with here.workers(WORKERS):
        here.sandbox("PUT", "/settings", latency=LATENCY, list_creates=creates)
        here.sandbox("DELETE", "/calls")
        started = time.perf_counter()
        made, _ = create_run(
            here.environment.id,
            list(here.people),
            kind=RunKind.BULK,
            source=Source.BULK,
            actor=OPERATOR,
            request_token=uuid4(),
        )
        run_jobs.start(made.id)
        over = wait_until(lambda: here.seen(made.id).state is not RunState.OPEN, LONGEST)
        seconds = time.perf_counter() - started
    seen = here.seen(made.id)
    # The CRM's people who left are not linked.
    if not over or seen.linked + seen.blocked != seen.selected:
        raise RuntimeError("Not everybody was linked.")
    here.sandbox("PUT", "/settings", latency=0)
    return Taken(seen.linked, seconds, int(here.sandbox("GET", "/statistics")["calls"]))


def empty_account(here: Ground, *, creates: bool, known: bool) -> None:
    """Nobody is linked, Spotler has nobody, and the mirror knows that."""
    here.sandbox("POST", "/reset", empty=True)
    owner = here.environment.id
    for model in (MirrorContact, Link):
        db.session.execute(db.delete(model).where(model.environment_id == owner))
    db.session.execute(
        db.update(Connection)
        .where(Connection.environment_id == owner)
        .values(list_only_updates=known)
    )
    ask_full_reading(owner)
    db.session.commit()
    follow_feed(owner)
    while read_everybody(owner):
        pass
