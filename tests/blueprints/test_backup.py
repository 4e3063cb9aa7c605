"""Back-ups: made, watched, stopped, downloaded once, uploaded; by administrators of their own."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from io import BytesIO
from uuid import UUID, uuid4

import pytest
import time_machine
from flask.testing import FlaskClient
from sqlalchemy import select

from spotler_plugin.extensions import db
from spotler_plugin.jobs import backup as jobs
from spotler_plugin.jobs.queue.enqueue import queue
from spotler_plugin.models import (
    Backup,
    BackupCause,
    BackupDownload,
    BackupKind,
    BackupState,
    Environment,
)
from spotler_plugin.planning.backup.contact import BackedUp
from spotler_plugin.planning.reason import Reason
from spotler_plugin.services.backup.chunks import Chunks
from spotler_plugin.services.backup.request import request_backup
from spotler_plugin.services.backup.turn import complete_backup
from tests.blueprints.widget import Widget, words
from tests.cast import Launch

ZOE = BackedUp("00012345", "e-1", {"email": "zoe@example.nl", "firstName": "=1+1"}, {1: True})


def made(environment: Environment, state: BackupState = BackupState.COMPLETE) -> UUID:
    row = request_backup(environment.id, BackupCause.PERSON, None)
    Chunks(row).add(row, [ZOE])
    if state is BackupState.COMPLETE:
        assert complete_backup(row)
    row.state = state
    db.session.commit()
    return row.id


def upload(admin: Widget, text: str, name: str = "contacten.csv") -> str:
    answer = admin.ask("POST", "/admin/backups/file", file=(BytesIO(text.encode()), name))
    return words(answer)


def work(environment: Environment, row: Backup) -> None:
    """What workers do: as a job waits in front, a turn is as short as can be."""
    for _ in range(2):
        jobs.advance(environment.id, str(row.id))
    db.session.expire_all()


def address_of(admin: Widget, backup_id: UUID) -> str:
    answer = admin.ask("POST", f"/admin/backups/{backup_id}/link")
    assert answer.status_code == 204
    sent = answer.headers["HX-Trigger"]
    return "/backups/" + sent.split("/backups/")[1].split('"')[0]


def test_there_is_none_at_first(admin: Widget) -> None:
    said = words(admin.get("/admin/backups"))
    assert "Er is nog geen back-up" in said and "Nog geen verbinding met Spotler." in said
    assert "Nu een back-up maken" not in said
    assert "Nog geen verbinding" in words(admin.ask("POST", "/admin/backups"))
    assert db.session.scalar(select(Backup)) is None


def test_one_that_is_made_is_watched_and_stopped(admin: Widget, environment: Environment) -> None:
    backup_id = made(environment, BackupState.OPEN)
    row = db.session.get_one(Backup, backup_id)
    row.total, row.progress_at = 100, row.created_at + timedelta(seconds=1)
    db.session.commit()
    watched = admin.get(f"/admin/backups/{backup_id}/progress")
    assert "1 van ongeveer 100 contacten" in words(watched) and "nog ongeveer 2 minuten" in words(
        watched
    )
    later = words(admin.get(f"/admin/backups/{backup_id}/progress?said=60"))
    assert "nog ongeveer 60 seconden" in later, "it never climbs"
    said = words(admin.ask("DELETE", f"/admin/backups/{backup_id}/progress"))
    assert "De back-up is gestopt; er is niets van bewaard." in said
    ended = admin.get(f"/admin/backups/{backup_id}/progress")
    assert ended.headers["HX-Retarget"] == "#screen" and "niet gemaakt" in words(ended)


@pytest.mark.parametrize("reason", [Reason.NO_ROOM, Reason.CREDENTIALS_REFUSED, Reason.UNEXPECTED])
def test_why_one_failed_is_told(admin: Widget, environment: Environment, reason: Reason) -> None:
    row = db.session.get_one(Backup, made(environment, BackupState.FAILED))
    row.reason = reason
    db.session.commit()
    said = words(admin.get("/admin/backups"))
    assert "Mislukt" in said and "Downloaden als CSV" not in said
    assert {"no_room": "geen ruimte meer", "credentials_refused": "herkent deze key en secret niet",
            "unexpected": "ging iets mis in de plugin"}[reason.value] in said  # fmt: skip


def test_where_the_first_one_failed_runs_go_on_as_a_person_says(
    admin: Widget, environment: Environment
) -> None:
    row = db.session.get_one(Backup, made(environment, BackupState.FAILED))
    row.cause, row.reason = BackupCause.FIRST, Reason.SPOTLER_AWAY
    db.session.commit()
    assert "Doorgaan zonder back-up" in words(admin.get("/admin/backups"))
    said = words(admin.ask("POST", "/admin/backups/without"))
    assert "Synchronisaties gaan door zonder back-up." in said
    assert "Doorgaan zonder back-up" not in said


def test_a_file_is_downloaded_once_and_that_is_told(
    admin: Widget, client: FlaskClient, environment: Environment
) -> None:
    address = address_of(admin, made(environment))
    file = client.get(address)
    assert file.status_code == 200 and "attachment" in file.headers["Content-Disposition"]
    head, row, *rest = file.get_data().decode("utf-8-sig").split("\r\n")
    assert head.startswith('"E-mailadres";"Voornaam";"Achternaam";"Functie";"Bedrijfsnaam"')
    assert row.startswith('"zoe@example.nl";"=""=1+1""";"";"";"";"";"=""00012345"""')
    assert rest == [""]
    again = client.get(address)
    assert again.status_code == 404 and "Deze link werkt niet meer" in words(again)
    assert "Gedownload door Alice," in words(admin.get("/admin/backups"))


def test_a_late_link_is_refused(
    admin: Widget, client: FlaskClient, environment: Environment
) -> None:
    address = address_of(admin, made(environment))
    with time_machine.travel(datetime.now(UTC) + timedelta(seconds=61)):
        assert client.get(address).status_code == 404
    assert db.session.scalars(select(BackupDownload.used_at)).all() == [None]


def test_a_disabled_environments_link_is_refused(
    admin: Widget, client: FlaskClient, environment: Environment
) -> None:
    address = address_of(admin, made(environment))
    environment.disabled_at = datetime.now(UTC)
    db.session.commit()
    assert client.get(address).status_code == 404


@pytest.mark.parametrize("who", ["Bob", "Carol"])
def test_only_administrators_come_near(
    client: FlaskClient, launch: Launch, environment: Environment, who: str
) -> None:
    backup_id = made(environment)
    other = Widget.launch(client, launch(who))
    for verb, path in (
        ("GET", ""),
        ("POST", ""),
        ("POST", f"/{backup_id}/link"),
        ("DELETE", f"/{backup_id}"),
        ("POST", "/file"),
        ("POST", "/settings"),
        ("POST", "/without"),
    ):
        assert other.ask(verb, f"/admin/backups{path}").status_code == 403, path
    assert db.session.scalar(select(BackupDownload)) is None


def test_another_environments_administrator_finds_nothing(
    client: FlaskClient,
    launch: Launch,
    environment: Environment,
    other_environment: Environment,
) -> None:
    backup_id = made(environment)
    token = launch("Alice", other_environment, widget="admin", resource={"type": "none"})
    bolt = Widget.launch(client, token)
    for verb, path in (
        ("POST", f"/{backup_id}/link"),
        ("DELETE", f"/{backup_id}"),
        ("DELETE", f"/{backup_id}/progress"),
        ("GET", f"/{backup_id}/progress"),
        ("GET", f"/{backup_id}/matching"),
        ("GET", f"/{backup_id}/refusals"),
        ("POST", f"/{uuid4()}/link"),
    ):
        assert bolt.ask(verb, f"/admin/backups{path}").status_code == 404, path
    assert db.session.get(Backup, backup_id) is not None


def test_how_long_each_is_kept_is_chosen(admin: Widget, environment: Environment) -> None:
    row = db.session.get_one(Backup, made(environment))
    wrong = admin.ask("POST", "/admin/backups/settings", keep_days="0")
    assert wrong.status_code == 422 and "Kies 1 tot 3650 dagen." in words(wrong)
    admin.ask("POST", "/admin/backups/settings", keep_days="30", nightly="1")
    db.session.expire_all()
    assert row.finished_at and row.expires_at == row.finished_at + timedelta(days=30)
    page = admin.get("/admin/backups").text
    assert 'value="30"' in page and " checked" in page
    assert "gewist" in words(admin.ask("DELETE", f"/admin/backups/{row.id}"))
    assert db.session.scalar(select(Backup)) is None


def test_a_file_is_uploaded_matched_and_read(admin: Widget, environment: Environment) -> None:
    said = upload(admin, "Adres;External id;E-mail status\r\nzoe@b.nl;c-1;Actief\r\nx;c-2;Actief")
    assert "2 van 3 kolommen zijn herkend." in said and "zoe@b.nl · x" in said
    assert "of laat ze weg. Adres" in said, "which one is not"
    row = db.session.scalars(select(Backup)).one()
    assert "Wacht op jou" in words(admin.get("/admin/backups"))
    matching = f"/admin/backups/{row.id}/matching"
    for columns, told in (
        (["external_id", "external_id", ""], "Twee kolommen zijn hetzelfde."),
        (["", "", "status"], "Zonder external id of e-mailadres"),
        (["external_id"], "Kies opnieuw"),
    ):
        wrong = admin.ask("POST", matching, column=columns)
        assert wrong.status_code == 422 and told in words(wrong)
    said = words(admin.ask("POST", matching, column=["", "external_id", "status"]))
    assert "Het bestand wordt ingelezen" in said and queue().count == 1
    work(environment, row)
    assert (row.kind, row.state, row.found) == (BackupKind.UPLOADED, BackupState.COMPLETE, 2)
    assert "Bestand contacten.csv van Alice" in words(admin.get("/admin/backups"))


def test_rows_that_are_refused_are_shown(admin: Widget, environment: Environment) -> None:
    upload(admin, "External id;In testgroep\r\n1,2E+19;ja\r\nc-1;misschien\r\nc-2;nee\r\n")
    row = db.session.scalars(select(Backup)).one()
    admin.ask("POST", f"/admin/backups/{row.id}/matching", column=["external_id", "test_group"])
    work(environment, row)
    assert "2 rijen geweigerd" in words(admin.get("/admin/backups"))
    said = words(admin.get(f"/admin/backups/{row.id}/refusals"))
    assert "2 External id 1,2E+19 Van dit getal zijn cijfers weg" in said
    assert "3 In testgroep misschien Hier hoort ja of nee te staan" in said


def test_what_is_no_csv_is_told_at_the_field(admin: Widget) -> None:
    assert "Dit bestand is geen leesbare CSV." in upload(admin, "x")
    assert "CSV UTF-8" in upload(admin, "PK\x03\x04;\x14\nx;y\n", "contacten.xlsx")
    none = admin.ask("POST", "/admin/backups/file")
    assert none.status_code == 422 and "Kies een bestand." in words(none)
