"""What runs did with the contact, with the values before and after; or why they did not."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, and_, exists, func, or_, select

from spotler_plugin.extensions import db
from spotler_plugin.models import (
    IN_STEP,
    NOT_WRITTEN,
    Act,
    Outcome,
    Run,
    RunItem,
    RunKind,
    RunState,
    Source,
)
from spotler_plugin.planning.detail import NOTHING, Detail
from spotler_plugin.planning.history.place import Kind
from spotler_plugin.planning.image import Image
from spotler_plugin.planning.reason import Reason
from spotler_plugin.planning.undo.order import Undo
from spotler_plugin.planning.undo.patch import Patch
from spotler_plugin.services.history.line import Wish


@dataclass(frozen=True, slots=True)
class Carried:
    """What a run did with the contact."""

    key: int
    at: datetime
    run_id: UUID
    kind: RunKind
    source: Source
    actor_name: str | None
    undo: Undo | None
    outcome: Outcome
    reason: Reason | None
    detail: Detail
    before: Image
    after: Image
    """Of the permissions only those that no act of the run explains."""
    patch: Patch
    """What it changed in the CRM."""
    is_kept: bool
    """Whether what it overwrote is still kept."""


_AT = func.coalesce(RunItem.settled_at, Run.created_at, type_=RunItem.settled_at.type)
_ACTED = exists().where(
    Act.environment_id == RunItem.environment_id,
    Act.run_id == RunItem.run_id,
    Act.contact_id == RunItem.contact_id,
)
_SENT = RunItem.outcome.in_((Outcome.LINKED, Outcome.UPDATED))
_VALUES = or_(
    RunItem.patched_at.is_not(None),
    and_(_SENT, func.coalesce(RunItem.before["properties"].as_string(), "{}") != "{}"),
    # What it changed is no longer kept.
    and_(RunItem.outcome == Outcome.UPDATED, RunItem.before.is_(None)),
)
_SWITCHED = and_(
    _SENT, ~_ACTED, func.coalesce(RunItem.before["permissions"].as_string(), "{}") != "{}"
)
_PARTED = and_(Run.kind == RunKind.PARTING, RunItem.outcome.in_(IN_STEP))
_OF_KIND: dict[Kind, ColumnElement[bool]] = {
    Kind.LINK: or_(RunItem.outcome == Outcome.LINKED, _PARTED),
    Kind.VALUES: _VALUES,
    Kind.PERMISSION: _SWITCHED,
    Kind.BLOCKED: or_(
        RunItem.outcome.in_(NOT_WRITTEN),
        and_(RunItem.outcome.in_(IN_STEP), RunItem.detail.is_not(None)),
    ),
}


def find_carried(wish: Wish, rank: int) -> list[Carried]:
    """Return what runs did; one that found nothing to do is nothing that happened."""
    waiting = RunItem.outcome == Outcome.OPEN
    wanted = or_(waiting, *_OF_KIND.values()) if wish.kind is None else _OF_KIND.get(wish.kind)
    if wanted is None:
        return []
    rows = db.session.execute(
        select(RunItem, Run, _AT, _ACTED)
        .join(Run, and_(Run.environment_id == wish.environment_id, Run.id == RunItem.run_id))
        .where(
            RunItem.environment_id == wish.environment_id,
            RunItem.contact_id == wish.contact_id,
            wanted,
            *wish.rest(rank, _AT, RunItem.id, int),
        )
        .order_by(_AT.desc(), RunItem.id.desc())
        .limit(wish.limit)
        # Items are settled past the session, so rows in it may be outdated.
        .execution_options(populate_existing=True)
    )
    return [_carried(item, run, at, has_acts) for item, run, at, has_acts in rows]


def _carried(item: RunItem, run: Run, at: datetime, has_acts: bool) -> Carried:
    sent = item.outcome in (Outcome.LINKED, Outcome.UPDATED)
    before, after = (item.before or Image(), item.after or Image()) if sent else (Image(), Image())
    if has_acts:
        after = Image(properties=after.properties, cleared=after.cleared)
    halted = run.halted_because if run.state is RunState.HALTED else None
    return Carried(
        key=item.id,
        at=at,
        run_id=run.id,
        kind=run.kind,
        source=run.source,
        actor_name=run.actor_name,
        undo=run.undo,
        outcome=item.outcome,
        reason=item.reason or halted,
        detail=item.detail or NOTHING,
        before=before,
        after=after,
        patch=(item.patch if item.patched_at else None) or Patch(),
        is_kept=item.before is not None or not sent,
    )
