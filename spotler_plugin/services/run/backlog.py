"""What waits to be done for an environment, and what stands still until a person acts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import func, select

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
from spotler_plugin.planning.reason import Reason

LONG = timedelta(minutes=2)
"""A run is enqueued again within seconds; one that was not for so long has no worker."""


@dataclass(frozen=True, slots=True)
class Backlog:
    waiting_since: datetime | None
    """When the turn came of what waits longest; nothing while nothing waits."""
    stuck: bool
    """It waits, and for a while nobody has come for it."""
    halted: int
    """Runs that wait until a cause is repaired."""
    halted_because: Reason | None
    """The cause of the newest of these."""


def backlog_of(environment_id: int) -> Backlog:
    """Of one environment; by the indices, whatever the size of its runs."""
    now = datetime.now(UTC)
    of_run = (RunItem.run_id == Run.id, RunItem.outcome == Outcome.OPEN)
    start = (Enrolment.run_id == Run.id, Enrolment.state == EnrolmentState.WAITING)
    rows = db.session.execute(
        select(
            Run.state,
            Run.halted_because,
            Run.enqueued_at,
            select(func.min(RunItem.due_at)).where(*of_run).scalar_subquery(),
            select(func.min(Enrolment.due_at)).where(*start).scalar_subquery(),
        )
        .where(
            Run.environment_id == environment_id,
            Run.state.in_(UNDER_WAY),
        )
        .order_by(Run.created_at.desc())
    ).all()
    halted = [because for state, because, *_ in rows if state is RunState.HALTED]
    due: dict[datetime, datetime | None] = {}
    for state, _, enqueued_at, *turns in rows:
        if state is RunState.OPEN:
            due |= {turn: enqueued_at for turn in turns if turn is not None and turn <= now}
    left = [
        turn for turn, enqueued_at in due.items() if max(turn, enqueued_at or turn) < now - LONG
    ]
    return Backlog(
        waiting_since=min(due, default=None),
        stuck=bool(left),
        halted=len(halted),
        halted_because=halted[0] if halted else None,
    )
