"""A file becomes a backup of the same contacts; what a spreadsheet broke is refused and told."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable
from io import BytesIO, StringIO
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from spotler_plugin.blueprints.csv_file import written
from spotler_plugin.extensions import db
from spotler_plugin.models import (
    Backup,
    BackupKind,
    BackupPiece,
    BackupState,
    MirrorContact,
    Property,
)
from spotler_plugin.planning.backup.contact import BackedUp
from spotler_plugin.planning.backup.fault import Fault
from spotler_plugin.planning.reason import Reason
from spotler_plugin.services.backup import read_in, upload
from spotler_plugin.services.backup.download import file_rows, make_link, use_link
from spotler_plugin.services.backup.find import find_backup, list_refusals
from spotler_plugin.services.backup.pieces import Unreadable
from spotler_plugin.services.backup.read_in import advance_upload
from spotler_plugin.services.backup.request import account_layout
from spotler_plugin.services.backup.rows import read_contacts
from spotler_plugin.services.backup.upload import Head, head_of, match, receive
from spotler_plugin.services.mirror.record import record_contacts
from spotler_plugin.spotler import ContactWrite
from tests.services.backup.test_capture import asked, work
from tests.world.accounts import ALICE
from tests.world.death import Killed, killed_at_commit
from tests.world.world import World

MANUAL = ["E-mailadres", "Voornaam", "Achternaam", "Functie", "Bedrijfsnaam", "E-mail status",
          "External id"]  # fmt: skip
ADRIAAN = ["wit@test.nl", "Adriaan", "Wit", "Pull up", "Ecolopplus.nl", "Inactief: opt-out",
           "48AAE618-FA33-4"]  # fmt: skip


def table(*rows: Iterable[str], delimiter: str = ";") -> str:
    text = StringIO(newline="")
    csv.writer(text, delimiter=delimiter).writerows(rows)
    return text.getvalue()


def uploaded(world: World, content: bytes) -> Backup:
    return receive(world.environment.id, ALICE, "contacten.csv", BytesIO(content))


def head(world: World, row: Backup) -> Head:
    return head_of(row, account_layout(world.environment.id))


def read(world: World, row: Backup) -> Backup:
    """Agree with what was recognised, and let workers do it."""
    match(row, head(world, row).keys, account_layout(world.environment.id))
    db.session.commit()
    while advance_upload(world.environment.id, row.id):
        pass
    return db.session.get_one(Backup, row.id, populate_existing=True)


def contacts(world: World, backup_id: UUID) -> list[BackedUp]:
    return [each for _, each in read_contacts(world.environment.id, backup_id)]


def downloaded(world: World, backup_id: UUID) -> str:
    token = make_link(world.environment.id, backup_id, ALICE, "nl")
    db.session.commit()
    file = use_link(token or "")
    assert file is not None
    db.session.commit()
    heads = [each.heading for each in file.columns]
    return "".join(written(heads, file_rows(file), is_safe=True))


def refusals(world: World, row: Backup) -> list[tuple[int, str, Fault, str]]:
    view = find_backup(world.environment, row.id)
    assert view is not None
    shown = list_refusals(world.environment, view, 1).rows
    return [(each.row, each.heading, each.fault, each.value) for each in shown]


Saved = Callable[[str], bytes]


def as_it_is(text: str) -> bytes:
    return text.encode()


def with_formulas_worked_out(text: str) -> bytes:
    """As a spreadsheet saves it that works them out, here with tabs and in UTF-16."""
    rows = [
        [cell[2:-1].replace('""', '"') if cell.startswith('="') else cell for cell in each]
        for each in csv.reader(StringIO(text.removeprefix("\ufeff"), newline=""), delimiter=";")
    ]
    return table(*rows, delimiter="\t").encode("utf-16")


def with_commas(text: str) -> bytes:
    """And quotes where they must be only."""
    rows = csv.reader(StringIO(text.removeprefix("\ufeff"), newline=""), delimiter=";")
    return table(*rows, delimiter=",").encode()


@pytest.mark.parametrize("saved", [as_it_is, with_formulas_worked_out, with_commas])
def test_a_downloaded_backup_comes_back_as_it_was(world: World, saved: Saved) -> None:
    odd = ContactWrite(
        "00012345",
        {"email": "zoe@example.nl", "mobileNumber": "+31612345678", "lastName": "=1+1;-2",
         "notitie": "a\nb;'=c\t\"", "jaaromzet": 12.5, "aantalMedewerkers": 3,
         "birthday": "1990-02-01", "houseNumber": "1-2", "profileFields": {1: True, 2: False}},
    )  # fmt: skip
    world.spotler.contacts.save(odd)
    backup = work(world, asked(world))
    again = read(world, uploaded(world, saved(downloaded(world, backup.id))))
    assert (again.state, again.kind) == (BackupState.COMPLETE, BackupKind.UPLOADED)
    assert (again.skipped, again.found) == (0, backup.found), refusals(world, again)
    assert contacts(world, again.id) == contacts(world, backup.id)
    assert db.session.scalar(select(func.count()).select_from(BackupPiece)) == 0


@pytest.mark.parametrize(
    ("encoding", "delimiter"),
    [("utf-8", ","), ("utf-8-sig", ";"), ("utf-16", "\t"), ("utf-16-le", ";"), ("cp1252", ";")],
)
def test_spotlers_own_list_is_recognised(world: World, encoding: str, delimiter: str) -> None:
    zoe = ["zoe@test.nl", "Zoë", "Diaz", "-", "Beauty", "Actief: dynamisch", "6CFA9F2C-5136-4"]
    text = table(MANUAL, ADRIAAN, zoe, delimiter=delimiter)
    row = uploaded(world, text.encode(encoding))
    assert "" not in head(world, row).keys
    adriaan, romy = contacts(world, read(world, row).id)
    assert adriaan.active is False and romy.active is True
    assert adriaan.external_id == "48AAE618-FA33-4" and adriaan.address == "wit@test.nl"
    assert romy.properties["firstName"] == "Zoë"
    # Of what the file does not have, it says nothing.
    assert row.layout.names == {"email", "firstName", "lastName", "functie", "organisation"}
    assert row.layout.permissions == {}


@pytest.mark.parametrize("label", ["-Korting", "=Som", "@Twitter", "+ Punten", "a;-b", "a, =b"])
def test_a_heading_that_was_kept_from_being_carried_out_is_recognised(
    world: World, label: str
) -> None:
    """The column of our own file was not known any more."""
    called = update(Property).where(Property.name == "notitie").values(description=label)
    db.session.execute(called)
    db.session.commit()
    text = "".join(written(["External id", label], [["c-1", "x"]], is_safe=True))
    assert head(world, uploaded(world, text.encode())).keys == ["external_id", "property:notitie"]


def test_what_is_not_recognised_is_offered_with_examples(world: World) -> None:
    row = uploaded(world, table(["Mail", "Notitie", "Mail"], ["a@b.nl", "x", ""]).encode())
    found = head(world, row)
    assert found.keys == ["", "property:notitie", ""]
    assert found.examples == [["a@b.nl"], ["x"], []]
    match(row, ["property:email", "property:notitie", ""], account_layout(world.environment.id))
    db.session.commit()
    advance_upload(world.environment.id, row.id)
    [contact] = contacts(world, row.id)
    assert contact.properties == {"email": "a@b.nl", "notitie": "x"}


def test_what_a_spreadsheet_broke_is_refused_by_row(world: World) -> None:
    for id_, address in (("00012345", "a@test.nl"), ("12345678901234567890", "b@test.nl")):
        world.spotler.contacts.save(ContactWrite(id_, {"email": address}))
        found = world.in_spotler(id_)
        assert found is not None and found.created
        record_contacts(world.environment.id, [found], found.created)
    db.session.commit()
    assert db.session.scalar(select(func.count()).select_from(MirrorContact)) == 2
    heads = ["External id", "E-mailadres", "Mobiel nr.", "Geboortedatum"]
    row = uploaded(
        world,
        table(
            heads,
            ["12345", "a@test.nl", "", ""],
            ["1,23457E+19", "b@test.nl", "", ""],
            ["c-1", "c@test.nl", "612345678", ""],
            ["c-2", "d@test.nl", "", "1-feb"],
            ["'00012345", "a@test.nl", "", ""],
            ["c-3", "e@test.nl", "+31612345678", "1-2-1990"],
            ["c-3", "e@test.nl", "", ""],
            [],
            ["", "", "+31612345678", ""],
            ["c-4", "f@test.nl"],
        ).encode(),
    )
    row = read(world, row)
    assert row.state is BackupState.COMPLETE and (row.found, row.skipped) == (1, 8)
    assert refusals(world, row) == [
        (2, "External id", Fault.ZEROS, "12345"),
        (3, "External id", Fault.EXPONENT, "1,23457E+19"),
        (4, "Mobiel nr.", Fault.ZEROS, "612345678"),
        (5, "Geboortedatum", Fault.DAY, "1-feb"),
        (6, "External id", Fault.APOSTROPHE, "'00012345"),
        (8, "External id", Fault.DOUBLED, "c-3"),
        (10, "", Fault.NOBODY, ""),
        (11, "", Fault.SHORT, ""),
    ]
    [contact] = contacts(world, row.id)
    assert contact.properties["birthday"] == "1990-02-01"


def test_odd_texts_cost_their_row_and_no_other(world: World) -> None:
    """On PostgreSQL too; and who reads why sees what is hard to see."""
    heads = ["\u200bExternal id", "E-mail\u00adadres", "Geboortedatum", "Notitie", "x" * 10_000]
    rows = [
        ["\ufeffc-1\u200b", "zo\u00ade@test.nl", "", "a\x00b\u202e", "y" * 10_000],
        ["c-2", "noor@test.nl", "3\u00a0\u200bmorgen\x00", "", ""],
        ["x" * 10_000, "", "", "", ""],
        ["c-4", "sam@test.nl", "1990-02-01", "z" * 10_000, ""],
    ]
    content = BytesIO(table(heads, *rows).encode())
    made = receive(world.environment.id, ALICE, "\u202evsc.nedel\x00" + "x" * 10_000, content)
    row = read(world, made)
    assert str(row.file_name).startswith("vsc.nedelx") and len(str(row.file_name)) == 200
    assert row.state is BackupState.COMPLETE and (row.found, row.skipped) == (2, 2)
    assert refusals(world, row) == [
        (3, "Geboortedatum", Fault.NOT_A_DATE, "3␣␣morgen␣"),
        (4, "\u200bExternal id", Fault.TOO_LONG, "x" * 79 + "…"),
    ]
    first, last = contacts(world, row.id)
    assert (first.external_id, first.address) == ("c-1", "zoe@test.nl")
    assert first.properties["notitie"] == "a\ufffdb" and last.properties["birthday"] == "1990-02-01"


@pytest.mark.parametrize(
    "content", [b"", b"one line only", b"\xff\xfea", b'a;b\r\n"' + b"x" * 1_100_000]
)
def test_what_is_no_table_is_told_and_not_kept(world: World, content: bytes) -> None:
    with pytest.raises(Unreadable):
        uploaded(world, content)
    row = db.session.scalars(select(Backup)).one()
    assert (row.state, row.reason) == (BackupState.FAILED, Reason.FILE_UNREADABLE)
    assert db.session.scalar(select(func.count()).select_from(BackupPiece)) == 0


def test_an_upload_that_is_cut_looks_like_none(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(upload, "PIECE", 20)
    with killed_at_commit(3), pytest.raises(Killed):
        uploaded(world, table(MANUAL, ADRIAAN).encode())
    db.session.rollback()
    row = db.session.scalars(select(Backup)).one()
    assert (row.state, row.reason) == (BackupState.FAILED, Reason.FILE_CUT)


@pytest.mark.parametrize("number", [1, 3])
def test_a_worker_that_is_killed_is_succeeded(
    world: World, number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(read_in, "AT_ONCE", 10)
    people = [[f"c-{n}", f"{n}@test.nl"] for n in range(35)]
    row = uploaded(world, table(["External id", "E-mailadres"], *people).encode())
    match(row, head(world, row).keys, account_layout(world.environment.id))
    db.session.commit()
    # Reading pieces commits too, of nothing.
    with killed_at_commit(number * 2), pytest.raises(Killed):
        advance_upload(world.environment.id, row.id)
    db.session.rollback()
    db.session.execute(db.update(Backup).values(lease=None))
    db.session.commit()
    while advance_upload(world.environment.id, row.id, lambda: True):
        pass
    row = db.session.get_one(Backup, row.id, populate_existing=True)
    assert (row.state, row.found, row.skipped) == (BackupState.COMPLETE, 35, 0)


def test_a_link_works_once_and_not_for_long(app: Flask, world: World) -> None:
    backup = work(world, asked(world))
    token = make_link(world.environment.id, backup.id, ALICE, "nl")
    db.session.commit()
    assert token and use_link("another") is None and use_link(token) is not None
    db.session.commit()
    assert use_link(token) is None
    view = find_backup(world.environment, backup.id)
    assert view is not None and [name for name, _ in view.downloads] == [ALICE.name]


def test_of_a_set_it_covers_the_entries_that_have_a_column(world: World) -> None:
    """Another one may be newer than the file."""
    heads = ["E-mailadres", "Interesses: Webinars", "Interesses: Zorg"]
    row = read(world, uploaded(world, table(heads, ["zoe@test.nl", "ja", "nee"]).encode()))
    [interests] = (each for each in row.layout.columns if each.name == "profileFields")
    assert interests.bits == {2: "Webinars", 32: "Zorg"}
    [zoe] = contacts(world, row.id)
    assert zoe.properties["profileFields"] == {2: True, 32: False}
