"""Figures of all environments, for the metrics."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Executable, func, select

from spotler_plugin.extensions import db
from spotler_plugin.models import (
    CLOSED,
    SETTLED,
    Connection,
    ConnectionState,
    Enrolment,
    EnrolmentState,
    Environment,
    Event,
    EventOutcome,
    Feed,
    Firing,
    FiringState,
    Outcome,
    Run,
    RunItem,
    RunState,
)
from spotler_plugin.services.calls.crm import CrmSigns, read_crm_signs


@dataclass(slots=True)
class Figures:
    """Figures of one environment."""

    runs: Counter[RunState] = field(default_factory=Counter)
    items: Counter[Outcome] = field(default_factory=Counter)
    events: int = 0
    """Events that are due and were not handled yet."""
    waiting_seconds: float = 0.0
    """How long the oldest due work has been waiting."""
    feed_seconds: float | None = None
    """Age of the mirror; None when the feed was never read to its end."""
    refused: bool = False
    """Whether Spotler refuses the key."""
    crm: CrmSigns | None = None
    """How the CRM answers; None where Redis does not tell."""


def figures_by_environment() -> dict[str, Figures]:
    """Return the figures by environment key; items are counted for open runs only."""
    keys = dict(db.session.execute(select(Environment.id, Environment.key)).all())
    found = {id: Figures() for id in keys}
    now = datetime.now(UTC)
    _count(found, now)
    oldest_start = (
        select(Enrolment.environment_id, func.min(Enrolment.due_at))
        .where(Enrolment.state == EnrolmentState.WAITING)
        .group_by(Enrolment.environment_id)
    )
    oldest_firing = (
        select(Firing.environment_id, func.min(Firing.due_at))
        .where(Firing.state == FiringState.OPEN)
        .group_by(Firing.environment_id)
    )
    events = _all(
        select(Event.environment_id, func.min(Event.due_at), func.count())
        .where(Event.outcome == EventOutcome.WAITING, Event.due_at <= now)
        .group_by(Event.environment_id)
    )
    for id, _, number in events:
        found[id].events = number
    oldest_event = [(id, due_at) for id, due_at, _ in events]
    for id, due_at in (*_all(oldest_start), *_all(oldest_firing), *oldest_event):
        found[id].waiting_seconds = max(found[id].waiting_seconds, _passed(due_at, now))
    for id, read_at in _all(select(Feed.environment_id, Feed.read_at)):
        found[id].feed_seconds = None if read_at is None else _passed(read_at, now)
    refused = select(Connection.environment_id).where(Connection.state == ConnectionState.REFUSED)
    for (id,) in _all(refused):
        found[id].refused = True
    for id, signs in read_crm_signs(keys).items():
        found[id].crm = signs
    return {keys[id]: figures for id, figures in found.items()}


def _count(found: dict[int, Figures], now: datetime) -> None:
    sums = [func.sum(getattr(Run, outcome.value)) for outcome in SETTLED]
    runs = select(Run.environment_id, Run.state, func.count(), *sums)
    for id, state, number, *counts in _all(runs.group_by(Run.environment_id, Run.state)):
        found[id].runs[state] = number
        if state in CLOSED:
            found[id].items.update(dict(zip(SETTLED, counts, strict=True)))
    kind = (RunItem.environment_id, Run.state, RunItem.outcome)
    items = (
        select(*kind, func.count(), func.min(RunItem.due_at))
        .join(Run, Run.id == RunItem.run_id)
        .where(Run.state.not_in(CLOSED))
        .group_by(*kind)
    )
    for id, state, outcome, number, due_at in _all(items):
        found[id].items[outcome] += number
        if state is RunState.OPEN and outcome is Outcome.OPEN:
            found[id].waiting_seconds = _passed(due_at, now)


def _all(statement: Executable) -> Collection[Any]:
    return db.session.execute(statement.execution_options(across_environments=True)).all()


def _passed(since: datetime, now: datetime) -> float:
    return max((now - since).total_seconds(), 0.0)
