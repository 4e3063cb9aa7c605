"""The consent log with a million acts: how long a search answers, and what a file of all takes."""

from __future__ import annotations

import os
import random
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from typing import Any
from urllib.parse import urlencode

from cryptography.fernet import Fernet
from flask import Flask
from flask.testing import FlaskClient
from flask_migrate import upgrade
from sqlalchemy import insert, text

from benchmarks.memory import PEAK
from benchmarks.table import Cell, show
from spotler_plugin import create_app
from spotler_plugin.config import Config
from spotler_plugin.embedding import Session, seal
from spotler_plugin.extensions import db
from spotler_plugin.models import Act, Environment, Link, MirrorContact, Permission, Source
from spotler_plugin.services import environment as environments
from spotler_plugin.services.actor import Actor
from spotler_plugin.services.mirror.name import bare_name

ACTS = 1_000_000
EACH = 10
"""Acts of a contact, on average."""
AIM = 0.3
REPEATS = 5
AT_ONCE = 10_000
BITS = (1, 2, 4, 8)
NEVER = 16
"""A permission that nobody was ever switched."""
MINUTES = 2
"""Between two acts."""
ORIGIN = "https://crm.example"
NAMES = ("Zoë", "Jan", "Ömer", "Anna", "Sofie", "Bram", "Noor", "Piet")


def measure(acts: int = ACTS) -> None:
    with tempfile.TemporaryDirectory() as folder:
        app = _application(Path(folder))
        with app.app_context():
            upgrade()
            owner = _environment()
            began = time.perf_counter()
            _plant(owner, acts)
            print(f"Planted in {time.perf_counter() - began:.0f} s.", flush=True)
            headers = {"Authorization": f"Bearer {_session(owner)}", "HX-Request": "true"}
            slowest = _search(app.test_client(), headers, acts)
            print(f"The slowest took {slowest:.2f} s (aim: {AIM}).", flush=True)
            _take_along(app.test_client(), headers)
            db.session.remove()
            db.engine.dispose()


def _application(folder: Path) -> Flask:
    """On SQLite, or on what TEST_DATABASE_URL names (`.ci/with-postgres` does)."""
    url = os.environ.get("TEST_DATABASE_URL") or f"sqlite:///{folder / 'db'}"
    settings = {"DATABASE_URL": url, "REDIS_URL": "redis://localhost", "LOG_LEVEL": "ERROR",
                "SECRET_KEYS": Fernet.generate_key().decode(),
                "PUBLIC_URL": "https://plugin.example"}  # fmt: skip
    return create_app(Config.read(settings))


def _environment() -> Environment:
    environments.add("acme", name="CRM", crm_origins=[ORIGIN], crm_api=f"{ORIGIN}/api",
                     spotler_url=None, given={})  # fmt: skip
    db.session.commit()
    found = environments.find("acme")
    assert found is not None
    return found


def _session(owner: Environment) -> str:
    return seal(
        Session(
            environment=owner,
            actor=Actor("benchmark", "Benchmark"),
            widget="admin",
            resource_type="none",
            resource_id=None,
            permission="admin",
            origin=ORIGIN,
            lang="nl",
            channel="channel",
        )
    )


def _search(client: FlaskClient, headers: dict[str, str], acts: int) -> float:
    """Time each kind of search, with the page that it answers; return the slowest median."""
    middle = datetime.now(UTC) - timedelta(minutes=MINUTES * acts // 2)
    day = {"since": f"{middle:%Y-%m-%d}", "until": f"{middle:%Y-%m-%d}"}
    searches: dict[str, dict[str, Any]] = {
        "all, the newest": {},
        "all, from the middle on": {"before": acts // 2},
        "one day, in the middle": day,
        "a permission": {"permission": BITS[0]},
        "a permission that nobody has": {"permission": NEVER},
        "a source": {"source": Source.SPOTLER},
        "a source that never was": {"source": Source.RESTORE},
        "permission and source, never": {"permission": BITS[0], "source": Source.RESTORE},
        "one contact, by the id": {"query": _id(acts // EACH // 2)},
        "a surname": {"query": "achternaam 777"},
        "an address": {"query": f"person{acts // EACH // 3}@"},
        "a domain": {"query": "@bedrijf77.nl"},
        "a domain and a permission": {"query": "@bedrijf77.nl", "permission": BITS[0]},
        "a thousand people": {"query": "person12", "source": Source.SPOTLER},
        "too many people": {"query": "achternaam"},
        "nobody": {"query": "niemand"},
    }
    rows: list[list[Cell]] = []
    for name, asked in searches.items():
        taken, worked, answer = [], [], ""
        for _ in range(REPEATS):
            began, before = time.perf_counter(), time.process_time()
            answer = client.get(f"/admin/consent?{urlencode(asked)}", headers=headers).text
            taken.append(time.perf_counter() - began)
            worked.append(time.process_time() - before)
        times = [median(taken) * 1000, max(taken) * 1000, median(worked) * 1000]
        rows.append([name, answer.count("<li>"), *times])
    # Beside other work only the last says something: with SQLite it is all that there is to do.
    head = ("search", "shown", "median ms", "most ms", "of it our processor's")
    show(f"{acts:,} acts, {db.engine.dialect.name}; the whole answer", head, rows)
    return max(float(row[2]) for row in rows) / 1000


def _take_along(client: FlaskClient, headers: dict[str, str]) -> None:
    before, began, lines, size = _peak(), time.perf_counter(), 0, 0
    first = 0.0
    answer = client.get("/admin/consent/acts.csv", headers=headers, buffered=False)
    for piece in answer.iter_encoded():
        first = first or time.perf_counter() - began
        lines, size = lines + piece.count(b"\r\n"), size + len(piece)
    took = time.perf_counter() - began
    head = ("lines", "MB", "first after s", "took s", "memory MB", "more than before")
    row: list[Cell] = [lines, size / 1e6, first, took, _peak(), _peak() - before]
    show("All of them as a file", head, [row])


def _peak() -> float:
    """The most memory that this process had, in MB."""
    found = PEAK.search(Path("/proc/self/status").read_text())
    return int(found[1]) / 1024 if found else 0.0


def _plant(owner: Environment, acts: int) -> None:
    now, chance = datetime.now(UTC), random.Random(1)
    db.session.execute(
        insert(Permission),
        [{"environment_id": owner.id, "bit": bit, "description": f"Lijst {bit}", "position": bit}
         for bit in (*BITS, NEVER)],
    )  # fmt: skip
    for numbers in _parts(acts // EACH):
        people = [_person(owner.id, number, now) for number in numbers]
        db.session.execute(insert(MirrorContact), people)
        linked = [
            {"environment_id": owner.id, "contact_id": each["external_id"], "linked_at": now,
             "address": each["address"]}
            for each in people
        ]  # fmt: skip
        db.session.execute(insert(Link), linked)
        db.session.commit()
    sources = [Source.MODAL, *[Source.BULK] * 4, Source.SPOTLER, Source.AUTOMATIC_ACTION]
    for numbers in _parts(acts):
        rows = [
            {"environment_id": owner.id, "contact_id": _id(chance.randrange(acts // EACH)),
             "bit": chance.choice(BITS), "enabled": chance.random() < 0.7,
             "at": now - timedelta(minutes=MINUTES * (acts - number)), "actor_id": "benchmark",
             "actor_name": "A. de Vries", "source": chance.choice(sources), "applied_at": now}
            for number in numbers
        ]  # fmt: skip
        db.session.execute(insert(Act), rows)
        db.session.commit()
    if db.engine.dialect.name == "postgresql":
        # As its own autovacuum does, soon after.
        with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("VACUUM ANALYZE"))


def _parts(total: int) -> Iterator[range]:
    return (range(start, min(start + AT_ONCE, total)) for start in range(0, total, AT_ONCE))


def _person(owner_id: int, number: int, now: datetime) -> dict[str, Any]:
    """Somebody with as many values as contacts of an account that is used have."""
    properties = {
        "firstName": NAMES[number % len(NAMES)],
        "lastName": f"Achternaam {number % 20_011}",
        "email": f"person{number}@bedrijf{number % 3001}.nl",
        "organisation": f"Bedrijf {number % 5003} B.V.",
        "functie": "Directeur",
        "phoneNumber": f"+3120{number:07}",
        "street": f"Straat {number % 401}",
        "postalCode": f"{1000 + number % 8999} AB",
        "city": "Spijkenisse",
    }
    return {
        "environment_id": owner_id, "external_id": _id(number), "encrypted_id": f"e{number}",
        "address": properties["email"], "bare_name": bare_name(properties), "active": True,
        "permissions": {}, "properties": properties, "observed_at": now, "doubted": False,
    }  # fmt: skip


def _id(number: int) -> str:
    return f"{number:08}"
