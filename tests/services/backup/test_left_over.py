"""What backups leave behind goes, and what somebody still needs stays."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
import time_machine
from sqlalchemy import func, select, update

from spotler_plugin.extensions import db
from spotler_plugin.models import (
    Backup,
    BackupCause,
    BackupPiece,
    BackupState,
    Environment,
    Run,
    RunKind,
    RunState,
    Whom,
)
from spotler_plugin.planning.backup.layout import Layout
from spotler_plugin.planning.reason import Reason
from spotler_plugin.planning.restore.order import Restore
from spotler_plugin.services.backup.read_in import advance_upload
from spotler_plugin.services.backup.request import (
    First,
    cancel_backup,
    delete_backup,
    first_standing,
    request_backup,
    waive_first,
)
from spotler_plugin.services.backup.retention import USED_KEPT, forget_old_backups
from spotler_plugin.services.backup.turn import complete_backup
from spotler_plugin.services.backup.upload import match
from spotler_plugin.services.capture import advance_backup
from spotler_plugin.services.preview.restore import request_restore
from spotler_plugin.services.restoration import hold_everything
from spotler_plugin.services.run.create import create_run_for
from tests.services.backup.test_upload import uploaded
from tests.world.accounts import ALICE
from tests.world.world import World

TABLE = b"External id;E-mailadres\r\nc-1;zoe@example.nl\r\n"
KEYS = ["external_id", "property:email"]


def pieces() -> int:
    return db.session.scalar(select(func.count()).select_from(BackupPiece)) or 0


def is_there(row_id: object) -> bool:
    db.session.commit()
    return db.session.get(Backup, row_id, populate_existing=True) is not None


def forgotten_after(wait: timedelta) -> None:
    with time_machine.travel(datetime.now(UTC) + wait):
        forget_old_backups()
        db.session.commit()


def complete(environment: Environment, cause: BackupCause = BackupCause.PERSON) -> Backup:
    row = request_backup(environment.id, cause, ALICE)
    assert complete_backup(row)
    db.session.commit()
    return row


def test_of_a_file_that_is_given_up_nothing_stays(world: World) -> None:
    stopped, failing = uploaded(world, TABLE), uploaded(world, TABLE)
    assert pieces() == 2
    cancel_backup(world.environment.id, stopped.id)
    db.session.commit()
    assert (stopped.state, pieces()) == (BackupState.CANCELLED, 1)

    assert match(failing, KEYS, Layout())
    failing.attempts = 99
    db.session.commit()
    assert not advance_upload(world.environment.id, failing.id)
    db.session.refresh(failing)
    assert (failing.state, failing.reason) == (BackupState.FAILED, Reason.UNEXPECTED)
    assert pieces() == 0
    forgotten_after(timedelta(days=91))
    assert not is_there(stopped.id) and not is_there(failing.id)


def test_a_file_that_was_cut_or_that_nobody_matched_goes_after_a_day(world: World) -> None:
    cut, waiting, matched = (uploaded(world, TABLE) for _ in range(3))
    cut.state, cut.reason = BackupState.FAILED, Reason.FILE_CUT
    assert match(matched, KEYS, Layout())
    db.session.commit()
    forgotten_after(timedelta(hours=23))
    assert is_there(cut.id) and is_there(waiting.id)
    forgotten_after(timedelta(hours=25))
    assert [is_there(each) for each in (cut.id, waiting.id, matched.id)] == [False, False, True]


def test_columns_are_chosen_once(world: World) -> None:
    row = uploaded(world, TABLE)
    # Another tab did, after this one had read the row.
    there = {"columns": KEYS, "delimiter": ";", "encoding": "utf-8-sig"}
    db.session.execute(
        update(Backup).values(state=BackupState.OPEN, matching=there),
        execution_options={"synchronize_session": False},
    )
    assert not match(row, ["", "property:email"], Layout())
    db.session.expire_all()
    assert row.matching == there


def test_a_first_one_that_failed_is_not_wiped_away(environment: Environment) -> None:
    """Else runs would write without a backup, and nobody said so."""
    old = complete(environment, BackupCause.FIRST)
    row = request_backup(environment.id, BackupCause.FIRST, None)
    row.state, row.finished_at = BackupState.FAILED, datetime.now(UTC)
    row.expires_at = datetime.now(UTC)
    db.session.commit()
    assert not delete_backup(environment.id, row.id)
    forgotten_after(timedelta(days=1))
    assert is_there(row.id) and first_standing(environment.id) is First.MISSING
    assert delete_backup(environment.id, old.id), "an older one may go"
    waive_first(environment.id)
    assert delete_backup(environment.id, row.id)


def test_in_a_database_that_was_put_back_it_begins_anew(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Half of it would be of the time of the copy."""
    with monkeypatch.context() as small:
        small.setattr("spotler_plugin.services.feed.windows.PAGE", 20)
        small.setattr("spotler_plugin.services.capture.TURN_SECONDS", 0)
        row = request_backup(world.environment.id, BackupCause.PERSON, ALICE)
        db.session.commit()
        assert advance_backup(world.environment.id, row.id)
    db.session.refresh(row)
    assert row.since is not None and row.found > 0
    hold_everything()
    db.session.commit()
    assert not row.since and row.found == row.chunks == 0
    while advance_backup(world.environment.id, row.id):
        pass
    db.session.refresh(row)
    everybody = len(world.sandbox.state.account.directory)
    assert (row.state, row.found) == (BackupState.COMPLETE, everybody)


@pytest.mark.parametrize("what", ["a preview", "a run"])
def test_one_that_is_being_put_back_is_kept_a_little_longer(
    environment: Environment, what: str
) -> None:
    row = complete(environment)
    order, kept = Restore(("city",)), timedelta(days=90)
    if what == "a preview":
        request_restore(environment, row, order, ALICE)
    else:
        run = create_run_for(
            environment, Whom.BACKUP, kind=RunKind.RESTORE, actor=ALICE, request_token=uuid4(),
            restores_id=row.id, restore=order,
        )  # fmt: skip
        run.state = RunState.HALTED
        db.session.commit()
        assert not delete_backup(environment.id, row.id)
    forgotten_after(kept + timedelta(days=1))
    assert is_there(row.id)
    forgotten_after(kept + USED_KEPT + timedelta(days=1))
    assert not is_there(row.id)
    assert db.session.scalars(select(Run.restores_id)).all() in ([], [None])
