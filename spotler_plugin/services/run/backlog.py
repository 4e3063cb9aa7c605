"""Work that waits for an environment, and runs that are halted until a person acts."""

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
"""An overdue run is enqueued again within seconds; after this long there is no worker."""


@dataclass(frozen=True, slots=True)
class Backlog:
    waiting_since: datetime | None
    """When what waits longest became due; None while nothing waits."""
    stuck: bool
    """Whether work has been due for long, without a job enqueued for it."""
    halted: int
    """Number of halted runs."""
    halted_because: Reason | None
    """Why the newest of them was halted."""
    postponed: int = 0
    """Contacts that wait for their next try."""
    next_try_at: datetime | None = None


def backlog_of(environment_id: int) -> Backlog:
    """Return the backlog of an environment; uses indices only, whatever the size of its runs."""
    now = datetime.now(UTC)
    of_run = (RunItem.run_id == Run.id, RunItem.outcome == Outcome.OPEN)
    start = (Enrolment.run_id == Run.id, Enrolment.state == EnrolmentState.WAITING)
    later = select(func.count()).where(*of_run, RunItem.due_at > now)
    next_try = select(func.min(RunItem.due_at)).where(*of_run, RunItem.due_at > now)
    rows = db.session.execute(
        select(
            Run.state,
            Run.halted_because,
            Run.enqueued_at,
            later.scalar_subquery(),
            next_try.scalar_subquery(),
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
    postponed, tries = 0, []
    for state, _, enqueued_at, number, next_at, *turns in rows:
        if state is RunState.OPEN:
            due |= {turn: enqueued_at for turn in turns if turn is not None and turn <= now}
            postponed += number
            tries += [next_at] if next_at is not None else []
    left = [
        turn for turn, enqueued_at in due.items() if max(turn, enqueued_at or turn) < now - LONG
    ]
    return Backlog(
        waiting_since=min(due, default=None),
        stuck=bool(left),
        halted=len(halted),
        halted_because=halted[0] if halted else None,
        postponed=postponed,
        next_try_at=min(tries, default=None),
    )
