"""What contacts of a run wait for: an older run that changes them in the CRM, or another try."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, exists, func, or_, select
from sqlalchemy.orm import aliased
from sqlalchemy.sql.base import ReadOnlyColumnCollection

from spotler_plugin.extensions import db
from spotler_plugin.models import (
    IN_TURN,
    OF_ONE,
    UNDER_WAY,
    Enrolment,
    EnrolmentState,
    Outcome,
    Run,
    RunItem,
    RunState,
)
from spotler_plugin.planning.reason import Reason
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


@dataclass(frozen=True, slots=True)
class Postponed:
    """Contacts, and starts of automations, that did not succeed and are tried again later."""

    contacts: int
    starts: int
    reason: Reason
    """Why, of those that are tried first."""
    until: datetime
    """When they are tried again."""


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


def under_way(environment_id: int, contact_id: str | None = None) -> list[Report]:
    """Return the runs of many that are under way, oldest first, halted ones too; with a contact
    those of any size that still have to do it."""
    runs = select(Run).where(Run.environment_id == environment_id, Run.state.in_(UNDER_WAY))
    if contact_id is None:
        runs = runs.where(Run.kind.not_in(OF_ONE), Run.selected > 1)
    else:
        still = exists().where(
            RunItem.environment_id == environment_id,
            RunItem.contact_id == contact_id,
            RunItem.outcome == Outcome.OPEN,
            RunItem.run_id == Run.id,
        )
        runs = runs.where(still)
    return reports_of(environment_id, db.session.scalars(runs.order_by(Run.created_at, Run.id)))


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


def postponed_of(environment_id: int, run_id: UUID) -> Postponed | None:
    """Return what of a run waits for its next try; None where nothing does."""
    now = datetime.now(UTC)
    rows = db.session.execute(
        select(RunItem.reason, func.count(), func.min(RunItem.due_at))
        .where(
            RunItem.environment_id == environment_id,
            RunItem.run_id == run_id,
            RunItem.outcome == Outcome.OPEN,
            RunItem.due_at > now,
        )
        .group_by(RunItem.reason)
    ).all()
    starts, start_at = db.session.execute(
        select(func.count(), func.min(Enrolment.due_at)).where(
            Enrolment.environment_id == environment_id,
            Enrolment.run_id == run_id,
            Enrolment.state == EnrolmentState.WAITING,
            Enrolment.due_at > now,
        )
    ).one()
    tries = [(at, reason or Reason.UNEXPECTED) for reason, _, at in rows]
    tries += [(start_at, Reason.SPOTLER_AWAY)] if starts else []
    if not tries:
        return None
    until, reason = min(tries, key=lambda each: each[0])
    return Postponed(sum(number for _, number, _ in rows), starts, reason, until)
