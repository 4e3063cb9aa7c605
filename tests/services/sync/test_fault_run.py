"""A run over many contacts while everything fails: Spotler, the workers, Redis.

FAULT_RUN_CONTACTS says how many. It takes a good minute at least: a dead worker holds its leases
for 30 seconds.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import cycle
from typing import Any
from uuid import UUID, uuid4

import pytest
import requests
from flask import Flask
from sqlalchemy import create_engine, make_url, text

from demo.crm.seed import contact_id
from demo.ports import Ports
from demo.processes import Process, end, wait_until
from demo.stack import ENVIRONMENT, ROOT, Stack
from spotler_plugin import create_app
from spotler_plugin.config import Config
from spotler_plugin.extensions import db
from spotler_plugin.jobs import run as run_jobs
from spotler_plugin.models import (
    Automation,
    Enrolment,
    EnrolmentState,
    Environment,
    Link,
    Outcome,
    Run,
    RunItem,
    RunKind,
    RunState,
    Source,
    Whom,
)
from spotler_plugin.services import environment
from spotler_plugin.services.connection import credentials
from spotler_plugin.services.contact.save import save_contact
from spotler_plugin.services.run.create import create_run, create_run_for
from tests.world.accounts import ALICE

pytestmark = pytest.mark.long

CONTACTS = int(os.environ.get("FAULT_RUN_CONTACTS", "400"))
KILLS = 5
PATIENCE = 180 + CONTACTS / 10
SETTINGS = {
    "FEED_SECONDS": "5",
    "LOG_LEVEL": "ERROR",
    "RETRY_SECONDS": "1",
    "SPOTLER_CALLS_PER_SECOND": "0",
}
FAULTS = [
    {"kind": "rate_limit", "probability": 0.05, "seed": 1},
    {"kind": "backend_exception", "probability": 0.04, "seed": 2},
    {"kind": "drop", "when": "after", "probability": 0.04, "seed": 3},
    {"kind": "html", "when": "after", "probability": 0.02, "seed": 4},
    {"kind": "half_json", "when": "after", "probability": 0.02, "seed": 5},
]
"""Together one call in six; emptying a value takes two."""
MONTHLY = 1
EMPTIED_EVERY, PERMITTED_EVERY = 150, 3


@dataclass
class Site:
    """The whole product with a second worker, and all that the test does to it."""

    stack: Stack
    second: Process
    _kills: Iterator[Callable[[], None]] = field(init=False)
    _leases: set[UUID] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._kills = cycle((self._kill_first, self._kill_second))

    @property
    def environment(self) -> Environment:
        found = environment.find(ENVIRONMENT)
        assert found is not None
        return found

    def sandbox(self, method: str, path: str, body: Any = None) -> Any:
        return _ask(method, f"{self.stack.spotler_url}/_sandbox{path}", body)

    def crm(self, method: str, path: str, body: Any = None) -> Any:
        return _ask(method, f"{self.stack.crm_url}/_demo{path}", body)

    def in_spotler(self) -> dict[str, Any]:
        """All contacts there, by our id."""
        found: dict[str, Any] = {}
        after: int | None = 0
        while after is not None:
            page = self.sandbox("GET", f"/contacts?after={after}")
            found |= {each["externalId"]: each for each in page["contacts"] if "externalId" in each}
            after = page["next"]
        return found

    def finish(self, run_id: UUID) -> Run:
        """Wait until the run is over."""
        assert wait_until(lambda: _seen(run_id).state is not RunState.OPEN, PATIENCE), "too long"
        return _seen(run_id)

    def kill_at_work(self, run_id: UUID) -> None:
        """End a worker with -9 as soon as a chunk was taken that was not there before."""
        assert wait_until(lambda: self._is_new_lease() or _is_over(run_id), PATIENCE)
        assert not _is_over(run_id), "it was over before the worker was killed five times"
        next(self._kills)()

    def _kill_first(self) -> None:
        self.stack.kill("worker")
        self.stack.start("worker")

    def _kill_second(self) -> None:
        self.second.kill()
        self.second.start()

    def _is_new_lease(self) -> bool:
        held = set(db.session.scalars(db.select(Link.lease).where(Link.lease.is_not(None))))
        db.session.commit()
        new = held - self._leases
        self._leases |= held
        return bool(new)


def _ask(method: str, url: str, body: Any) -> Any:
    answer = requests.request(method, url, json=body, timeout=60)
    answer.raise_for_status()
    return answer.json()


def _seen(run_id: UUID) -> Run:
    found = db.session.get_one(Run, run_id, populate_existing=True)
    # On SQLite an open transaction of ours would stop the workers.
    db.session.commit()
    return found


def _is_over(run_id: UUID) -> bool:
    return _seen(run_id).state is not RunState.OPEN


@pytest.fixture(scope="module")
def database_url() -> Iterator[str | None]:
    """A PostgreSQL database of its own beside the tests', or nothing: then it is SQLite."""
    given = os.environ.get("TEST_DATABASE_URL")
    if given is None:
        yield None
        return
    url = make_url(given.replace("postgresql://", "postgresql+psycopg://"))
    name = f"fault_run_{uuid4().hex}"
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as server:
        server.execute(text(f"CREATE DATABASE {name}"))
        yield url.set(database=name, drivername="postgresql").render_as_string(hide_password=False)
        server.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    engine.dispose()


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, database_url: str | None) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("fault-run")
    with Stack(
        folder, Ports.free(), contacts=CONTACTS, database_url=database_url, settings=SETTINGS
    ) as stack:
        command = (sys.executable, "-m", "flask", "--app", "wsgi", "worker")
        second = Process("worker 2", command, ROOT, stack.environ, folder / "logs" / "worker2.log")
        second.start()
        app: Flask = create_app(Config.read(stack.environ))
        with app.app_context():
            yield Site(stack, second)
            db.session.remove()
            db.engine.dispose()
        end([second])


def test_all_that_can_go_wrong(site: Site) -> None:
    credentials.connect(site.environment, "demo-key", "demo-secret", ALICE)
    db.session.commit()
    linked = _link_all(site)
    assert len(linked) > CONTACTS / 2
    permitted = set(linked[::PERMITTED_EVERY])
    site.sandbox(
        "POST",
        "/contacts",
        {"contacts": [{"externalId": id_, "permissions": [MONTHLY]} for id_ in permitted]},
    )
    wanted = {id_: _changed(site, number, id_) for number, id_ in enumerate(linked)}
    before = site.in_spotler()
    site.sandbox("DELETE", "/calls")
    site.sandbox("PUT", "/settings", {"latency": [0.05, 0.3]})
    site.sandbox("PUT", "/faults", {"faults": FAULTS})

    started = [_start_automation(site, id_) for id_ in linked[:5]]
    made = create_run_for(
        site.environment, Whom.LINKED, kind=RunKind.SYNC, actor=ALICE, request_token=uuid4()
    )
    run_jobs.start(made.id)
    for number in range(KILLS):
        site.kill_at_work(made.id)
        if number == 2:
            site.stack.redis.flushall()
    seen = [site.finish(run_id) for run_id in (made.id, *started)]

    site.sandbox("DELETE", "/faults")
    after = site.in_spotler()
    assert {each.state for each in seen} == {RunState.FINISHED}
    _check_sums(made.id, linked)
    wrong = {
        id_: {name: after[id_]["properties"].get(name) for name in values}
        for id_, values in wanted.items()
        if any(after[id_]["properties"].get(name) != value for name, value in values.items())
    }
    assert wrong == {}
    assert after.keys() == before.keys(), "nobody was added and nobody was lost"
    assert {id_: each["permissions"] for id_, each in after.items()} == {
        id_: each["permissions"] for id_, each in before.items()
    }
    statistics = site.sandbox("GET", "/statistics")
    assert (statistics["overlappingContactWrites"], statistics["overlappedContacts"]) == (0, {})
    _check_enrolments(site, linked[:5])


def _link_all(site: Site) -> list[str]:
    """By a run of a bulk mutation over the whole CRM; who cannot be linked is not in the run."""
    made, _ = create_run(
        site.environment.id,
        [contact_id(index) for index in range(CONTACTS)],
        kind=RunKind.BULK,
        source=Source.BULK,
        actor=ALICE,
        request_token=uuid4(),
    )
    run_jobs.start(made.id)
    assert site.finish(made.id).state is RunState.FINISHED
    linked = db.session.scalars(
        db.select(Link.contact_id).where(Link.linked_at.is_not(None)).order_by(Link.id)
    ).all()
    db.session.commit()
    return list(linked)


def _changed(site: Site, number: int, id_: str) -> dict[str, str | None]:
    """Change the contact in the CRM; what Spotler should hold then."""
    fields: dict[str, str | None] = {"first_name": f"Nieuw {number}", "last_name": "Anders"}
    expected: dict[str, str | None] = {"firstName": f"Nieuw {number}", "lastName": "Anders"}
    if number % EMPTIED_EVERY == 0:
        fields["phone"] = expected["phoneNumber"] = None
    site.crm("PATCH", f"/contacts/{id_}", {"fields": fields, "silent": True})
    return expected


def _start_automation(site: Site, id_: str) -> UUID:
    """In the modal, while the run is under way: two runs want the same contact."""
    automation = db.session.scalars(db.select(Automation.id).order_by(Automation.id)).first()
    assert automation is not None
    run_id = save_contact(
        site.environment,
        id_,
        actor=ALICE,
        request_token=uuid4(),
        permissions={},
        automations=[automation],
    )
    run_jobs.start(run_id)
    return run_id


def _check_sums(run_id: UUID, linked: list[str]) -> None:
    made = _seen(run_id)
    counted: dict[Outcome, int] = {
        outcome: count
        for outcome, count in db.session.execute(
            db.select(RunItem.outcome, db.func.count())
            .where(RunItem.run_id == run_id)
            .group_by(RunItem.outcome)
        )
    }
    told = {each: getattr(made, each) for each in Outcome if each is not Outcome.OPEN}
    assert {each: count for each, count in told.items() if count} == counted
    assert made.selected == len(linked) == sum(told.values())
    # A chunk whose answer never came was written all the same: then nothing was left to write.
    assert counted.keys() <= {Outcome.UPDATED, Outcome.UNCHANGED}


def _check_enrolments(site: Site, ids: list[str]) -> None:
    for id_ in ids:
        arrived = site.sandbox("GET", f"/enrolments?externalId={id_}")["total"]
        state = db.session.scalars(
            db.select(Enrolment.state).where(Enrolment.contact_id == id_)
        ).one()
        assert arrived <= 1
        if state is EnrolmentState.STARTED:
            assert arrived == 1
