"""Runs as people see them: the list, one run, and its pace."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy import func, select

from spotler_plugin.extensions import db
from spotler_plugin.models import (
    CLOSED,
    OF_EVENTS,
    OF_ONE,
    SETTLED,
    UNDER_WAY,
    WENT_WRONG,
    Outcome,
    Run,
    RunItem,
    RunKind,
    RunState,
    Source,
)
from spotler_plugin.planning.adjustment import Adjustment
from spotler_plugin.planning.reason import Reason
from spotler_plugin.planning.undo.order import Undo
from spotler_plugin.services.pagination import SIZE, Page, within

PACE_PERIOD = timedelta(minutes=10)
"""The longest period over which the pace is measured: it does not jump with each chunk."""


@dataclass(frozen=True, slots=True)
class Report:
    """A run in numbers that add up to its selection."""

    id: UUID
    kind: RunKind
    source: Source
    actor_name: str | None
    state: RunState
    halted: Reason | None
    created_at: datetime
    finished_at: datetime | None
    is_stopping: bool
    adjustment: Adjustment | None
    """What was asked for all contacts of a bulk mutation."""
    selected: int
    counts: dict[Outcome, int]
    """Outcomes that occur; with `OPEN` while under way."""
    undoes_id: UUID | None = None
    """The run that it takes back."""
    undo: Undo | None = None
    """Which part of that, and how far."""
    images_gone_at: datetime | None = None
    """When what it overwrote was removed, as it was kept long enough."""
    items_gone_at: datetime | None = None
    """When its contacts were removed likewise."""

    @property
    def left(self) -> int:
        """How many are still to be done."""
        return self.counts.get(Outcome.OPEN, 0)

    @property
    def stopped(self) -> int:
        """How many were not done, as it was stopped before their turn."""
        return self.counts.get(Outcome.CANCELLED, 0)

    @property
    def done(self) -> int:
        return self.selected - self.left - self.stopped

    @property
    def is_over(self) -> bool:
        return self.state in CLOSED

    @property
    def went_wrong(self) -> int:
        return sum(self.counts.get(outcome, 0) for outcome in WENT_WRONG)


@dataclass(frozen=True, slots=True)
class Pace:
    per_second: float
    seconds_left: float | None
    """None when it cannot be told."""


def list_runs(
    environment_id: int, number: int, *, single: bool, only_open: bool = False
) -> Page[Report]:
    """Return a page of runs, newest first; `single` includes those of one contact.

    Those of events are not among them: nobody asked for them (`services/event/log` has them). With
    `only_open` it is all that are under way, whoever asked, and no others.
    """
    of_these = [Run.environment_id == environment_id]
    if only_open:
        of_these.append(Run.state.in_(UNDER_WAY))
    else:
        of_these.append(Run.kind.not_in(OF_EVENTS if single else OF_EVENTS | OF_ONE))
    total = db.session.scalar(select(func.count()).select_from(Run).where(*of_these)) or 0
    number = within(number, total)
    runs = db.session.scalars(
        select(Run)
        .where(*of_these)
        .order_by(Run.created_at.desc(), Run.id)
        .limit(SIZE)
        .offset((number - 1) * SIZE)
    ).all()
    return Page(reports_of(environment_id, runs), number, total)


def find_report(environment_id: int, run_id: UUID) -> Report | None:
    run = db.session.scalar(
        select(Run).where(Run.environment_id == environment_id, Run.id == run_id)
    )
    return reports_of(environment_id, [run])[0] if run is not None else None


def pace_of(report: Report, environment_id: int) -> Pace:
    """Return the pace between the first chunk that was settled lately and the last one."""
    now = datetime.now(UTC)
    since = max(now - PACE_PERIOD, report.created_at)
    of_run = (RunItem.environment_id == environment_id, RunItem.run_id == report.id)
    first, last, settled = db.session.execute(
        select(func.min(RunItem.settled_at), func.max(RunItem.settled_at), func.count()).where(
            *of_run, RunItem.settled_at > since
        )
    ).one()
    if first is None or last is None:
        return Pace(0, None)
    began = since
    if (last - first).total_seconds() >= 1:
        in_first = select(func.count()).where(*of_run, RunItem.settled_at == first)
        began, settled = first, settled - (db.session.scalar(in_first) or 0)
    per_second = settled / max((last - began).total_seconds(), 1)
    if not report.left:
        return Pace(per_second, None)
    # What passed since the last chunk is no longer to come.
    passed = (now - last).total_seconds()
    return Pace(per_second, max(report.left / per_second - passed, 0))


def count_outcomes(
    environment_id: int, run_ids: Collection[UUID]
) -> dict[UUID, dict[Outcome, int]]:
    """Count the items of each run by outcome, as they are now."""
    counted: dict[UUID, dict[Outcome, int]] = {run_id: {} for run_id in run_ids}
    if not run_ids:
        return counted
    rows = db.session.execute(
        select(RunItem.run_id, RunItem.outcome, func.count())
        .where(RunItem.environment_id == environment_id, RunItem.run_id.in_(run_ids))
        .group_by(RunItem.run_id, RunItem.outcome)
    )
    for run_id, outcome, number in rows:
        counted[run_id][outcome] = number
    return counted


def reports_of(environment_id: int, runs: Iterable[Run]) -> list[Report]:
    """Return these runs in numbers."""
    runs = list(runs)
    # A closed run has its counts in its row.
    under_way = [run.id for run in runs if run.state in UNDER_WAY]
    counted = count_outcomes(environment_id, under_way)
    return [_report(run, counted.get(run.id)) for run in runs]


def _report(run: Run, counts: dict[Outcome, int] | None) -> Report:
    if counts is None:
        known = {outcome: getattr(run, outcome.value) for outcome in SETTLED}
        counts = {outcome: number for outcome, number in known.items() if number}
    return Report(
        id=run.id,
        kind=run.kind,
        source=run.source,
        actor_name=run.actor_name,
        state=run.state,
        halted=run.halted_because,
        created_at=run.created_at,
        finished_at=run.finished_at,
        is_stopping=run.state is RunState.OPEN and run.cancel_asked_at is not None,
        adjustment=run.adjustment,
        selected=run.selected,
        counts=counts,
        undoes_id=run.undoes_id,
        undo=run.undo,
        images_gone_at=run.images_gone_at,
        items_gone_at=run.items_gone_at,
    )
