"""Store events: each id once, with the work that it brings in the same row."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import select
from structlog import get_logger

from spotler_plugin.extensions import db
from spotler_plugin.models import Event, EventOutcome
from spotler_plugin.services.event.body import Told
from spotler_plugin.sql import insert_one

LONGEST_ID = 200
"""Characters of a `webhook-id`."""
MOST_WAITING = 20_000
"""Events that may wait in one environment; more are to be sent again later."""

log = get_logger()


def store_event(environment_id: int, webhook_id: str, told: Told) -> bool:
    """Store an event; False when its id is known, and then nothing is changed.

    The row waits to be handled: there is no other work to be stored with it.
    """
    now = datetime.now(UTC)
    is_new = insert_one(
        Event,
        {
            "environment_id": environment_id,
            "webhook_id": webhook_id,
            "type": told.type,
            "contact_id": told.contact_id,
            "merged_id": told.merged_id,
            "relation_id": told.relation_id,
            "version": told.version,
            "data": dict(told.data),
            "sent_at": told.sent_at,
            "received_at": now,
            "due_at": now,
        },
    )
    log.info(
        "event.stored" if is_new else "event.known", environment=environment_id, type=told.type
    )
    return is_new


def is_behind(environment_id: int) -> bool:
    """Return whether so many events wait that the CRM should send the next ones later."""
    beyond = (
        select(Event.id)
        .where(Event.environment_id == environment_id, Event.outcome == EventOutcome.WAITING)
        .offset(MOST_WAITING)
        .limit(1)
    )
    return db.session.scalar(beyond) is not None
