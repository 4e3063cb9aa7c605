"""Stop a run, or resume it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy import ColumnElement, and_, select, true, update

from spotler_plugin.extensions import db
from spotler_plugin.models import (
    UNDER_WAY,
    Enrolment,
    EnrolmentState,
    Outcome,
    Run,
    RunItem,
    RunState,
)
from spotler_plugin.planning.image import Loss
from spotler_plugin.planning.reason import Reason


def cancel_run(environment_id: int, run_id: UUID) -> None:
    """Ask a run to stop; it does so before its next chunk."""
    db.session.execute(
        update(Run)
        .where(Run.environment_id == environment_id, Run.id == run_id)
        .where(Run.state.in_(UNDER_WAY))
        .values(cancel_asked_at=datetime.now(UTC), state=RunState.OPEN)
    )


def cancel_all_runs(environment_id: int) -> None:
    """Ask all runs to stop: what was asked was asked of an account that was replaced."""
    db.session.execute(
        update(Run)
        .where(Run.environment_id == environment_id, Run.state.in_(UNDER_WAY))
        .values(
            cancel_asked_at=datetime.now(UTC),
            state=RunState.OPEN,
            halted_because=None,
            enqueued_at=None,
        )
    )


def resume_halted_runs(environment_id: int, because: Reason | None = None) -> Sequence[UUID]:
    """Reopen the halted runs, as the cause was repaired; the caller enqueues them.

    Not those that would do more than was agreed to: a person looks at a new preview first.
    `because` is the cause that was repaired; None: it may be any.
    """
    of_cause = true() if because is None else Run.halted_because == because
    rows = db.session.scalars(
        update(Run)
        .where(Run.environment_id == environment_id, _may_resume(), of_cause)
        .values(state=RunState.OPEN, halted_because=None, enqueued_at=None)
        .returning(Run.id)
    )
    return rows.all()


def resume_after_backup(environment_id: int) -> Sequence[UUID]:
    """Reopen the runs that halted for want of a first backup; the caller enqueues them."""
    return resume_halted_runs(environment_id, Reason.NO_BACKUP)


def resume_after_proof(environment_id: int) -> Sequence[UUID]:
    """Reopen the runs that halted as the key was refused, and it is right after all; the caller
    enqueues them."""
    return resume_halted_runs(environment_id, Reason.CREDENTIALS_REFUSED)


def waiting_runs(environment_id: int) -> Sequence[UUID]:
    """Return the runs that were asked for and go on by themselves; the caller enqueues them."""
    of_environment = select(Run.id).where(Run.environment_id == environment_id)
    return db.session.scalars(of_environment.where(Run.state == RunState.OPEN)).all()


def resume_run(environment_id: int, run_id: UUID) -> None:
    """Reopen a halted run, as a person says that the cause was repaired; it may halt again."""
    db.session.execute(
        update(Run)
        .where(
            Run.environment_id == environment_id,
            Run.id == run_id,
            _may_resume(),
        )
        .values(state=RunState.OPEN, halted_because=None)
    )


def hurry_run(environment_id: int, run_id: UUID) -> None:
    """Let what waits for its next try be tried now, as a person asks; the caller enqueues it."""
    now = datetime.now(UTC)
    items = (RunItem.environment_id == environment_id, RunItem.run_id == run_id)
    starts = (Enrolment.environment_id == environment_id, Enrolment.run_id == run_id)
    for waiting in (
        update(RunItem).where(*items, RunItem.outcome == Outcome.OPEN, RunItem.due_at > now),
        update(Enrolment).where(
            *starts, Enrolment.state == EnrolmentState.WAITING, Enrolment.due_at > now
        ),
    ):
        db.session.execute(
            waiting.values(due_at=now), execution_options={"synchronize_session": False}
        )


def resume_beyond(environment_id: int, run_id: UUID, agreed: Loss) -> None:
    """Reopen a run that halted before it did more than was agreed to; so much more it may do."""
    db.session.execute(
        update(Run)
        .where(
            Run.environment_id == environment_id,
            Run.id == run_id,
            Run.state == RunState.HALTED,
            Run.halted_because == Reason.BEYOND_AGREED,
        )
        .values(
            state=RunState.OPEN,
            halted_because=None,
            enqueued_at=None,
            may_empty=Run.emptied + agreed.emptied,
            may_switch_off=Run.switched_off + agreed.switched_off,
        )
    )


def _may_resume() -> ColumnElement[bool]:
    return and_(Run.state == RunState.HALTED, Run.halted_because != Reason.BEYOND_AGREED)
