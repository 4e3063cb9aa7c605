"""What one environment with a CRM that never ends its answers takes from the others.

Twenty people have a modal of it open, and have saved more contacts than there are workers. Beside
that another environment's first paints and saves are measured, in turns with the same while the
CRM is quick.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import cycle
from statistics import median, quantiles
from threading import Event

import requests

from benchmarks.ground import KEY, OPERATOR, SECRET, Ground, ground
from benchmarks.saving import LONGEST, ask, save, wait_for
from benchmarks.table import Cell, show
from benchmarks.visitor import Visitor
from demo.crm.faults import Fault
from demo.crm.launch import Widget
from demo.crm.server import DemoCrm
from demo.crm.settings import Settings
from spotler_plugin.extensions import db
from spotler_plugin.jobs import run as run_jobs
from spotler_plugin.models import SecretKind
from spotler_plugin.services import environment
from spotler_plugin.services.connection import credentials
from spotler_plugin.services.run.control import cancel_run

CONTACTS = 200
MODALS = 20
WORKERS = 3
TURNS = 4
PAINTS = 100
SAVES = 10
WARM_UP = 40
READS = 1.0
"""Seconds in which a person reads that it is slow, and opens the next contact."""
AIM = 3.0
WIDGETS: tuple[Widget, ...] = ("data-block", "contact-modal")
QUICK, DRIPPING = "quick", "dripping"


def measure() -> None:
    painted: dict[str, list[float]] = {QUICK: [], DRIPPING: []}
    saved: dict[str, list[float]] = {QUICK: [], DRIPPING: []}
    with ground(CONTACTS) as here, DemoCrm(Settings(environment="slow")) as crm:
        here.plant()
        here.stack.start("scheduler")
        slow = _Slow(here, crm)
        with here.workers(WORKERS), requests.Session() as client:
            visitor = here.visitor(client)
            ids = cycle(here.people)
            _paint(visitor, [next(ids) for _ in range(WARM_UP)])
            for _ in range(TURNS):
                for way in (QUICK, DRIPPING):
                    with slow.dripping(way == DRIPPING):
                        painted[way] += _paint(visitor, [next(ids) for _ in range(PAINTS)])
                        saved[way] += [save(here, next(ids)) for _ in range(SAVES)]
    rows: list[list[Cell]] = []
    for what, taken in (("first paint", painted), ("save until done", saved)):
        least = _p95(taken[QUICK])
        rows += [
            [f"{what}, CRM {way}", len(each), median(each) * 1000, _p95(each) * 1000,
             max(each) * 1000, _p95(each) / least]
            for way, each in taken.items()
        ]  # fmt: skip
    show(
        f"Beside {MODALS} modals and as many saves on a slow CRM, {WORKERS} workers"
        f" ({slow.answers} modals answered)",
        ("another environment's", "number", "median ms", "p95 ms", "most ms", "× quick"),
        rows,
    )
    most = _p95(painted[DRIPPING]) / _p95(painted[QUICK])
    print(f"By p95 a first paint takes {most:.1f} times as long (aim: less than {AIM:.0f}).")


class _Slow:
    """An environment of its own, with a CRM that can be made to drip."""

    def __init__(self, here: Ground, crm: DemoCrm) -> None:
        secrets = environment.add(
            "slow",
            name="Slow",
            crm_origins=[crm.origin],
            crm_api=crm.api_url,
            spotler_url=here.environment.spotler_url,
            given={SecretKind.API: crm.settings.api_token},
        )
        db.session.commit()
        crm.settings.launch_secret = secrets[SecretKind.LAUNCH]
        self._crm, self._url = crm, here.stack.plugin_url
        found = environment.find("slow")
        assert found is not None
        self._environment = found
        credentials.connect(found, KEY, SECRET, OPERATOR)
        db.session.commit()
        self.answers = 0
        """How often somebody got to see the modal, or that it is slow."""

    @contextmanager
    def dripping(self, drips: bool) -> Iterator[None]:
        if not drips:
            yield
            return
        self._crm.data.faults.add(Fault("drip", seconds=LONGEST))
        runs = [ask(self._environment, f"slow-{number}") for number in range(MODALS)]
        over = Event()
        with ThreadPoolExecutor(MODALS) as people:
            opened = [people.submit(self._open, over) for _ in range(MODALS)]
            try:
                yield
            finally:
                over.set()
                self._crm.data.faults.clear()
        self.answers += sum(each.result() for each in opened)
        for run_id in runs:
            cancel_run(self._environment.id, run_id)
            run_jobs.stop(run_id)
        for run_id in runs:
            wait_for(run_id)

    def _open(self, over: Event) -> int:
        """Open modal after modal; return how many answered."""
        visitor = Visitor(self._crm.settings, self._url)
        number = 0
        while not over.is_set():
            visitor.launch("contact-modal", f"slow-{number}")
            visitor.ask("contact-modal", "POST", "/contact-modal/fresh")
            number += 1
            over.wait(READS)
        return number


def _paint(visitor: Visitor, contact_ids: Iterable[str]) -> list[float]:
    """Open data blocks and modals in turn."""
    return [
        visitor.launch(widget, contact_id)
        for contact_id, widget in zip(contact_ids, cycle(WIDGETS), strict=False)
    ]


def _p95(seconds: Sequence[float]) -> float:
    return quantiles(seconds, n=20)[-1]
