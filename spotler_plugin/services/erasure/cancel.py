"""Cancel what waits for a contact that is erased; what is under way at this moment ends first."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime
from uuid import uuid4

from sqlalchemy import ColumnElement, and_, select, update
from sqlalchemy.sql.dml import UpdateBase

from spotler_plugin.extensions import db
from spotler_plugin.models import (
    Enrolment,
    EnrolmentState,
    Event,
    EventOutcome,
    EventType,
    Firing,
    FiringState,
    Link,
    Outcome,
    RunItem,
)
from spotler_plugin.planning.reason import Reason
from spotler_plugin.services.lease import is_free
from spotler_plugin.services.link.lease import claim_leases, open_links, release_leases
from spotler_plugin.sql import among

CANCELLED = (EventType.CONTACT_CHANGED, EventType.ACTION_TRIGGERED)
"""Events that lead to a write; who was deleted, or merged, is still to be known as such."""
DROPPED = "erased"
"""The reason of an automation start that is not made."""


def cancel_waiting(environment_id: int, contact_ids: Collection[str]) -> None:
    """Cancel items, automation starts, firings and events; the caller commits.

    Whom a worker is writing it has leased: `is_under_way` tells, and its item is settled by it.
    """
    open_links(environment_id, contact_ids)
    # Nobody claims them before the commit, and no item is settled twice.
    lease = uuid4()
    free = claim_leases(environment_id, contact_ids, lease)
    unsent = and_(RunItem.after.is_(None), RunItem.patch_key.is_(None))
    _settle(environment_id, free, unsent, Outcome.CANCELLED)
    # Nobody knows whether these arrived.
    _settle(environment_id, free, ~unsent, Outcome.FAILED)
    release_leases(environment_id, free, lease)
    now = datetime.now(UTC)
    _update(
        update(Enrolment)
        .where(
            Enrolment.environment_id == environment_id,
            among(Enrolment.contact_id, contact_ids),
            Enrolment.state == EnrolmentState.WAITING,
        )
        .values(state=EnrolmentState.DROPPED, reason=DROPPED, settled_at=now)
    )
    _update(
        update(Firing)
        .where(
            Firing.environment_id == environment_id,
            among(Firing.contact_id, contact_ids),
            Firing.state == FiringState.OPEN,
            is_free(Firing, now),
        )
        .values(state=FiringState.FAILED, reason=Reason.ERASED, finished_at=now)
    )
    _update(
        update(Event)
        .where(
            Event.environment_id == environment_id,
            among(Event.contact_id, contact_ids),
            Event.outcome == EventOutcome.WAITING,
            Event.type.in_(CANCELLED),
        )
        .values(outcome=EventOutcome.ERASED, reason=None)
    )


def is_under_way(environment_id: int, contact_ids: Collection[str]) -> bool:
    """Return whether a worker is writing one of them, or carries out a firing for it.

    Who begins after the marks are there finds them, and writes nothing.
    """
    now = datetime.now(UTC)
    leased = select(Link.id).where(
        Link.environment_id == environment_id,
        among(Link.contact_id, contact_ids),
        ~is_free(Link, now),
    )
    firing = select(Firing.id).where(
        Firing.environment_id == environment_id,
        among(Firing.contact_id, contact_ids),
        Firing.state == FiringState.OPEN,
    )
    starting = select(Enrolment.id).where(
        Enrolment.environment_id == environment_id,
        among(Enrolment.contact_id, contact_ids),
        Enrolment.state == EnrolmentState.LEAVING,
    )
    return any(db.session.scalar(each.limit(1)) is not None for each in (leased, firing, starting))


def _settle(
    environment_id: int,
    contact_ids: Collection[str],
    which: ColumnElement[bool],
    outcome: Outcome,
) -> None:
    _update(
        update(RunItem)
        .where(
            RunItem.environment_id == environment_id,
            among(RunItem.contact_id, contact_ids),
            RunItem.outcome == Outcome.OPEN,
            which,
        )
        .values(outcome=outcome, reason=Reason.ERASED, settled_at=datetime.now(UTC))
    )


def _update(statement: UpdateBase) -> None:
    db.session.execute(statement, execution_options={"synchronize_session": False})
