"""Make backups, turn by turn; by themselves on connecting and at night; delete the old ones."""

from __future__ import annotations

from uuid import UUID

from spotler_plugin.extensions import db
from spotler_plugin.jobs import run as run_jobs
from spotler_plugin.jobs.queue.enqueue import enqueue, has_urgent_job
from spotler_plugin.jobs.queue.registry import job
from spotler_plugin.jobs.queue.share import in_its_share
from spotler_plugin.models import BackupCause, BackupKind, Environment
from spotler_plugin.services.backup.read_in import advance_upload
from spotler_plugin.services.backup.request import first_standing, request_backup, request_first
from spotler_plugin.services.backup.retention import due_tonight, forget_old_backups
from spotler_plugin.services.backup.turn import kind_of, overdue_backups
from spotler_plugin.services.capture import advance_backup
from spotler_plugin.services.run.control import resume_after_backup, waiting_runs


def start(environment_id: int, backup_id: UUID) -> None:
    """Commit what the caller wrote, then enqueue it at the front: a person is waiting."""
    db.session.commit()
    enqueue(advance, environment_id, str(backup_id), first=True)


def start_first(owner: Environment) -> None:
    """Make a backup of an account that was connected or tested and has none."""
    row = request_first(owner)
    db.session.commit()
    if row is not None:
        enqueue(advance, owner.id, str(row.id), first=True)


@job
@in_its_share
def advance(environment_id: int, backup_id: str) -> None:
    """Take a turn; the rest goes to the back of the queue, so that turns are fair."""
    id = UUID(backup_id)
    uploaded = kind_of(environment_id, id) is BackupKind.UPLOADED
    db.session.commit()
    turn = advance_upload if uploaded else advance_backup
    if turn(environment_id, id, has_urgent_job):
        enqueue(advance, environment_id, backup_id)
    elif first_standing(environment_id) is None:
        let_runs_go_on(environment_id)


def let_runs_go_on(environment_id: int) -> None:
    """Enqueue what waited for a first backup, or halted without one. Commits."""
    halted = resume_after_backup(environment_id)
    waiting = waiting_runs(environment_id)
    db.session.commit()
    for run_id in {*halted, *waiting}:
        run_jobs.start(run_id)


def sweep() -> None:
    """Enqueue again what has waited too long."""
    overdue = overdue_backups()
    db.session.commit()
    for environment_id, backup_id in overdue:
        enqueue(advance, environment_id, str(backup_id))


@job
def make_nightly() -> None:
    """Ask for the backups that are made each night."""
    made = [
        (environment_id, request_backup(environment_id, BackupCause.NIGHTLY, None).id)
        for environment_id in due_tonight()
    ]
    db.session.commit()
    for environment_id, backup_id in made:
        enqueue(advance, environment_id, str(backup_id))


@job
def forget_old() -> None:
    forget_old_backups()
    db.session.commit()
