"""Let automatic actions fire, as the CRM tells of the sales that reached their phase."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from spotler_plugin.models import Event, EventOutcome
from spotler_plugin.services.automatic_action.fire import NoAction, Transition, fire_action


def fire(environment_id: int, events: Iterable[Event]) -> list[UUID]:
    """Record the firings, and on each event what came of it; return those to enqueue."""
    fired = []
    for event in events:
        try:
            firing_id = fire_action(
                environment_id,
                event.data["action_id"],
                str(event.contact_id),
                _transition(event.data["transition"]),
            )
        except NoAction:
            event.outcome = EventOutcome.NO_ACTION
            continue
        event.outcome = EventOutcome.FIRED if firing_id else EventOutcome.KNOWN
        if firing_id:
            fired.append(firing_id)
    return fired


def _transition(told: dict[str, Any]) -> Transition:
    return Transition(
        id=told["id"],
        sale_id=told["sale_id"],
        from_phase=told["from_phase"],
        to_phase=told["to_phase"],
        at=datetime.fromisoformat(told["at"]),
    )
