"""A large file as a backup: what taking it in and reading its rows need, however large it is."""

from __future__ import annotations

import tempfile
import time
from contextlib import closing
from pathlib import Path
from uuid import UUID

from benchmarks.ground import OPERATOR, ground
from benchmarks.memory import Watch, peak_of
from benchmarks.table import show
from demo.processes import wait_until
from spotler_plugin.extensions import db
from spotler_plugin.jobs import backup as jobs
from spotler_plugin.models import Backup, BackupState
from spotler_plugin.services.backup.request import account_layout
from spotler_plugin.services.backup.upload import head_of, match, receive

MEGABYTES = 100
PER_ROW = 1000
"""Bytes: a contact with a long note."""
AIM = 150
LONGEST = 900.0
HEAD = ("MB", "rows", "taken in s", "own peak grew MB", "read in s", "peak MB of the worker")


def measure(megabytes: int = MEGABYTES) -> None:
    rows = megabytes * 1_000_000 // PER_ROW
    with tempfile.TemporaryDirectory() as folder, ground(10) as here:
        path = Path(folder) / "contacten.csv"
        _write(path, rows)
        before, started = peak_of("self"), time.perf_counter()
        with closing(path.open("rb")) as file:
            row = receive(here.environment.id, OPERATOR, path.name, file)
        taken, grew = time.perf_counter() - started, (peak_of("self") - before) / 1024
        layout = account_layout(here.environment.id)
        match(row, head_of(row, layout).keys, layout)
        with here.workers(1) as (worker,):
            watch = Watch(worker)
            started = time.perf_counter()
            jobs.start(here.environment.id, row.id)
            wait_until(lambda: _seen(row.id).state is not BackupState.OPEN, LONGEST)
            seconds = time.perf_counter() - started
            watch.end()
        read = _seen(row.id)
        if read.state is not BackupState.COMPLETE or read.found != rows:
            raise RuntimeError("The file did not become a backup of all its rows.")
    peak = max(watch.own, watch.children) / 1024
    size = rows * PER_ROW / 1e6
    show("A file as a backup, one worker", HEAD, [[size, rows, taken, grew, seconds, peak]])
    print(f"{peak:.0f} MB at most (aim: {AIM}).")


def _write(path: Path, rows: int) -> None:
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        file.write("External id;E-mailadres;Voornaam;Achternaam;Notitie\r\n")
        for number in range(rows):
            known = f"c-{number:08};person{number}@example.nl;Zoë;Achternaam {number};"
            note = f"{number} " * PER_ROW
            file.write(f"{known}{note[: PER_ROW - len(known) - 3]}\r\n")


def _seen(backup_id: UUID) -> Backup:
    found = db.session.get_one(Backup, backup_id, populate_existing=True)
    db.session.commit()
    return found
