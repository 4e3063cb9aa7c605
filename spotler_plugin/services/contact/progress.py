"""The progress of a run of one contact, as its screen polls it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select

from spotler_plugin.extensions import db
from spotler_plugin.models import (
    STILL_OPEN,
    Enrolment,
    Outcome,
    Run,
    RunItem,
    RunState,
)
from spotler_plugin.planning.detail import NOTHING, Detail
from spotler_plugin.planning.reason import Reason


@dataclass(frozen=True, slots=True)
class RunView:
    """A run of one contact, as its screen shows it."""

    id: UUID
    state: RunState
    outcome: Outcome
    """OPEN while under way."""
    reason: Reason | None
    detail: Detail
    halted: Reason | None
    attempts: int
    enrolments_open: int
    waiting_since: datetime


def progress_of(environment_id: int, run_id: UUID, contact_id: str) -> RunView | None:
    """Return how a run of one contact stands; None when there is no such run."""
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
            Enrolment.state.in_(STILL_OPEN),
        )
    )
    return RunView(
        id=run.id,
        state=run.state,
        outcome=item.outcome,
        reason=item.reason,
        detail=item.detail or NOTHING,
        halted=run.halted_because,
        attempts=item.attempts,
        enrolments_open=waiting or 0,
        waiting_since=run.created_at,
    )
