"""Which runs have work to do, and when each was last enqueued."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import and_, exists, or_, select, update

from spotler_plugin.extensions import db
from spotler_plugin.models import (
    STILL_OPEN,
    Enrolment,
    EnrolmentState,
    Link,
    Outcome,
    Run,
    RunItem,
    RunKind,
    RunState,
)
from spotler_plugin.services.environment import enabled_environments
from spotler_plugin.services.lease import is_free

ENQUEUE_AGAIN = timedelta(seconds=10)


class Enqueued(NamedTuple):
    """What the queue must know of a run."""

    environment_id: int
    selected: int
    """How many contacts it has."""
    kind: RunKind


def note_enqueued(run_id: UUID) -> Enqueued | None:
    """Record that the run is being enqueued; None when it is gone."""
    found = db.session.execute(
        update(Run)
        .where(Run.id == run_id)
        .values(enqueued_at=datetime.now(UTC))
        .returning(Run.environment_id, Run.selected, Run.kind)
    ).one_or_none()
    return found and Enqueued(*found)


def forget_enqueued(run_id: UUID) -> None:
    """Record that nothing was enqueued for the run, as Redis was away."""
    db.session.execute(update(Run).where(Run.id == run_id).values(enqueued_at=None))


def overdue_runs() -> list[UUID]:
    """Mark as enqueued, and return, the runs of all environments that are due to be enqueued."""
    now = datetime.now(UTC)
    free_item = exists().where(
        RunItem.run_id == Run.id,
        RunItem.outcome == Outcome.OPEN,
        RunItem.due_at <= now,
        Link.environment_id == RunItem.environment_id,
        Link.contact_id == RunItem.contact_id,
        is_free(Link, now),
    )
    due_start = exists().where(
        Enrolment.run_id == Run.id,
        Enrolment.state == EnrolmentState.WAITING,
        Enrolment.due_at <= now,
    )
    nothing_open = and_(
        ~exists().where(RunItem.run_id == Run.id, RunItem.outcome == Outcome.OPEN),
        ~exists().where(
            Enrolment.run_id == Run.id,
            Enrolment.state.in_(STILL_OPEN),
        ),
    )
    ids = db.session.scalars(
        select(Run.id)
        .where(Run.state == RunState.OPEN, Run.environment_id.in_(enabled_environments()))
        .where(or_(Run.enqueued_at.is_(None), Run.enqueued_at < now - ENQUEUE_AGAIN))
        .where(or_(free_item, due_start, nothing_open, Run.cancel_asked_at.is_not(None)))
        .execution_options(across_environments=True)
    ).all()
    db.session.execute(update(Run).where(Run.id.in_(ids)).values(enqueued_at=now))
    return list(ids)
