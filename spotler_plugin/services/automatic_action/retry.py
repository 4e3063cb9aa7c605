"""Which firings are due, and a retry by hand. The caller commits and enqueues."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy import and_, select, update

from spotler_plugin.extensions import db
from spotler_plugin.models import AutomaticAction, Firing, FiringState, RunItem
from spotler_plugin.planning.reason import Reason
from spotler_plugin.services.environment import enabled_environments
from spotler_plugin.services.lease import is_free, overdue
from spotler_plugin.services.run.items import Filter
from spotler_plugin.services.run.retry import retry_items

ENQUEUE_AGAIN = timedelta(seconds=30)
AT_ONCE = 100
"""Firings that a job looks up together."""
HOPELESS = frozenset({Reason.FORMER_ACCOUNT})
"""A firing that failed for it is of an action that means something else by now."""


def overdue_firings() -> set[int]:
    """Mark as enqueued what is due of all environments, and return these."""
    which = and_(
        Firing.state == FiringState.OPEN, Firing.environment_id.in_(enabled_environments())
    )
    found = overdue(Firing, which, ENQUEUE_AGAIN, Firing.environment_id)
    return {environment_id for (environment_id,) in found}


def due_firings(environment_id: int) -> Sequence[UUID]:
    """Return some that can be carried out now, in the order in which they fired."""
    now = datetime.now(UTC)
    return db.session.scalars(
        select(Firing.id)
        .where(
            Firing.environment_id == environment_id,
            Firing.environment_id.in_(enabled_environments()),
            Firing.state == FiringState.OPEN,
            Firing.due_at <= now,
            is_free(Firing, now),
        )
        .order_by(Firing.fired_at)
        .limit(AT_ONCE)
    ).all()


def reopen_firing(environment_id: int, firing_id: UUID) -> bool:
    """Reopen a firing that failed; what the CRM has already is not written to it again."""
    reopened = db.session.execute(
        update(Firing)
        .where(
            Firing.environment_id == environment_id,
            Firing.id == firing_id,
            Firing.state == FiringState.FAILED,
            Firing.reason.not_in(HOPELESS),
        )
        .values(
            state=FiringState.OPEN,
            reason=None,
            message=None,
            attempts=0,
            finished_at=None,
            enqueued_at=None,
            due_at=datetime.now(UTC),
        )
        .returning(Firing.id)
    )
    return bool(reopened.all())


def retry_run(environment_id: int, firing_id: UUID) -> UUID | None:
    """Retry the contact in the run that a firing made; None when there is nothing to retry."""
    firing = find_firing(environment_id, firing_id)
    if firing is None or firing.run_id is None:
        return None
    item = db.session.scalar(
        select(RunItem.id).where(
            RunItem.environment_id == environment_id, RunItem.run_id == firing.run_id
        )
    )
    opened = retry_items(environment_id, firing.run_id, Filter(item=item))
    return firing.run_id if opened else None


def find_firing(environment_id: int, firing_id: UUID) -> Firing | None:
    """Return a firing of an action that was not deleted."""
    return db.session.scalar(
        select(Firing)
        .join(AutomaticAction, AutomaticAction.id == Firing.action_id)
        .where(
            Firing.environment_id == environment_id,
            Firing.id == firing_id,
            AutomaticAction.deleted_at.is_(None),
        )
    )
