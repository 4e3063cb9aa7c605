"""Runs that change contacts in the CRM take turns: of one contact the older run goes first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import aliased
from sqlalchemy.sql.base import ReadOnlyColumnCollection

from spotler_plugin.extensions import db
from spotler_plugin.models import IN_TURN, UNDER_WAY, Outcome, Run, RunItem, RunState
from spotler_plugin.services.run.lock import RUNS
from spotler_plugin.services.run.report import Report, reports_of

Columns = ReadOnlyColumnCollection[str, Any]
"""Of the table of runs, or of an alias of it."""


@dataclass(frozen=True, slots=True)
class Wait:
    """An older run that goes first, and how many contacts wait for it."""

    older: Report
    contacts: int

    @property
    def is_halted(self) -> bool:
        """Whether it waits itself, for a person."""
        return self.older.state is RunState.HALTED


def goes_first(
    older: Columns,
    created_at: datetime | ColumnElement[datetime],
    run_id: UUID | ColumnElement[UUID],
) -> ColumnElement[bool]:
    """Return the condition that a run goes before the one that was created at that moment."""
    return and_(
        older.kind.in_(IN_TURN),
        older.state.in_(UNDER_WAY),
        or_(
            older.created_at < created_at,
            and_(older.created_at == created_at, older.id < run_id),
        ),
    )


def waits_of(environment_id: int, report: Report) -> list[Wait]:
    """Return for which runs contacts of this one wait, the oldest first."""
    if report.kind not in IN_TURN or report.state is not RunState.OPEN:
        return []
    older = (
        Run.environment_id == environment_id,
        goes_first(RUNS.c, report.created_at, report.id),
    )
    rows = db.session.scalars(select(Run).where(*older).order_by(Run.created_at, Run.id))
    runs = {run.id: run for run in rows}
    if not runs:
        return []
    ours, theirs = aliased(RunItem), aliased(RunItem)
    counted = db.session.execute(
        select(theirs.run_id, func.count())
        .join(
            ours,
            and_(
                ours.environment_id == theirs.environment_id,
                ours.contact_id == theirs.contact_id,
            ),
        )
        .where(
            ours.environment_id == environment_id,
            ours.run_id == report.id,
            ours.outcome == Outcome.OPEN,
            theirs.run_id.in_(runs),
            theirs.outcome == Outcome.OPEN,
        )
        .group_by(theirs.run_id)
    )
    numbers = {run_id: number for run_id, number in counted}
    waited_for = [run for id_, run in runs.items() if id_ in numbers]
    return [Wait(each, numbers[each.id]) for each in reports_of(environment_id, waited_for)]
