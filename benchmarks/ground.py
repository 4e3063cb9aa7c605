"""The ground that is measured on: the whole product, with an account full of linked contacts."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any, cast
from uuid import UUID, uuid4

import requests
from flask import Flask
from redis import Redis

from benchmarks.visitor import Visitor
from demo.credentials import Credentials
from demo.crm.seed import contact_fields, contact_id
from demo.crm.settings import Settings
from demo.crm.special import ODD
from demo.ports import Ports
from demo.processes import Process, end, wait_until
from demo.stack import ENVIRONMENT, ROOT, Stack
from spotler_plugin import create_app
from spotler_plugin.config import Config
from spotler_plugin.extensions import db, snapshot
from spotler_plugin.jobs import run as run_jobs
from spotler_plugin.jobs.queue.worker import AppWorker
from spotler_plugin.models import Environment, Link, MirrorContact, Run, RunKind, Whom
from spotler_plugin.services import environment
from spotler_plugin.services.actor import Actor
from spotler_plugin.services.connection import credentials
from spotler_plugin.services.mirror.record import record_contacts
from spotler_plugin.services.run.create import create_run_for
from spotler_plugin.spotler import Contact

KEY, SECRET = "demo-key", "demo-secret"
OPERATOR = Actor("benchmark", "Benchmark")
SETTINGS = {"LOG_LEVEL": "ERROR", "SPOTLER_CALLS_PER_SECOND": "0"}
PLANTED_AT_ONCE = 5000
LONGEST_START = 60.0


class Ground:
    """A running stack, our own application on its database, and who is linked."""

    def __init__(self, stack: Stack, number: int) -> None:
        self.stack = stack
        self.app: Flask = create_app(Config.read(stack.environ))
        self.people = _addresses(number)
        """Contact id to address: the CRM's invented people whose data have no oddities."""
        self._workers: list[Process] = []

    @cached_property
    def credentials(self) -> Credentials:
        return Credentials.kept_in(self.stack.state)

    @property
    def database(self) -> str:
        return db.engine.dialect.name

    @property
    def environment(self) -> Environment:
        found = environment.find(ENVIRONMENT)
        assert found is not None
        return found

    def sandbox(self, method: str, path: str, /, **body: Any) -> Any:
        """The sandbox's control interface."""
        url = f"{self.stack.spotler_url}/_sandbox{path}"
        answer = requests.request(method, url, json=body or None, timeout=120)
        answer.raise_for_status()
        return answer.json()

    def visitor(self, client: requests.Session) -> Visitor:
        """Somebody who opens widgets of the stack's environment."""
        settings = Settings(
            environment=ENVIRONMENT,
            launch_secret=self.credentials.launch,
            origin=self.stack.crm_url,
        )
        return Visitor(settings, self.stack.plugin_url, client)

    def connect(self) -> None:
        """Paste key and secret."""
        credentials.connect(self.environment, KEY, SECRET, OPERATOR)
        db.session.commit()

    def plant(self) -> None:
        """Everybody is linked, and Spotler has another first name and no telephone of anybody."""
        self.sandbox("POST", "/reset", empty=True)
        old = {"firstName": "Oud", "lastName": "Oud"}
        now = datetime.now(UTC)
        owner = self.environment.id
        db.session.execute(db.delete(MirrorContact).where(MirrorContact.environment_id == owner))
        db.session.execute(db.delete(Link).where(Link.environment_id == owner))
        people = list(self.people.items())
        for start in range(0, len(people), PLANTED_AT_ONCE):
            part = people[start : start + PLANTED_AT_ONCE]
            self.sandbox(
                "POST",
                "/contacts",
                contacts=[
                    {"externalId": id_, "email": address, "properties": old}
                    for id_, address in part
                ],
            )
            record_contacts(owner, [_as_read(id_, address, old) for id_, address in part], now)
            db.session.execute(
                db.insert(Link),
                [{"environment_id": owner, "contact_id": id_, "linked_at": now} for id_, _ in part],
            )
            db.session.commit()
            db.session.expunge_all()
        # Those of the account are not known here, and another one's would be another account's.
        of_here = db.update(MirrorContact).where(MirrorContact.environment_id == owner)
        db.session.execute(of_here.values(encrypted_id=None))
        db.session.commit()

    def ask(self) -> UUID:
        """Start a run over all linked contacts."""
        made = create_run_for(
            self.environment, Whom.LINKED, kind=RunKind.SYNC, actor=OPERATOR, request_token=uuid4()
        )
        run_jobs.start(made.id)
        return made.id

    def seen(self, run_id: UUID) -> Run:
        # Whoever looks takes no lock that the workers wait for.
        with snapshot():
            return db.session.get_one(Run, run_id, populate_existing=True)

    @contextmanager
    def workers(self, count: int) -> Iterator[list[Process]]:
        """So many of the product's worker processes."""
        command = (sys.executable, "-m", "flask", "--app", "wsgi", "worker")
        with self.running(command, count) as workers:
            self.wait_for_workers(count)
            yield workers

    @contextmanager
    def running(self, command: tuple[str, ...], count: int) -> Iterator[list[Process]]:
        """So many processes of a program, with the settings of the stack; ended afterwards."""
        log = self.stack.logs / "benchmark.log"
        processes = [
            Process(f"worker {n}", command, ROOT, self.stack.environ, log) for n in range(count)
        ]
        try:
            for process in processes:
                process.start()
            yield processes
        finally:
            end(processes)

    def wait_for_workers(self, count: int) -> None:
        """Wait until so many listen: loading them is not what is measured."""
        redis: Redis = self.stack.redis

        def listening() -> int:
            known = cast(set[bytes], redis.smembers(AppWorker.redis_workers_keys))
            return sum(redis.hget(each.decode(), "state") == b"idle" for each in known)

        if not wait_until(lambda: listening() >= count, LONGEST_START):
            raise RuntimeError("The workers do not start.")


@contextmanager
def ground(number: int, settings: Mapping[str, str] | None = None) -> Iterator[Ground]:
    """The stack with so many linked contacts; worker and scheduler stand still.

    It works on SQLite, or on what TEST_DATABASE_URL names (`.ci/with-postgres` does).
    """
    with tempfile.TemporaryDirectory() as folder:
        given = {**SETTINGS, **(settings or {})}
        # Some of the CRM's people have no address, or one of another.
        many = number * 6 // 5 + 50
        database = os.environ.get("TEST_DATABASE_URL")
        with Stack(
            Path(folder), Ports.free(), contacts=many, database_url=database, settings=given
        ) as s:
            s.stop("worker", "scheduler")
            made = Ground(s, number)
            with made.app.app_context():
                made.connect()
                yield made
                db.session.remove()
                db.engine.dispose()


def _addresses(number: int) -> dict[str, str]:
    found: dict[str, str] = {}
    index = len(ODD)
    while len(found) < number:
        address = str(contact_fields(index)["email"])
        if address.startswith(f"contact{index}@"):
            found[contact_id(index)] = address
        index += 1
    return found


def _as_read(id_: str, address: str, properties: Mapping[str, str]) -> Contact:
    now = datetime.now(UTC)
    return Contact(
        external_id=id_,
        encrypted_id=f"planted-{id_}",
        active=True,
        permissions={},
        properties={"email": address, **properties},
        created=now,
        last_changed=now,
        test_group=False,
        temporary=False,
    )
