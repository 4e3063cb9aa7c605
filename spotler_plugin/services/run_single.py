"""A run of one contact, as its screen watches it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from spotler_plugin.extensions import db
from spotler_plugin.models import Enrolment, EnrolmentState, Outcome, Run, RunItem, RunState
from spotler_plugin.planning.reason import Reason


@dataclass(frozen=True, slots=True)
class RunView:
    """A run of one contact, as its screen shows it."""

    id: UUID
    state: RunState
    outcome: Outcome
    """OPEN while under way."""
    reason: Reason | None
    detail: dict[str, Any]
    halted: Reason | None
    attempts: int
    enrolments_open: int
    waiting_since: datetime


def view(environment_id: int, run_id: UUID, contact_id: str) -> RunView | None:
    """How a run of one contact stands."""
    row = db.session.execute(
        select(Run, RunItem)
        .join(RunItem, RunItem.run_id == Run.id)
        .where(
            Run.environment_id == environment_id,
            Run.id == run_id,
            RunItem.contact_id == contact_id,
        )
    ).first()
    if row is None:
        return None
    run, item = row
    waiting = db.session.scalar(
        select(func.count())
        .select_from(Enrolment)
        .where(
            Enrolment.environment_id == environment_id,
            Enrolment.run_id == run_id,
            Enrolment.contact_id == contact_id,
            Enrolment.state.in_((EnrolmentState.WAITING, EnrolmentState.LEAVING)),
        )
    )
    return RunView(
        id=run.id,
        state=run.state,
        outcome=item.outcome,
        reason=Reason(item.reason) if item.reason else None,
        detail=item.detail or {},
        halted=Reason(run.halted_because) if run.halted_because else None,
        attempts=item.attempts,
        enrolments_open=waiting or 0,
        waiting_since=run.created_at,
    )
