"""A person saves a contact while a large run keeps the only worker: how much longer that takes."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median, quantiles
from uuid import UUID, uuid4

from benchmarks.ground import OPERATOR, Ground, ground
from benchmarks.linking import empty_account
from benchmarks.saving import save
from benchmarks.table import Cell, show
from spotler_plugin.extensions import db
from spotler_plugin.jobs import run as run_jobs
from spotler_plugin.models import RunKind, RunState, Source
from spotler_plugin.services.run.control import cancel_run
from spotler_plugin.services.run.create import create_run

SAVES = 20
LATENCY = 0.05
WAYS = {"by the list": (True, 15_000), "one by one": (False, 2000)}
"""How a run links: name to whether the list creates, and how many contacts it has."""
HEAD = ("the worker", "median ms", "p95 ms", "most ms")


def measure() -> None:
    rows: list[list[Cell]] = []
    with ground(max(number for _, number in WAYS.values()) + SAVES) as here:
        people = list(here.people)
        clicked, others = people[:SAVES], people[SAVES:]
        for way, (creates, number) in WAYS.items():
            empty_account(here, creates=creates, known=not creates)
            with here.workers(1):
                here.sandbox("PUT", "/settings", latency=LATENCY, list_creates=creates)
                # The first time they are linked, which takes more calls.
                _saved(here, clicked)
                rows.append(_row("has nothing else to do", _saved(here, clicked)))
                run_id = _begin(here, others[:number])
                taken = _saved(here, clicked)
                if here.seen(run_id).state is not RunState.OPEN:
                    raise RuntimeError("The run was over too soon.")
                rows.append(_row(f"links {way}", taken))
                cancel_run(here.environment.id, run_id)
                run_jobs.stop(run_id)
    show(f"A save until done, one worker, {LATENCY * 1000:.0f} ms", HEAD, rows)


def _begin(here: Ground, ids: Sequence[str]) -> UUID:
    made, _ = create_run(
        here.environment.id,
        ids,
        kind=RunKind.BULK,
        source=Source.BULK,
        actor=OPERATOR,
        request_token=uuid4(),
    )
    db.session.commit()
    run_jobs.start(made.id)
    return made.id


def _saved(here: Ground, ids: Sequence[str]) -> list[float]:
    return [save(here, contact_id) for contact_id in ids]


def _row(what: str, taken: Sequence[float]) -> list[Cell]:
    p95 = quantiles(taken, n=20)[-1]
    return [what, median(taken) * 1000, p95 * 1000, max(taken) * 1000]
