"""Ask for automations, show how they stand, and settle them; `starting` starts them."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID, uuid4

from sqlalchemy import exists, select, update

from spotler_plugin.extensions import db
from spotler_plugin.models import (
    Automation,
    Enrolment,
    EnrolmentState,
    Run,
)

TAKEN = (
    EnrolmentState.WAITING,
    EnrolmentState.LEAVING,
    EnrolmentState.STARTED,
    EnrolmentState.UNKNOWN,
)
"""States in which the contact is in the automation, or may be: it is not started again."""


@dataclass(frozen=True, slots=True)
class AutomationSwitch:
    """An automation as the modal shows it, with this contact's latest start of it."""

    id: int
    label: str
    available: bool
    """It can be started now: active in Spotler, and still there."""
    state: EnrolmentState | None
    asked_at: datetime | None
    asked_by: str | None
    enrolment_id: UUID | None
    reason: str | None

    @property
    def on(self) -> bool:
        """The contact is in it, or may be."""
        return self.state in TAKEN


def switches(environment_id: int, contact_id: str) -> list[AutomationSwitch]:
    """The account's automations; one that is gone only as long as the contact was in it."""
    latest: dict[int, Enrolment] = {}
    for each in db.session.scalars(
        select(Enrolment)
        .where(Enrolment.environment_id == environment_id, Enrolment.contact_id == contact_id)
        .order_by(Enrolment.asked_at, Enrolment.id)
    ):
        latest[each.automation_id] = each
    automations = db.session.scalars(
        select(Automation)
        .where(Automation.environment_id == environment_id)
        .order_by(Automation.kind, Automation.position, Automation.label, Automation.id)
    )
    return [
        _switch(automation, latest.get(automation.id))
        for automation in automations
        if automation.gone_at is None or automation.id in latest
    ]


def _switch(automation: Automation, latest: Enrolment | None) -> AutomationSwitch:
    return AutomationSwitch(
        id=automation.id,
        label=automation.label,
        available=automation.active and automation.gone_at is None,
        state=latest.state if latest else None,
        asked_at=latest.asked_at if latest else None,
        asked_by=latest.actor_name if latest else None,
        enrolment_id=latest.id if latest else None,
        reason=latest.reason if latest else None,
    )


def request(run: Run, contact_id: str, automation_ids: Iterable[int]) -> None:
    """Ask for automations with a run; one that was started, or may have been, is left alone."""
    taken = set(
        db.session.scalars(
            select(Enrolment.automation_id).where(
                Enrolment.environment_id == run.environment_id,
                Enrolment.contact_id == contact_id,
                Enrolment.state.in_(TAKEN),
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
        db.session.add(_asked(run, contact_id, automation.id))


def drop(run: Run, reason: str, contact_ids: Collection[str] | None = None) -> None:
    """Give up what has not left: its contact was not written, or the run was cancelled."""
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


def open_in(run: Run) -> bool:
    """Whether automations of the run are still waiting or leaving."""
    return bool(
        db.session.scalar(
            select(
                exists().where(
                    Enrolment.environment_id == run.environment_id,
                    Enrolment.run_id == run.id,
                    Enrolment.state.in_((EnrolmentState.WAITING, EnrolmentState.LEAVING)),
                )
            )
        )
    )


def find_unknown(environment_id: int, contact_id: str, enrolment_id: UUID) -> Enrolment | None:
    """A start of which nobody knows whether it arrived."""
    return db.session.scalar(
        select(Enrolment).where(
            Enrolment.environment_id == environment_id,
            Enrolment.contact_id == contact_id,
            Enrolment.id == enrolment_id,
            Enrolment.state == EnrolmentState.UNKNOWN,
        )
    )


def decided(enrolment: Enrolment, *, started: bool) -> None:
    """A person looked in Spotler and says how the start ended."""
    settle(
        enrolment,
        EnrolmentState.STARTED if started else EnrolmentState.DROPPED,
        "decided_by_person",
    )


def _asked(run: Run, contact_id: str, automation_id: int) -> Enrolment:
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


def settle(enrolment: Enrolment, state: EnrolmentState, reason: str | None) -> None:
    enrolment.state = state
    enrolment.reason = reason
    enrolment.settled_at = datetime.now(UTC)
