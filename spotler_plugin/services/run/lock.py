"""The lock on a run's row, by which work and changes of the run exclude each other.

Claiming, recording and starting share it; cancelling, closing and retrying (`close`, `retry`)
take it alone. Each takes it at the beginning of its transaction, before any other lock, so they
wait for each other and never in a circle. SQLite has one writer, so it needs no lock.
"""

from __future__ import annotations

from typing import cast

from sqlalchemy import Table, bindparam, select

from spotler_plugin.extensions import db
from spotler_plugin.models import Environment, Run, RunState

RUNS, _OWNERS = cast(Table, Run.__table__), cast(Table, Environment.__table__)
_STATE = (
    select(RUNS.c.state, RUNS.c.cancel_asked_at, _OWNERS.c.disabled_at)
    .join(_OWNERS, _OWNERS.c.id == RUNS.c.environment_id)
    .where(RUNS.c.environment_id == bindparam("owner"), RUNS.c.id == bindparam("run"))
    .with_for_update(read=True, key_share=True, of=RUNS)
)


def share_run(run: Run) -> bool:
    """Keep the run from being cancelled or closed until commit; whether it may be worked on.

    False when it is not open, is to be cancelled, or belongs to a disabled environment. The lock
    is the weakest one, which a person who presses Stop does not wait for.
    """
    of_this = {"owner": run.environment_id, "run": run.id}
    found = db.session.connection().execute(_STATE, of_this).one_or_none()
    return found is not None and tuple(found) == (RunState.OPEN, None, None)


def lock_run(run: Run) -> None:
    """Wait for the work under way, keep out other work until commit, and read the row anew."""
    db.session.refresh(run, with_for_update=True)
