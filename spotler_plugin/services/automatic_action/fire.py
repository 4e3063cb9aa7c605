"""Record that an automatic action fired: once per action, contact and transition."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID, uuid4

from sqlalchemy import select
from structlog import get_logger

from spotler_plugin.extensions import db
from spotler_plugin.models import AutomaticAction, Firing
from spotler_plugin.services.contact_id import is_crm_id
from spotler_plugin.sql import insert_one

LONGEST = 200
"""Characters of what the CRM says of a transition."""

log = get_logger()


class NoAction(Exception):
    """The CRM names an action that never was."""


@dataclass(frozen=True, slots=True)
class Transition:
    """A sale that reached a phase, as the CRM tells of it (crm-developer.md §4)."""

    id: str
    sale_id: str | None = None
    from_phase: str | None = None
    to_phase: str | None = None
    at: datetime | None = None


def fire_action(
    environment_id: int, action_id: str, contact_id: str, transition: Transition
) -> UUID | None:
    """Record a firing; the caller commits, and then enqueues it by the id that is returned.

    None when it fired for this transition before. One that is switched off is recorded, so that
    its history says why nothing happened. Raises NoAction.
    """
    action = _find(environment_id, action_id)
    if action is None or not (is_crm_id(contact_id) and 0 < len(transition.id) <= LONGEST):
        log.info("action.unknown", environment=environment_id)
        raise NoAction
    firing_id = uuid4()
    is_new = insert_one(
        Firing,
        {
            "id": firing_id,
            "environment_id": environment_id,
            "action_id": action.id,
            "contact_id": contact_id,
            "transition_id": transition.id,
            "sale_id": _cut(transition.sale_id),
            "from_phase": _cut(transition.from_phase),
            "to_phase": _cut(transition.to_phase),
            "moved_at": transition.at,
            "adjustment": action.adjustment,
            "fired_at": datetime.now(UTC),
        },
    )
    return firing_id if is_new else None


def _find(environment_id: int, action_id: str) -> AutomaticAction | None:
    """Return the action, also where it was deleted since; None for an id of none."""
    try:
        id_ = UUID(action_id)
    except ValueError:
        return None
    return db.session.scalar(
        select(AutomaticAction).where(
            AutomaticAction.environment_id == environment_id, AutomaticAction.id == id_
        )
    )


def _cut(text: str | None) -> str | None:
    return text[:LONGEST] if text else None
