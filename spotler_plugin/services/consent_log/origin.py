"""What led to an act: the run that carried it out, and what asked for that run."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import and_, select

from spotler_plugin.extensions import db
from spotler_plugin.models import AutomaticAction, Event, Firing, Run
from spotler_plugin.sql import unindexed


@dataclass(frozen=True, slots=True)
class Origin:
    """Of a run that is still there."""

    run_id: UUID
    action_id: UUID | None = None
    """The automatic action that asked for it, unless it was deleted."""
    action_name: str = ""
    has_event: bool = False
    """Whether an event of the CRM led to it, which is still kept."""


def origins_of(environment_id: int, run_ids: Collection[UUID]) -> dict[UUID, Origin]:
    """Return what is known of these runs, by id; a run that is gone has no entry."""
    if not run_ids:
        return {}
    events = set(
        db.session.scalars(
            select(Event.run_id).where(
                Event.environment_id == environment_id, Event.run_id.in_(run_ids)
            )
        )
    )
    rows = db.session.execute(
        select(Run.id, AutomaticAction.id, AutomaticAction.name)
        # A firing lends its id to its run, so that there is one.
        .outerjoin(
            Firing,
            and_(Firing.environment_id == Run.environment_id, Firing.id == Run.request_token),
        )
        .outerjoin(
            AutomaticAction,
            and_(AutomaticAction.id == Firing.action_id, AutomaticAction.deleted_at.is_(None)),
        )
        .where(unindexed(Run.environment_id) == environment_id, Run.id.in_(run_ids))
    )
    return {
        run_id: Origin(run_id, action_id, name or "", run_id in events)
        for run_id, action_id, name in rows
    }
