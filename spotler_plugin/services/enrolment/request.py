"""Ask for automation starts, drop them, and record how they ended; `start` makes the calls."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import exists, literal, select, update

from spotler_plugin.extensions import db
from spotler_plugin.models import (
    STILL_OPEN,
    Automation,
    Enrolment,
    EnrolmentState,
    Run,
    RunItem,
)
from spotler_plugin.sql import insert_new, insert_selected, new_uuid


def request_enrolments(run: Run, contact_id: str, automation_ids: Iterable[int]) -> None:
    """Add enrolments to a run, except where the contact is, or may be, in the automation.

    The database decides: two requests at once cannot both add one.
    """
    available = startable(run.environment_id, automation_ids)
    insert_new(Enrolment, [_new(run, contact_id, automation_id) for automation_id in available])


def request_enrolments_of_all(run: Run, automation_ids: Iterable[int]) -> None:
    """Add enrolments for every contact of a run, as `request_enrolments` does for one."""
    for automation_id in startable(run.environment_id, automation_ids):
        new = {"id": new_uuid()} | {
            name: literal(value, getattr(Enrolment, name).type)
            for name, value in _values(run, automation_id).items()
        }
        contacts = (
            select(RunItem.contact_id, *new.values())
            .where(RunItem.environment_id == run.environment_id, RunItem.run_id == run.id)
            .order_by(RunItem.contact_id)
        )
        insert_selected(Enrolment, ["contact_id", *new], contacts)


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


def decide_enrolment(
    environment_id: int, contact_id: str, enrolment_id: UUID, *, started: bool
) -> int | None:
    """Record how a start ended of which nobody knew, as a person found out in Spotler.

    Returns its automation, or None when the outcome is known by now: of two who decide at once
    the first one counts.
    """
    state = EnrolmentState.STARTED if started else EnrolmentState.DROPPED
    return db.session.scalar(
        update(Enrolment)
        .where(
            Enrolment.environment_id == environment_id,
            Enrolment.contact_id == contact_id,
            Enrolment.id == enrolment_id,
            Enrolment.state == EnrolmentState.UNKNOWN,
        )
        .values(state=state, reason="decided_by_person", settled_at=datetime.now(UTC))
        .returning(Enrolment.automation_id)
    )


def startable(environment_id: int, automation_ids: Iterable[int]) -> Sequence[int]:
    """Return those of these automations that can be started now."""
    return db.session.scalars(
        select(Automation.id)
        .where(
            Automation.environment_id == environment_id,
            Automation.id.in_(set(automation_ids)),
            Automation.active,
            Automation.gone_at.is_(None),
        )
        # In one order, so that two requests do not wait for each other.
        .order_by(Automation.id)
    ).all()


def _new(run: Run, contact_id: str, automation_id: int) -> dict[str, Any]:
    return {"id": uuid4(), "contact_id": contact_id} | _values(run, automation_id)


def _values(run: Run, automation_id: int) -> dict[str, Any]:
    now = datetime.now(UTC)
    return {
        "environment_id": run.environment_id,
        "run_id": run.id,
        "automation_id": automation_id,
        "state": EnrolmentState.WAITING,
        "source": run.source,
        "actor_id": run.actor_id,
        "actor_name": run.actor_name,
        "asked_at": now,
        "due_at": now,
    }
