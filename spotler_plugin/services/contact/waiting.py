"""What was saved on a contact's screen and still waits: the next saving takes its place.

The screen shows it as asked, so whoever saves there means all of it: what was not changed goes
along, and the older run is stopped. Nothing is written then that nobody wants any more.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, insert, or_, select, update
from structlog import get_logger

from spotler_plugin.extensions import db
from spotler_plugin.models import (
    UNDER_WAY,
    Act,
    Enrolment,
    EnrolmentState,
    Outcome,
    Run,
    RunItem,
    RunKind,
    RunState,
)
from spotler_plugin.services.run.control import cancel_run

NOT_COPIED = frozenset({"id", "run_id", "applied_at"})

log = get_logger()


@dataclass(frozen=True, slots=True)
class Waits:
    """The runs of earlier savings that are not done."""

    run_ids: Sequence[UUID] = ()
    take_over: bool = False
    """Whether one of them was to take over the address."""
    bits: Collection[int] = ()
    """The permissions that they switch: Spotler does not have them as the screen showed them."""


def waiting_for(environment_id: int, contact_id: str) -> Waits:
    """Return what was saved of a contact by hand, was tried in vain or stands still, and is not
    done; what is about to be done is not waited for."""
    rows = db.session.execute(
        select(Run.id, RunItem.take_over)
        .join(RunItem, RunItem.run_id == Run.id)
        .where(
            Run.environment_id == environment_id,
            Run.kind == RunKind.CONTACT,
            Run.state.in_(UNDER_WAY),
            Run.cancel_asked_at.is_(None),
            or_(Run.state == RunState.HALTED, RunItem.reason.is_not(None)),
            RunItem.environment_id == environment_id,
            RunItem.contact_id == contact_id,
            RunItem.outcome == Outcome.OPEN,
        )
        .order_by(Run.created_at, Run.id)
    ).all()
    if not rows:
        return Waits()
    run_ids = [id_ for id_, _ in rows]
    bits = db.session.scalars(select(Act.bit).where(*_acts_of(environment_id, contact_id, run_ids)))
    return Waits(run_ids, any(takes for _, takes in rows), set(bits))


def take_along(run: Run, contact_id: str, waits: Waits, changed: Collection[int]) -> None:
    """Let a new run do what earlier ones did not, but for the permissions that it changes itself;
    and ask these to stop.

    An act keeps its moment and who made it, so that a sign-off since then still wins.
    """
    owner = run.environment_id
    if not waits.run_ids:
        return
    acts = db.session.scalars(
        select(Act).where(*_acts_of(owner, contact_id, waits.run_ids)).order_by(Act.at, Act.id)
    )
    columns = [each.key for each in Act.__mapper__.column_attrs if each.key not in NOT_COPIED]
    rows = [
        {name: getattr(act, name) for name in columns} | {"run_id": run.id}
        for act in acts
        if act.bit not in changed
    ]
    if rows:
        db.session.execute(insert(Act), rows)
    db.session.execute(
        update(Enrolment)
        .where(
            Enrolment.environment_id == owner,
            Enrolment.run_id.in_(waits.run_ids),
            Enrolment.contact_id == contact_id,
            Enrolment.state == EnrolmentState.WAITING,
        )
        .values(run_id=run.id),
        execution_options={"synchronize_session": False},
    )
    for run_id in waits.run_ids:
        cancel_run(owner, run_id)
    log.info("contact.taken_along", environment=owner, run=str(run.id), runs=len(waits.run_ids))


def _acts_of(
    environment_id: int, contact_id: str, run_ids: Sequence[UUID]
) -> Sequence[ColumnElement[bool]]:
    return (
        Act.environment_id == environment_id,
        Act.contact_id == contact_id,
        Act.run_id.in_(run_ids),
        Act.applied_at.is_(None),
    )
