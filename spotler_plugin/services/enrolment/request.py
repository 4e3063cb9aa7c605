"""Ask for automation starts, drop them, and record how they ended; `start` makes the calls."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import UTC, datetime
from uuid import UUID, uuid4

from sqlalchemy import exists, select, update

from spotler_plugin.extensions import db
from spotler_plugin.models import (
    ENROLLED,
    STILL_OPEN,
    Automation,
    Enrolment,
    EnrolmentState,
    Run,
)


def request_enrolments(run: Run, contact_id: str, automation_ids: Iterable[int]) -> None:
    """Add enrolments to a run, except where the contact is, or may be, in the automation."""
    taken = set(
        db.session.scalars(
            select(Enrolment.automation_id).where(
                Enrolment.environment_id == run.environment_id,
                Enrolment.contact_id == contact_id,
                Enrolment.state.in_(ENROLLED),
            )
        )
    )
    available = db.session.scalars(
        select(Automation).where(
            Automation.environment_id == run.environment_id,
            Automation.id.in_(set(automation_ids) - taken),
            Automation.active,
            Automation.gone_at.is_(None),
        )
    )
    for automation in available:
        db.session.add(_new(run, contact_id, automation.id))


def drop_enrolments(run: Run, reason: str, contact_ids: Collection[str] | None = None) -> None:
    """Drop starts that were not sent: the contact was not written, or the run was cancelled."""
    condition = [
        Enrolment.environment_id == run.environment_id,
        Enrolment.run_id == run.id,
        Enrolment.state == EnrolmentState.WAITING,
    ]
    if contact_ids is not None:
        condition.append(Enrolment.contact_id.in_(contact_ids))
    db.session.execute(
        update(Enrolment)
        .where(*condition)
        .values(state=EnrolmentState.DROPPED, reason=reason, settled_at=datetime.now(UTC))
    )


def has_open_enrolments(run: Run) -> bool:
    """Return whether starts of the run are still waiting or being sent."""
    return bool(
        db.session.scalar(
            select(
                exists().where(
                    Enrolment.environment_id == run.environment_id,
                    Enrolment.run_id == run.id,
                    Enrolment.state.in_(STILL_OPEN),
                )
            )
        )
    )


def find_unknown_enrolment(
    environment_id: int, contact_id: str, enrolment_id: UUID
) -> Enrolment | None:
    """Return the enrolment, if nobody knows whether its start arrived."""
    return db.session.scalar(
        select(Enrolment).where(
            Enrolment.environment_id == environment_id,
            Enrolment.contact_id == contact_id,
            Enrolment.id == enrolment_id,
            Enrolment.state == EnrolmentState.UNKNOWN,
        )
    )


def decide_enrolment(enrolment: Enrolment, *, started: bool) -> None:
    """Record how a start ended, as a person found out in Spotler."""
    settle_enrolment(
        enrolment,
        EnrolmentState.STARTED if started else EnrolmentState.DROPPED,
        "decided_by_person",
    )


def _new(run: Run, contact_id: str, automation_id: int) -> Enrolment:
    now = datetime.now(UTC)
    return Enrolment(
        id=uuid4(),
        environment_id=run.environment_id,
        run_id=run.id,
        contact_id=contact_id,
        automation_id=automation_id,
        state=EnrolmentState.WAITING,
        source=run.source,
        actor_id=run.actor_id,
        actor_name=run.actor_name,
        asked_at=now,
        due_at=now,
    )


def settle_enrolment(enrolment: Enrolment, state: EnrolmentState, reason: str | None) -> None:
    """Record how a start ended."""
    enrolment.state = state
    enrolment.reason = reason
    enrolment.settled_at = datetime.now(UTC)
