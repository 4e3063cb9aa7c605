"""The lock on a run's row, by which work and changes of the run exclude each other.

Claiming, recording and starting share it; cancelling, closing and retrying (`close`, `retry`)
take it alone. Each takes it at the beginning of its transaction, before any other lock, so they
wait for each other and never in a circle. SQLite has one writer, so it needs no lock.
"""

from __future__ import annotations

from datetime import datetime
from typing import cast
from uuid import UUID

from sqlalchemy import Row, Select, Table, bindparam, select

from spotler_plugin.extensions import db
from spotler_plugin.models import Environment, Run, RunState

State = tuple[RunState, datetime | None, datetime | None]
"""The state, when somebody asked to cancel it, and when its environment was disabled."""

RUNS, _OWNERS = cast(Table, Run.__table__), cast(Table, Environment.__table__)
_STATE: Select[*State] = (
    select(RUNS.c.state, RUNS.c.cancel_asked_at, _OWNERS.c.disabled_at)
    .join(_OWNERS, _OWNERS.c.id == RUNS.c.environment_id)
    .where(RUNS.c.environment_id == bindparam("owner"), RUNS.c.id == bindparam("run"))
)
_SHARED = _STATE.with_for_update(read=True, key_share=True, of=RUNS)


def state_of(run: Run) -> tuple[RunState, bool]:
    """Return the run's state as it is now, and whether it is to be cancelled; locks nothing."""
    state, cancel_asked_at, _ = _read(_STATE, run)
    return state, cancel_asked_at is not None


def share_run(run: Run) -> bool:
    """Keep the run from being cancelled or closed until commit; whether it may be worked on.

    False when it is not open, is to be cancelled, or belongs to a disabled environment. The lock
    is the weakest one, which a person who presses Stop does not wait for.
    """
    return _read(_SHARED, run) == (RunState.OPEN, None, None)


def _read(statement: Select[*State], run: Run) -> Row[*State]:
    of_this = {"owner": run.environment_id, "run": run.id}
    return db.session.connection().execute(statement, of_this).one()


def lock_shared(environment_id: int, run_id: UUID) -> None:
    """Keep a run from being opened, cancelled or closed until commit; its items can be read."""
    run = select(Run.id).where(Run.environment_id == environment_id, Run.id == run_id)
    db.session.execute(run.with_for_update(read=True))


def lock_run(run: Run) -> None:
    """Wait for the work under way, keep out other work until commit, and read the row anew."""
    db.session.refresh(run, with_for_update=True)
