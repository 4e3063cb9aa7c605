"""The automations as the modal shows them, with a contact's latest start of each."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import bindparam, select

from spotler_plugin.extensions import db
from spotler_plugin.models import (
    ENROLLED,
    Automation,
    Enrolment,
    EnrolmentState,
    Source,
)
from spotler_plugin.services.enrolment.request import startable
from spotler_plugin.sql import among

# Made once: making a statement takes as long as executing it, and each modal asks for these.
_STARTS = (
    select(Enrolment)
    .where(
        Enrolment.environment_id == bindparam("owner"), Enrolment.contact_id == bindparam("contact")
    )
    .order_by(Enrolment.asked_at, Enrolment.id)
)
_AUTOMATIONS = (
    select(Automation)
    .where(Automation.environment_id == bindparam("owner"))
    .order_by(Automation.kind, Automation.position, Automation.label, Automation.id)
)


@dataclass(frozen=True, slots=True)
class AutomationSwitch:
    """An automation as the modal shows it, with this contact's latest start of it."""

    id: int
    label: str
    available: bool
    """Whether it can be started now: active in Spotler, and still there."""
    state: EnrolmentState | None
    asked_at: datetime | None
    asked_by: str | None
    enrolment_id: UUID | None
    reason: str | None
    source: Source | None = None
    """Where the start was asked for."""

    @property
    def on(self) -> bool:
        """Whether the contact is in it, or may be."""
        return self.state in ENROLLED


def automation_switches(environment_id: int, contact_id: str) -> list[AutomationSwitch]:
    """Return the account's automations; one that vanished only if the contact has a start of it."""
    latest: dict[int, Enrolment] = {}
    owner = {"owner": environment_id}
    for each in db.session.scalars(_STARTS, {**owner, "contact": contact_id}):
        latest[each.automation_id] = each
    automations = db.session.scalars(_AUTOMATIONS, owner)
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
        source=latest.source if latest else None,
    )


def enrolled_among(
    environment_id: int, automation_ids: Collection[int], contact_ids: Collection[str]
) -> dict[int, set[str]]:
    """Return for each of these automations that can be started the contacts that are in it, or may
    be."""
    if not automation_ids:
        return {}
    found: dict[int, set[str]] = {id_: set() for id_ in startable(environment_id, automation_ids)}
    rows = db.session.execute(
        select(Enrolment.automation_id, Enrolment.contact_id).where(
            Enrolment.environment_id == environment_id,
            Enrolment.automation_id.in_(automation_ids),
            among(Enrolment.contact_id, contact_ids),
            Enrolment.state.in_(ENROLLED),
        )
    )
    for automation_id, contact_id in rows:
        if automation_id in found:
            found[automation_id].add(contact_id)
    return found
