"""Backups: how long all contacts of an account take, in how much memory, and how large it is."""

from __future__ import annotations

import time
from uuid import UUID

from benchmarks.ground import OPERATOR, Ground, ground
from benchmarks.memory import Watch
from benchmarks.table import Cell, show
from demo.processes import wait_until
from spotler_plugin.extensions import db
from spotler_plugin.jobs import backup as jobs
from spotler_plugin.jobs.queue import processes
from spotler_plugin.models import Backup, BackupCause, BackupState
from spotler_plugin.services.backup.request import request_backup

CONTACTS = 100_000
LATENCIES = (0.4, 0.0)
"""Seconds; the first is what the live service is said to take, and has the aim."""
AIM, MEMORY = 1.3, 150
LONGEST = 900.0
PLANTED_AT_ONCE = 5000
HEAD = ("latency", "contacts", "calls", "calls × latency", "took s", "× bound", "peak MB", "MB")


def measure(contacts: int = CONTACTS) -> None:
    rows: list[list[Cell]] = []
    told: list[str] = []
    with ground(10) as here:
        _plant(here, contacts)
        for latency in LATENCIES:
            here.sandbox("PUT", "/settings", latency=latency)
            row, calls, seconds, peak = _made(here)
            bound = calls * latency
            times: Cell = seconds / bound if bound else ""
            rows.append([f"{latency * 1000:.0f} ms", row.found, calls, bound or "", seconds, times,
                         peak, row.size / 1e6])  # fmt: skip
            if bound:
                told = [f"{times:.2f} times the bound (aim: {AIM})", f"{peak:.0f} MB ({MEMORY})"]
            if row.found != contacts:
                raise RuntimeError("Somebody is missing.")
    show("Backup of an account, one worker", HEAD, rows)
    print(", ".join(told) + f"; {rows[0][-1]} MB for {contacts} contacts.")


def _made(here: Ground) -> tuple[Backup, int, float, float]:
    """Make a backup; how many calls it took, how long, and the worker's most memory."""
    here.sandbox("DELETE", "/calls")
    with here.workers(1) as (worker,):
        wait_until(_is_at_work, LONGEST)
        watch = Watch(worker)
        asked = request_backup(here.environment.id, BackupCause.PERSON, OPERATOR)
        started = time.perf_counter()
        jobs.start(here.environment.id, asked.id)
        done = wait_until(lambda: _seen(asked.id).state is not BackupState.OPEN, LONGEST)
        seconds = time.perf_counter() - started
        watch.end()
    row = _seen(asked.id)
    if not done or row.state is not BackupState.COMPLETE:
        raise RuntimeError("The backup did not come to a good end.")
    calls = here.sandbox("GET", "/calls?method=GET&path=/contact/updates/list")["calls"]
    return row, len(calls), seconds, max(watch.own, watch.children) / 1024


def _is_at_work() -> bool:
    seen = processes.seen()
    return seen is not None and seen.workers > 0


def _seen(backup_id: UUID) -> Backup:
    found = db.session.get_one(Backup, backup_id, populate_existing=True)
    db.session.commit()
    return found


def _plant(here: Ground, contacts: int) -> None:
    """Contacts with a dozen values each, as an account that is used has."""
    here.sandbox("POST", "/reset", empty=True)
    for start in range(0, contacts, PLANTED_AT_ONCE):
        numbers = range(start, min(start + PLANTED_AT_ONCE, contacts))
        here.sandbox("POST", "/contacts", contacts=[_contact(number) for number in numbers])


def _contact(number: int) -> dict[str, object]:
    return {
        "externalId": f"{number:08}",
        "email": f"person{number}@example.nl",
        "properties": {
            "firstName": f"Voornaam {number % 997}",
            "lastName": f"Achternaam {number}",
            "organisation": f"Bedrijf {number % 5003} B.V.",
            "functie": "Directeur",
            "phoneNumber": f"+3120{number:07}",
            "mobileNumber": f"+316{number:08}",
            "street": f"Straat {number % 401}",
            "houseNumber": str(number % 300 + 1),
            "postalCode": f"{1000 + number % 8999} AB",
            "city": "Spijkenisse",
            "aantalMedewerkers": number % 250,
        },
    }
