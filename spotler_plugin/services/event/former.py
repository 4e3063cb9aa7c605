"""Who was a relation's primary contact before, as the relation's events tell of them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import and_, select

from spotler_plugin.extensions import db
from spotler_plugin.models import Event, MirrorContact, Outcome, RunItem
from spotler_plugin.planning.detail import NOTHING, Detail
from spotler_plugin.services.mirror.read import name_of
from spotler_plugin.sql import among


@dataclass(frozen=True, slots=True)
class Former:
    """Who was a relation's primary contact, and what the run did with it."""

    contact_id: str
    name: str | None
    outcome: Outcome
    detail: Detail


def find_former(environment_id: int, events: Collection[Event]) -> dict[int, tuple[Former, ...]]:
    """Return by event who was the primary contact before, as far as its run is still kept."""
    if not events:
        return {}
    rows = db.session.execute(
        select(RunItem, MirrorContact.properties)
        .outerjoin(
            MirrorContact,
            and_(
                MirrorContact.environment_id == environment_id,
                MirrorContact.external_id == RunItem.contact_id,
            ),
        )
        .where(
            RunItem.environment_id == environment_id,
            RunItem.run_id.in_([event.run_id for event in events if event.run_id]),
            among(RunItem.contact_id, {id_ for event in events for id_ in event.former_ids}),
        )
        .execution_options(populate_existing=True)
    )
    found = {
        (item.run_id, item.contact_id): Former(
            item.contact_id, name_of(properties or {}), item.outcome, item.detail or NOTHING
        )
        for item, properties in rows
    }
    return {
        event.id: tuple(
            found[event.run_id, id_] for id_ in event.former_ids if (event.run_id, id_) in found
        )
        for event in events
        if event.run_id
    }
