"""List, save, switch off and delete automatic actions. The caller commits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID, uuid4

from sqlalchemy import ColumnElement, Select, and_, func, or_, select

from spotler_plugin.extensions import db
from spotler_plugin.models import WENT_WRONG, AutomaticAction, Firing, FiringState, RunItem
from spotler_plugin.planning.draft import Draft
from spotler_plugin.services.actor import Actor


@dataclass(frozen=True, slots=True)
class Listed:
    """An action in the list, with how often it fired."""

    action: AutomaticAction
    fired: int
    fired_at: datetime | None
    """The last time."""
    failed: int


def list_actions(environment_id: int) -> list[Listed]:
    """Return all actions, by name."""
    fired = (
        select(
            Firing.action_id,
            func.count().label("number"),
            func.max(Firing.fired_at).label("at"),
            func.count().filter(_went_wrong()).label("failed"),
        )
        .outerjoin(
            RunItem,
            and_(RunItem.environment_id == environment_id, RunItem.run_id == Firing.run_id),
        )
        .where(Firing.environment_id == environment_id)
        .group_by(Firing.action_id)
        .subquery()
    )
    rows = db.session.execute(
        _existing(environment_id)
        .add_columns(fired.c.number, fired.c.at, fired.c.failed)
        .outerjoin(fired, fired.c.action_id == AutomaticAction.id)
    )
    return [Listed(action, number or 0, at, failed or 0) for action, number, at, failed in rows]


def enabled_actions(environment_id: int) -> Sequence[AutomaticAction]:
    """Return the actions that the CRM may attach to a sales phase, by name."""
    return db.session.scalars(_existing(environment_id).where(AutomaticAction.enabled)).all()


def find_action(environment_id: int, action_id: UUID) -> AutomaticAction | None:
    """Return an action; None when there is none, or it was deleted."""
    return db.session.scalar(_existing(environment_id).where(AutomaticAction.id == action_id))


def count_firings(action: AutomaticAction) -> int:
    return db.session.scalars(
        select(func.count())
        .select_from(Firing)
        .where(Firing.environment_id == action.environment_id, Firing.action_id == action.id)
    ).one()


def add_action(environment_id: int, draft: Draft, actor: Actor) -> AutomaticAction:
    action = AutomaticAction(id=uuid4(), environment_id=environment_id)
    change_action(action, draft, actor)
    db.session.add(action)
    db.session.flush()
    return action


def draft_of(action: AutomaticAction) -> Draft:
    return Draft(action.name, action.description, action.adjustment)


def lock_action(action: AutomaticAction) -> None:
    """Read it anew, and let nobody else save it until the caller commits."""
    db.session.refresh(action, with_for_update=True)


def change_action(action: AutomaticAction, draft: Draft, actor: Actor) -> None:
    """Save what was filled in; what fired before keeps what it was fired with."""
    action.name, action.description = draft.name, draft.description
    action.adjustment = draft.adjustment
    action.changed_by, action.changed_at = actor.name, datetime.now(UTC)


def switch_action(action: AutomaticAction, enabled: bool) -> None:
    """Switch it on or off; what fired and was not carried out yet stops too."""
    action.enabled = enabled


def delete_action(action: AutomaticAction) -> None:
    """Hide it and switch it off: its history stays, and its id is never another's."""
    action.enabled, action.deleted_at = False, datetime.now(UTC)


def _went_wrong() -> ColumnElement[bool]:
    return or_(Firing.state == FiringState.FAILED, RunItem.outcome.in_(WENT_WRONG))


def _existing(environment_id: int) -> Select[AutomaticAction]:
    return (
        select(AutomaticAction)
        .where(
            AutomaticAction.environment_id == environment_id, AutomaticAction.deleted_at.is_(None)
        )
        .order_by(func.lower(AutomaticAction.name), AutomaticAction.id)
    )
