"""Many environments whose accounts stand still: whether their feeds are read by the clock.

They share the account of a sandbox of their own, in which nothing happens. Meanwhile a person of
another environment saves a contact now and then, which is to overtake.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from statistics import median, quantiles

from benchmarks.ground import KEY, OPERATOR, SECRET, Ground, ground
from benchmarks.saving import save
from benchmarks.table import Cell, show
from demo.ports import HOST, answers, free_ports
from demo.processes import wait_until
from spotler_plugin.extensions import db
from spotler_plugin.models import (
    Connection,
    ConnectionState,
    Environment,
    Feed,
    SecretKind,
)
from spotler_plugin.services import environment

ENVIRONMENTS = 1000
WORKERS = 2
LATENCY = 0.05
EVERY = 60.0
"""Seconds between two readings, as the product reads by default."""
ROUNDS = 3
SAVE_EVERY = 3.0
LONGEST = 120.0
SETTINGS = {"FEED_SECONDS": f"{EVERY:.0f}"}


def measure(environments: int) -> None:
    with ground(200, SETTINGS) as here, _still(here) as still:
        here.plant()
        owners = _add(here, environments - 1, still)
        here.sandbox("PUT", "/settings", latency=LATENCY)
        saved: list[float] = []
        waits: list[float] = []
        people = iter(here.people)
        with here.workers(WORKERS):
            here.stack.start("scheduler")
            began = datetime.now(UTC)
            if not wait_until(lambda: _oldest(owners) >= began, LONGEST + EVERY):
                raise RuntimeError("Not every feed was read once.")
            end = time.monotonic() + ROUNDS * EVERY
            while time.monotonic() < end:
                saved.append(save(here, next(people)))
                waits.append((datetime.now(UTC) - _oldest(owners)).total_seconds())
                time.sleep(SAVE_EVERY)
        p95 = quantiles(saved, n=20)[-1]
        rows: list[list[Cell]] = [
            [f"{environments:,}", max(waits), median(saved) * 1000, p95 * 1000, max(saved) * 1000]
        ]
        head = ("environments", "oldest reading, s", "save, median ms", "p95 ms", "most ms")
        show(f"Idle feeds on {here.database}, {WORKERS} workers, every {EVERY:.0f} s", head, rows)
        print(f"By the clock no reading is older than about {EVERY:.0f} s and the time of one.")


@contextmanager
def _still(here: Ground) -> Iterator[str]:
    """Run a sandbox in whose account nothing happens; yield where its API is."""
    port = free_ports(1)[0]
    url = f"http://{HOST}:{port}"
    command = (sys.executable, "-m", "demo.spotler", "--empty", "--port", str(port),
               "--latency", str(LATENCY))  # fmt: skip
    with here.running(command, 1):
        if not wait_until(lambda: answers(f"{url}/_sandbox/settings"), 60):
            raise RuntimeError("The sandbox does not come.")
        yield str(here.environment.spotler_url).replace(here.stack.spotler_url, url)


def _add(here: Ground, number: int, spotler_url: str) -> list[int]:
    """Add environments on one account, whose contacts were all read."""
    found = here.environment
    for n in range(number):
        environment.add(
            f"idle-{n}",
            name="Idle",
            crm_origins=found.crm_origins,
            crm_api=found.crm_api,
            spotler_url=spotler_url,
            given={SecretKind.API: here.credentials.api},
        )
    db.session.commit()
    now = datetime.now(UTC)
    ids = list(db.session.scalars(db.select(Environment.id)))
    for owner in ids:
        if owner != found.id:
            db.session.add(
                Connection(
                    environment_id=owner,
                    key=KEY,
                    secret=SECRET,
                    key_ending=KEY[-4:],
                    secret_ending=SECRET[-4:],
                    state=ConnectionState.CONNECTED,
                    connected_by=OPERATOR.name,
                    proved_at=now,
                    catalogue_read_at=now,
                    catalogue_due_at=now + timedelta(hours=1),
                )
            )
    db.session.commit()
    db.session.execute(db.delete(Feed))
    read = {"full_started_at": now, "full_finished_at": now, "read_at": now}
    db.session.execute(db.insert(Feed), [{"environment_id": owner, **read} for owner in ids])
    db.session.commit()
    db.session.expunge_all()
    return ids


def _oldest(owners: list[int]) -> datetime:
    """When the feed was read that was not read for the longest time."""
    read_at = db.session.scalar(
        db.select(db.func.min(Feed.read_at))
        .where(Feed.environment_id.in_(owners))
        .execution_options(across_environments=True)
    )
    # No transaction of ours stands in the way of the workers.
    db.session.rollback()
    assert isinstance(read_at, datetime)
    return read_at
