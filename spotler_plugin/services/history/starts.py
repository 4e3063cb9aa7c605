"""Automations that were asked for, and how each start ended."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import and_, select

from spotler_plugin.extensions import db
from spotler_plugin.models import (
    AMISS,
    Automation,
    Enrolment,
    EnrolmentState,
    Source,
)
from spotler_plugin.planning.history.place import Kind
from spotler_plugin.services.history.line import Wish


@dataclass(frozen=True, slots=True)
class Started:
    """A start that was asked for."""

    key: UUID
    at: datetime
    label: str
    state: EnrolmentState
    reason: str | None
    source: Source
    actor_name: str | None


def find_started(wish: Wish, rank: int) -> list[Started]:
    if wish.kind not in (None, Kind.AUTOMATION, Kind.BLOCKED):
        return []
    amiss = [Enrolment.state.in_(AMISS)] if wish.kind is Kind.BLOCKED else []
    rows = db.session.execute(
        select(Enrolment, Automation.label)
        .join(
            Automation,
            and_(
                Automation.environment_id == wish.environment_id,
                Automation.id == Enrolment.automation_id,
            ),
        )
        .where(
            Enrolment.environment_id == wish.environment_id,
            Enrolment.contact_id == wish.contact_id,
            *amiss,
            *wish.rest(rank, Enrolment.asked_at, Enrolment.id, UUID),
        )
        .order_by(Enrolment.asked_at.desc(), Enrolment.id.desc())
        .limit(wish.limit)
        .execution_options(populate_existing=True)
    )
    return [
        Started(
            key=each.id,
            at=each.asked_at,
            label=label,
            state=each.state,
            reason=each.reason,
            source=each.source,
            actor_name=each.actor_name,
        )
        for each, label in rows
    ]
