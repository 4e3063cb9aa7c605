"""A backup holds everybody, or it is none: whatever dies, refuses, fills up or waits."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
import time_machine
from sqlalchemy import event, func, select, update
from sqlalchemy.engine import Engine

from spotler_plugin.extensions import db
from spotler_plugin.models import (
    Backup,
    BackupCause,
    BackupChunk,
    BackupState,
    ConnectionState,
    Run,
    RunState,
)
from spotler_plugin.planning.reason import Reason
from spotler_plugin.services import capture
from spotler_plugin.services.account.client import find_connection
from spotler_plugin.services.backoff import ATTEMPTS
from spotler_plugin.services.backup.request import (
    First,
    cancel_backup,
    first_standing,
    request_backup,
    request_first,
    waive_first,
)
from spotler_plugin.services.backup.retention import choose, due_tonight, forget_old_backups
from spotler_plugin.services.backup.rows import read_contacts
from spotler_plugin.services.backup.turn import TRIES, overdue_backups
from spotler_plugin.services.capture import advance_backup
from spotler_plugin.services.run.control import cancel_run, resume_after_backup
from tests.world.accounts import ALICE
from tests.world.death import Killed, killed_at_call, killed_at_commit
from tests.world.world import MONTHLY, World


def asked(world: World, cause: BackupCause = BackupCause.PERSON) -> UUID:
    row = request_backup(world.environment.id, cause, ALICE)
    db.session.commit()
    return row.id


def work(world: World, backup_id: UUID) -> Backup:
    """What workers do until there is nothing to do now."""
    while advance_backup(world.environment.id, backup_id):
        pass
    return found(backup_id)


def found(backup_id: UUID) -> Backup:
    db.session.expire_all()
    return db.session.get_one(Backup, backup_id)


def ids(world: World, backup_id: UUID) -> list[str | None]:
    return [each.encrypted_id for _, each in read_contacts(world.environment.id, backup_id)]


def everybody(world: World) -> int:
    return len(world.sandbox.state.account.directory)


def chunks() -> int:
    return db.session.scalar(select(func.count()).select_from(BackupChunk)) or 0


def lease_ends() -> None:
    db.session.execute(update(Backup).values(leased_until=datetime.now(UTC)))
    db.session.commit()


@pytest.fixture
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("spotler_plugin.services.feed.windows.PAGE", 20)


def test_everybody_is_in_it_as_spotler_shows_them(world: World) -> None:
    zoe = world.person("zoe@example.nl")
    world.save(zoe, {MONTHLY: True})
    row = work(world, asked(world))
    assert row.state is BackupState.COMPLETE and row.reason is None
    assert (row.found, row.skipped) == (everybody(world), 0)
    assert row.expires_at and row.finished_at
    assert row.expires_at - row.finished_at == timedelta(days=90)
    contacts = {each.external_id: each for _, each in read_contacts(world.environment.id, row.id)}
    shown = world.in_spotler(zoe)
    assert shown is not None and contacts[zoe] == capture.backed_up(shown)
    assert contacts[zoe].permissions[MONTHLY] and contacts[zoe].channels["EMAIL"]
    assert len(world.calls("GET", "/contact/updates/list")) == 1


def test_it_is_read_in_turns_that_give_way(
    world: World, small_pages: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    backup_id = asked(world)
    assert advance_backup(world.environment.id, backup_id, lambda: True)
    row = found(backup_id)
    assert row.state is BackupState.OPEN and 0 < row.found < everybody(world)
    monkeypatch.setattr(capture, "TURN_SECONDS", 0.0)
    row = work(world, backup_id)
    assert row.state is BackupState.COMPLETE and row.found == everybody(world)
    assert len(set(ids(world, backup_id))) == row.found


@pytest.mark.parametrize(
    ("where", "number"),
    [("before a call", 3), ("after a call", 6), ("at a commit", 2), ("at a commit", 6)],
)
def test_a_worker_that_is_killed_is_succeeded(
    world: World, small_pages: None, where: str, number: int
) -> None:
    backup_id = asked(world)
    killed = (
        killed_at_commit(number)
        if where == "at a commit"
        else killed_at_call(world, number, after=where == "after a call")
    )
    with killed, pytest.raises(Killed):
        advance_backup(world.environment.id, backup_id)
    db.session.rollback()
    assert found(backup_id).state is BackupState.OPEN
    lease_ends()
    row = work(world, backup_id)
    assert row.state is BackupState.COMPLETE and row.found == everybody(world)
    assert len(set(ids(world, backup_id))) == row.found


def test_one_worker_reads_at_a_time(world: World) -> None:
    backup_id = asked(world)
    with killed_at_call(world, 1, after=False), pytest.raises(Killed):
        advance_backup(world.environment.id, backup_id)
    db.session.rollback()
    assert not advance_backup(world.environment.id, backup_id)
    assert world.calls("GET", "/contact/updates/list") == []
    assert overdue_backups() == []


def test_who_changes_while_we_read_is_not_missed(
    world: World, small_pages: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It leaves the window that it was in, and comes into one after the reading began."""
    monkeypatch.setattr(capture, "TURN_SECONDS", 0.0)
    zoe = world.person("zoe@example.nl")
    world.save(zoe)
    backup_id = asked(world)
    assert advance_backup(world.environment.id, backup_id)
    late = [each for each in world.sandbox.state.account.directory][-5:]
    for contact in late:
        world.sandbox.state.account.directory.touch(contact, contact.changed + 1)
    row = work(world, backup_id)
    assert row.found == everybody(world)


def test_one_stray_refusal_ends_nothing(world: World, small_pages: None) -> None:
    """What was read before it was lost."""
    backup_id = asked(world)
    assert advance_backup(world.environment.id, backup_id, lambda: True)
    kept = chunks()
    world.fault("forbidden", times=1)
    row = work(world, backup_id)
    assert (row.state, row.reason) == (BackupState.OPEN, Reason.CREDENTIALS_REFUSED)
    assert kept > 0 and chunks() == kept
    row.due_at = datetime.now(UTC)
    db.session.commit()
    row = work(world, backup_id)
    assert row.state is BackupState.COMPLETE and row.found == everybody(world)


def test_a_refused_key_ends_it_and_nothing_of_it_stays(world: World, small_pages: None) -> None:
    backup_id = asked(world)
    assert advance_backup(world.environment.id, backup_id, lambda: True)
    assert chunks() > 0
    world.control("PUT", "/settings", revoked=True)
    db.session.execute(update(Backup).where(Backup.id == backup_id).values(attempts=ATTEMPTS - 1))
    db.session.commit()
    row = work(world, backup_id)
    assert (row.state, row.reason) == (BackupState.FAILED, Reason.CREDENTIALS_REFUSED)
    assert chunks() == 0 and (row.found, row.size) == (0, 0)
    connection = find_connection(world.environment.id)
    assert connection is not None and connection.state is ConnectionState.REFUSED


def test_an_outage_is_sat_out_and_given_up_in_the_end(world: World) -> None:
    backup_id = asked(world)
    world.fault("backend_exception", path="/contact/updates/list", times=1)
    row = work(world, backup_id)
    assert (row.state, row.reason) == (BackupState.OPEN, Reason.SPOTLER_AWAY)
    assert row.due_at > datetime.now(UTC) and row.lease is None
    world.control("PUT", "/settings", check_clock=False)
    with time_machine.travel(datetime.now(UTC) + timedelta(hours=1)):
        assert overdue_backups() == [(world.environment.id, backup_id)]
        row = work(world, backup_id)
    assert row.state is BackupState.COMPLETE and row.reason is None
    failing = asked(world, BackupCause.FIRST)
    world.fault("backend_exception", path="/contact/updates/list", times=50)
    db.session.execute(update(Backup).where(Backup.id == failing).values(attempts=TRIES - 1))
    db.session.commit()
    row = work(world, failing)
    assert (row.state, row.reason) == (BackupState.FAILED, Reason.SPOTLER_AWAY)


NO_ROOM = """
CREATE FUNCTION no_room() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'No space left on device' USING ERRCODE = 'disk_full'; END $$;
CREATE TRIGGER no_room BEFORE INSERT ON backup_chunk FOR EACH ROW EXECUTE FUNCTION no_room();
"""


@pytest.fixture
def full_disk() -> Iterator[Callable[[], None]]:
    """Calling it leaves the database no room for contacts: SQLite gets no page more, PostgreSQL
    says what it says then."""
    is_sqlite = db.engine.dialect.name == "sqlite"

    def grow_no_more(_connection: Any, cursor: Any, statement: str, *_rest: Any) -> None:
        if statement.startswith("INSERT INTO backup_chunk"):
            cursor.execute("PRAGMA max_page_count = 1")

    def fill() -> None:
        if is_sqlite:
            event.listen(Engine, "before_cursor_execute", grow_no_more)
            return
        with db.engine.begin() as connection:
            connection.exec_driver_sql(NO_ROOM)

    yield fill
    db.session.rollback()
    if is_sqlite:
        event.remove(Engine, "before_cursor_execute", grow_no_more)
        # The limit is the connection's.
        db.engine.dispose()
        return
    with db.engine.begin() as connection:
        connection.exec_driver_sql("DROP FUNCTION no_room CASCADE")


def test_a_full_disk_ends_it_and_gives_the_room_back(
    world: World, small_pages: None, full_disk: Callable[[], None]
) -> None:
    backup_id = asked(world)
    assert advance_backup(world.environment.id, backup_id, lambda: True)
    full_disk()
    row = work(world, backup_id)
    assert (row.state, row.reason) == (BackupState.FAILED, Reason.NO_ROOM)
    assert chunks() == 0


def test_a_fault_of_ours_is_tried_again_and_then_told(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_given: object) -> None:
        raise KeyError("a bug of ours")

    monkeypatch.setattr(capture, "backed_up", broken)
    backup_id = asked(world)
    for _ in range(TRIES):
        with pytest.raises(KeyError):
            advance_backup(world.environment.id, backup_id)
        db.session.execute(update(Backup).values(due_at=datetime.now(UTC)))
        db.session.commit()
    assert (found(backup_id).state, found(backup_id).reason) == (
        BackupState.FAILED, Reason.UNEXPECTED,
    )  # fmt: skip


def test_who_stops_it_stops_the_worker_too(world: World, small_pages: None) -> None:
    backup_id = asked(world)
    assert advance_backup(world.environment.id, backup_id, lambda: True)
    cancel_backup(world.environment.id, backup_id)
    db.session.commit()
    row = work(world, backup_id)
    assert row.state is BackupState.CANCELLED and chunks() == 0


def test_two_clicks_make_one(world: World) -> None:
    assert asked(world) == asked(world, BackupCause.NIGHTLY)


def test_what_was_read_of_another_account_is_not_gone_on_with(
    world: World, small_pages: None
) -> None:
    backup_id = asked(world)
    assert advance_backup(world.environment.id, backup_id, lambda: True)
    world.environment.account_since = datetime.now(UTC)
    db.session.commit()
    anew = request_first(world.environment)
    db.session.commit()
    assert anew is not None and anew.id != backup_id
    assert work(world, backup_id).state is BackupState.CANCELLED and chunks() == 0
    assert work(world, anew.id).state is BackupState.COMPLETE


class TestFirst:
    """What a run that writes must know of the first backup."""

    def first(self, world: World) -> UUID:
        row = request_first(world.environment)
        db.session.commit()
        assert row is not None
        return row.id

    def state(self, run_id: UUID) -> tuple[RunState, Reason | None]:
        run = db.session.get_one(Run, run_id, populate_existing=True)
        return run.state, run.halted_because

    def test_a_run_waits_for_it_and_for_no_longer(self, world: World) -> None:
        first = self.first(world)
        zoe = world.person("zoe@example.nl")
        run_id = world.ask(zoe)
        world.work(run_id)
        assert world.in_spotler(zoe) is None
        assert self.state(run_id) == (RunState.OPEN, None)
        work(world, first)
        assert first_standing(world.environment.id) is None
        world.work(run_id)
        assert world.in_spotler(zoe) is not None
        assert request_first(world.environment) is None

    def test_where_it_failed_a_person_decides(self, world: World) -> None:
        first = self.first(world)
        db.session.execute(update(Backup).values(attempts=TRIES - 1))
        world.fault("backend_exception", path="/contact/updates/list", times=1)
        assert work(world, first).state is BackupState.FAILED
        zoe = world.person("zoe@example.nl")
        run_id = world.ask(zoe)
        world.work(run_id)
        assert self.state(run_id) == (RunState.HALTED, Reason.NO_BACKUP)
        assert first_standing(world.environment.id) is First.MISSING
        waive_first(world.environment.id)
        assert list(resume_after_backup(world.environment.id)) == [run_id]
        db.session.commit()
        world.work(run_id)
        assert world.in_spotler(zoe) is not None

    def test_a_later_one_is_as_good(self, world: World) -> None:
        first = self.first(world)
        db.session.execute(update(Backup).values(state=BackupState.FAILED))
        db.session.commit()
        assert found(first) and first_standing(world.environment.id) is First.MISSING
        work(world, asked(world))
        assert first_standing(world.environment.id) is None

    def test_a_run_can_be_stopped_while_it_waits(self, world: World) -> None:
        self.first(world)
        run_id = world.ask(world.person("zoe@example.nl"))
        cancel_run(world.environment.id, run_id)
        db.session.commit()
        world.work(run_id)
        assert self.state(run_id)[0] is RunState.CANCELLED


def test_backups_go_when_their_time_is_up_as_the_settings_say(world: World) -> None:
    backup_id = work(world, asked(world)).id
    with time_machine.travel(datetime.now(UTC) + timedelta(days=89)):
        forget_old_backups()
        assert db.session.get(Backup, backup_id, populate_existing=True)
    choose(world.environment.id, nightly=False, keep_days=30)
    db.session.commit()
    with time_machine.travel(datetime.now(UTC) + timedelta(days=31)):
        forget_old_backups()
        db.session.commit()
    assert db.session.get(Backup, backup_id, populate_existing=True) is None
    assert chunks() == 0


def test_each_night_one_is_due_where_it_is_switched_on(world: World) -> None:
    assert due_tonight() == []
    choose(world.environment.id, nightly=True, keep_days=90)
    db.session.commit()
    assert due_tonight() == []
    with time_machine.travel(datetime.now(UTC) + timedelta(days=1)):
        assert due_tonight() == [world.environment.id]
        db.session.commit()
        assert due_tonight() == []


def test_it_has_the_names_of_the_moment(world: World) -> None:
    """Not those of an hour ago, when the catalogue was read."""
    world.control("PUT", f"/permissions/{MONTHLY}", description="Weekblad")
    row = work(world, asked(world))
    assert row.layout.permissions[MONTHLY] == "Weekblad"
