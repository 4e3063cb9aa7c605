"""Backed up, overwritten, put back: from the backup itself, and from its file in any form.

`ROUND_TRIP` asks for more contacts than CI tries: 5000 take some minutes for each way.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from shutil import which
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from spotler_plugin.models import Backup, BackupState
from tests.services.backup.test_upload import (
    MANUAL,
    as_it_is,
    downloaded,
    read,
    table,
    uploaded,
    with_commas,
    with_formulas_worked_out,
)
from tests.services.sources.test_restore import (
    EVENTS,
    ODD,
    backed_up,
    everything,
    overwritten,
    restored,
)
from tests.world.crowd import Crowd, read_feed
from tests.world.world import MONTHLY, World

NUMBER = int(os.environ.get("ROUND_TRIP", "8"))

pytestmark = pytest.mark.people(NUMBER)

IN_PICTURE = ("firstName", "lastName", "functie")
OFFICE = which("soffice")
DUTCH, ENGLISH = 1043, 1033
SPREADSHEET = "Text - txt - csv (StarCalc)"


def with_libreoffice(language: int) -> Callable[[str], bytes]:
    """Opened and saved in LibreOffice, with its filter's options for a file with semicolons."""

    def saved(text: str) -> bytes:
        with TemporaryDirectory() as folder:
            there = Path(folder, "backup.csv")
            there.write_bytes(text.encode())
            read_as = f"59,34,76,1,,{language}"
            kept = f"csv:{SPREADSHEET}:59,34,76,1,,{language},false,true,false"
            command = [str(OFFICE), "--headless", f"-env:UserInstallation=file://{folder}/user",
                       f"--infilter={SPREADSHEET}:{read_as}", "--convert-to", kept,
                       "--outdir", f"{folder}/saved", str(there)]  # fmt: skip
            subprocess.run(command, check=True, capture_output=True, timeout=300)
            return Path(folder, "saved", "backup.csv").read_bytes()

    return saved


SAVED = {
    "csv": as_it_is,
    "csv, worked out": with_formulas_worked_out,
    "csv, commas": with_commas,
    "LibreOffice, Dutch": with_libreoffice(DUTCH),
    "LibreOffice, English": with_libreoffice(ENGLISH),
}
WAYS = [
    pytest.param(way, marks=pytest.mark.skipif(not OFFICE, reason="there is no LibreOffice here"))
    if way.startswith("LibreOffice")
    else way
    for way in ("backup", *SAVED)
]


@pytest.fixture
def crowd(crowd: Crowd) -> Crowd:
    """With values of all kinds."""
    world = crowd.world
    for start in range(0, NUMBER, 500):
        planted = [
            {
                "externalId": id_,
                "properties": ODD
                | {"notitie": f"Zoë \U0001f600 {n}; “x”\n'=-@", "functie": f"0{n}"},
                "sets": {"profileFields": [EVENTS] if n % 2 else []},
                "permissions": [MONTHLY] if n % 3 else [],
            }
            for n, id_ in enumerate(crowd.ids[start : start + 500], start)
        ]
        world.control("POST", "/contacts", contacts=planted)
    read_feed(world)
    return crowd


def without_permissions(all_of_them: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {id_: {k: v for k, v in each.items() if k != "on"} for id_, each in all_of_them.items()}


@pytest.mark.parametrize("way", WAYS)
def test_every_property_is_what_it_was(world: World, crowd: Crowd, way: str) -> None:
    backup, before = backed_up(world), everything(world, crowd)
    if way != "backup":
        backup = read(world, uploaded(world, SAVED[way](downloaded(world, backup.id))))
    assert (backup.state, backup.skipped) == (BackupState.COMPLETE, 0)
    signed_off = [id_ for id_ in crowd.ids if MONTHLY in before[id_]["on"]][:2]
    overwritten(world, crowd)
    for id_ in signed_off:
        world.sign_off(id_, MONTHLY)
    read_feed(world)
    then = everything(world, crowd)
    restored(world, backup)
    after = everything(world, crowd)
    assert without_permissions(after) == without_permissions(before)
    assert without_permissions(after) != without_permissions(then)
    assert all(after[id_]["on"] <= then[id_]["on"] for id_ in crowd.ids), "nobody is signed on"
    assert not any(after[id_]["on"] for id_ in signed_off)


def test_from_the_list_of_spotlers_own_screen_goes_what_it_shows(
    world: World, crowd: Crowd
) -> None:
    before = everything(world, crowd)
    rows = [
        [each["email"], each["firstName"], each["lastName"], each["functie"], "",
         "Actief: dynamisch", id_]
        for id_, each in before.items()
    ]  # fmt: skip
    overwritten(world, crowd)
    then = everything(world, crowd)
    backup: Backup = read(world, uploaded(world, table(MANUAL, *rows).encode()))
    assert (backup.state, backup.found, backup.skipped) == (BackupState.COMPLETE, NUMBER, 0)
    restored(world, backup)
    for id_, each in everything(world, crowd).items():
        assert each == then[id_] | {name: before[id_][name] for name in IN_PICTURE}
