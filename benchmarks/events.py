"""Events by the thousand, in bursts, doubled and out of order, while Redis is away for a while.

Every event is followed by a request to a bare page that writes one row, by the same client, and
somebody saves a contact now and then. In the end Spotler has to be as the CRM is.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from random import Random
from statistics import median, quantiles
from typing import Any
from uuid import uuid4

import requests
from standardwebhooks import Webhook

from benchmarks.ground import OPERATOR, Ground, ground
from benchmarks.saving import save
from benchmarks.table import Cell, show
from demo.ports import HOST, answers, free_ports
from demo.processes import wait_until
from demo.stack import ENVIRONMENT
from spotler_plugin.extensions import db
from spotler_plugin.models import (
    UNDER_WAY,
    Event,
    EventOutcome,
    Firing,
    Run,
    RunKind,
)
from spotler_plugin.planning.adjustment import Adjustment, Switch
from spotler_plugin.planning.draft import Draft
from spotler_plugin.services.automatic_action.edit import add_action

CONTACTS = 400
SECONDS = 60.0
CONNECTIONS = 8
BURST = 15
"""Events that a connection sends without a pause."""
DOUBLED, LATE, FIRED = 0.1, 0.1, 0.1
AWAY_FROM, AWAY = 25.0, 10.0
"""When Redis goes away, and for how long."""
WORKERS = 2
PERMISSION = 1
SAVES = 15
LONGEST = 300.0
AIM = 10.0


def measure(number: int) -> None:
    with ground(CONTACTS + 200) as here, here.workers(WORKERS), _bare(here) as bare:
        here.plant()
        people = list(here.people)
        owned, saved = people[:CONTACTS], iter(people[CONTACTS:])
        action = add_action(
            here.environment.id,
            Draft("Benchmark", "", Adjustment(switches={PERMISSION: Switch(True, "klant")})),
            OPERATOR,
        )
        db.session.commit()
        here.stack.start("scheduler")
        before = [save(here, next(saved)) for _ in range(SAVES)]
        senders = [
            _Sender(here, bare, owned[n::CONNECTIONS], str(action.id), number // CONNECTIONS, n)
            for n in range(CONNECTIONS)
        ]
        during: list[float] = []
        began = time.monotonic()
        with ThreadPoolExecutor(CONNECTIONS) as threads:
            sending = [threads.submit(each.send_all) for each in senders]
            while time.monotonic() - began < AWAY_FROM:
                during.append(save(here, next(saved)))
            here.stack.kill("redis")
            time.sleep(AWAY)
            here.stack.start("redis")
            back = time.monotonic()
            while not all(each.done() for each in sending):
                during.append(save(here, next(saved)))
        for each in sending:
            each.result()
        if not wait_until(_is_over, LONGEST):
            raise RuntimeError("Work is left that nobody does.")
        _report(here, senders, before, during, time.monotonic() - back)


@dataclass
class _Sender:
    """One connection of the CRM: changes its contacts, and tells of it."""

    here: Ground
    bare: str
    contacts: list[str]
    action_id: str
    number: int
    seed: int
    event_ms: list[float] = field(default_factory=list)
    bare_ms: list[float] = field(default_factory=list)
    refused: int = 0
    transitions: set[str] = field(default_factory=set)
    fired_for: set[str] = field(default_factory=set)

    def send_all(self) -> None:
        random, late = Random(self.seed), list[tuple[str, bytes]]()
        began, client = time.monotonic(), requests.Session()
        with client:
            for count in range(self.number):
                if count % BURST == 0:
                    pause = began + SECONDS * count / self.number - time.monotonic()
                    time.sleep(max(0.0, pause))
                event = uuid4().hex, self._event(client, random)
                if random.random() < LATE:
                    late.append(event)
                    continue
                self._send(client, *event)
                if random.random() < DOUBLED:
                    self._send(client, *event)
                if late:
                    self._send(client, *late.pop(0))
            for event in late:
                self._send(client, *event)

    def _event(self, client: requests.Session, random: Random) -> bytes:
        contact_id = random.choice(self.contacts)
        if random.random() < FIRED:
            transition = uuid4().hex
            self.transitions.add(transition)
            self.fired_for.add(contact_id)
            moved = {"id": transition, "sale_id": "s", "from_phase": "a", "to_phase": "b"}
            moved["at"] = datetime.now(UTC).isoformat()
            data: dict[str, Any] = {"action_id": self.action_id, "contact_id": contact_id}
            return _body("automatic_action.triggered", data | {"transition": moved})
        url = f"{self.here.stack.crm_url}/_demo/contacts/{contact_id}"
        changed = {"fields": {"first_name": uuid4().hex[:12]}, "silent": True}
        answer = client.patch(url, json=changed, timeout=30)
        answer.raise_for_status()
        version = answer.json()["version"]
        return _body("contact.changed", {"contact_id": contact_id, "version": version})

    def _send(self, client: requests.Session, id: str, body: bytes) -> None:
        now = datetime.now(UTC)
        signature = Webhook(self.here.credentials.events).sign(id, now, body.decode())
        headers = {
            "webhook-id": id,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": signature,
        }
        url = f"{self.here.stack.plugin_url}/events/{ENVIRONMENT}"
        taken, status = _timed(lambda: client.post(url, data=body, headers=headers, timeout=60))
        self.event_ms.append(taken)
        self.refused += status != 202
        self.bare_ms.append(_timed(lambda: client.post(self.bare, data=body, timeout=60))[0])


def _report(
    here: Ground,
    senders: list[_Sender],
    before: list[float],
    during: list[float],
    seconds: float,
) -> None:
    events = [ms for each in senders for ms in each.event_ms]
    bare = [ms for each in senders for ms in each.bare_ms]
    saves = [each * 1000 for each in before], [each * 1000 for each in during]
    head = ("request", "number", "median ms", "p95 ms", "most ms")
    rows: list[list[Cell]] = [
        [name, len(taken), median(taken), quantiles(taken, n=20)[-1], max(taken)]
        for name, taken in (
            ("event", events),
            ("bare, one row", bare),
            ("save until done, before", saves[0]),
            ("save until done, meanwhile", saves[1]),
        )
    ]
    show(f"Events on {here.database}, {WORKERS} workers", head, rows)
    ratio = quantiles(events, n=20)[-1] / quantiles(bare, n=20)[-1]
    print(f"By p95 an event takes {ratio:.1f} times as long as a row (aim: {AIM:.0f}, or 50 ms).")
    slower = median(saves[1]) / median(saves[0])
    print(f"By the median a save takes {slower:.1f} times as long meanwhile (aim: 2).")
    transitions = {each for sender in senders for each in sender.transitions}
    fired_for = {each for sender in senders for each in sender.fired_for}
    found: list[list[Cell]] = [
        ["not answered with 202", sum(each.refused for each in senders)],
        ["contacts that differ", len(_different(here, senders))],
        ["transitions told of", len(transitions)],
        ["firings", _count(db.select(db.func.count()).select_from(Firing))],
        ["runs of firings", _count(_runs(RunKind.ACTION))],
        ["contacts fired for and not switched on", len(fired_for - _on(here))],
        ["events given up", _count(_events(EventOutcome.FAILED))],
    ]
    show(f"What came of it, {seconds:.0f} s after Redis was back", ("what", "number"), found)


def _different(here: Ground, senders: list[_Sender]) -> set[str]:
    """Contacts whose first name in Spotler is not the CRM's."""
    owned = [id_ for each in senders for id_ in each.contacts]
    crm = {
        id_: requests.get(f"{here.stack.crm_url}/_demo/contacts/{id_}", timeout=30).json()
        for id_ in owned
    }
    spotler = _in_spotler(here)
    return {
        id_
        for id_ in owned
        if crm[id_]["version"] != "1"
        and crm[id_]["fields"]["first_name"] != spotler[id_]["properties"].get("firstName")
    }


def _on(here: Ground) -> set[str]:
    return {
        id_
        for id_, each in _in_spotler(here).items()
        if any(p["bit"] == PERMISSION and p["enabled"] for p in each["properties"]["permissions"])
    }


def _in_spotler(here: Ground) -> dict[str, Any]:
    found: dict[str, Any] = {}
    after: int | None = 0
    while after is not None:
        page = here.sandbox("GET", f"/contacts?after={after}")
        found |= {each["externalId"]: each for each in page["contacts"] if "externalId" in each}
        after = page["next"]
    return found


def _is_over() -> bool:
    waiting = _count(_events(EventOutcome.WAITING)) + _count(
        db.select(db.func.count()).select_from(Run).where(Run.state.in_(UNDER_WAY))
    )
    open_firings = db.select(db.func.count()).select_from(Firing).where(Firing.run_id.is_(None))
    return waiting + _count(open_firings) == 0


def _events(outcome: EventOutcome) -> Any:
    return db.select(db.func.count()).select_from(Event).where(Event.outcome == outcome)


def _runs(kind: RunKind) -> Any:
    return db.select(db.func.count()).select_from(Run).where(Run.kind == kind)


def _count(query: Any) -> int:
    found = db.session.scalar(query.execution_options(across_environments=True))
    # No transaction of ours stands in the way of the workers.
    db.session.rollback()
    return int(found or 0)


def _body(kind: str, data: dict[str, Any]) -> bytes:
    told = {"type": kind, "timestamp": datetime.now(UTC).isoformat(), "data": data}
    return json.dumps(told).encode()


def _timed(request: Callable[[], requests.Response]) -> tuple[float, int]:
    started = time.perf_counter()
    status = request().status_code
    return (time.perf_counter() - started) * 1000, status


@contextmanager
def _bare(here: Ground) -> Iterator[str]:
    """Serve a bare page that writes a row as the plugin is served; yield its address."""
    port = free_ports(1)[0]
    url = f"http://{HOST}:{port}/row"
    command = (sys.executable, "-m", "gunicorn", "benchmarks.bare:app", "--bind",
               f"{HOST}:{port}", "--worker-class", "gthread", "--threads", "8",
               "--no-control-socket")  # fmt: skip
    with here.running(command, 1):
        if not wait_until(lambda: answers(url), 60):
            raise RuntimeError("The bare page does not come.")
        yield url
