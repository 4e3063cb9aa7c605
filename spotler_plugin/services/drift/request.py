"""Ask for comparisons, each night where that is switched on; stop them, and forget old ones."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

from sqlalchemy import and_, delete, func, select, update

from spotler_plugin.extensions import db
from spotler_plugin.models import (
    Drift,
    DriftSetting,
    DriftState,
    Environment,
    Link,
    MirrorContact,
)
from spotler_plugin.services.account.client import connected_environments
from spotler_plugin.services.actor import Actor
from spotler_plugin.services.drift.rows import forget_rows
from spotler_plugin.services.environment import enabled_environments, lock_environment
from spotler_plugin.services.feed.read import BEGINNING
from spotler_plugin.services.lease import is_free, overdue

ENQUEUE_AGAIN = timedelta(seconds=10)
NIGHT_HOUR = 3
"""UTC; each night's comparisons begin then, spread over an hour by environment."""
NIGHT = timedelta(hours=4)
"""One that could not begin within this time is left to the next night."""


def request_drift(environment: Environment, actor: Actor | None) -> Drift:
    """Create a comparison, or return the one under way; without an actor the clock asks."""
    lock_environment(environment.id)
    open_ones = (Drift.environment_id == environment.id, Drift.state == DriftState.OPEN)
    row = db.session.scalar(select(Drift).where(*open_ones).order_by(Drift.created_at).limit(1))
    if row is not None:
        return row
    now = datetime.now(UTC)
    row = Drift(
        id=uuid4(),
        environment_id=environment.id,
        actor_id=actor.id if actor else None,
        actor_name=actor.name if actor else None,
        mapping_version=environment.mapping_version,
        created_at=now,
        due_at=now,
        enqueued_at=now,
        read_since=BEGINNING,
        read_until=now,
        to_read=_count(MirrorContact, environment.id),
        to_compare=_count_linked(environment.id),
        counts={},
        by_property={},
    )
    db.session.add(row)
    db.session.flush()
    return row


def cancel_drift(environment_id: int, drift_id: UUID) -> None:
    """Stop a comparison; its worker notices at the next step."""
    stopped = db.session.execute(
        update(Drift)
        .where(
            Drift.environment_id == environment_id,
            Drift.id == drift_id,
            Drift.state == DriftState.OPEN,
        )
        .values(state=DriftState.CANCELLED, finished_at=datetime.now(UTC))
        .returning(Drift.id)
    )
    if stopped.all():
        forget_rows(environment_id, drift_id)


def stop_comparing(environment_id: int) -> None:
    """Stop the comparison that is under way, if any."""
    under_way = select(Drift.id).where(
        Drift.environment_id == environment_id, Drift.state == DriftState.OPEN
    )
    for drift_id in db.session.scalars(under_way).all():
        cancel_drift(environment_id, drift_id)


def overdue_drifts() -> Sequence[tuple[int, UUID]]:
    """Return the comparisons to enqueue, of all environments, as environment and id."""
    waits = and_(
        Drift.environment_id.in_(enabled_environments()),
        Drift.state == DriftState.OPEN,
        is_free(Drift, datetime.now(UTC)),
    )
    names = Drift.environment_id, Drift.id
    return [(owner, id_) for owner, id_ in overdue(Drift, waits, ENQUEUE_AGAIN, *names)]


def due_tonight() -> list[int]:
    """Return the environments whose nightly comparison is due, of all."""
    now = datetime.now(UTC)
    newest = (
        select(Drift.environment_id, func.max(Drift.created_at).label("at"))
        .group_by(Drift.environment_id)
        .subquery()
    )
    rows = db.session.execute(
        select(DriftSetting.environment_id, newest.c.at)
        .outerjoin(newest, newest.c.environment_id == DriftSetting.environment_id)
        .where(DriftSetting.nightly, DriftSetting.environment_id.in_(connected_environments()))
        .execution_options(across_environments=True)
    )
    return [id_ for id_, at in rows if _is_due(id_, at, now)]


def _is_due(environment_id: int, newest: datetime | None, now: datetime) -> bool:
    night = now.replace(hour=NIGHT_HOUR, minute=environment_id % 60, second=0, microsecond=0)
    return night <= now < night + NIGHT and (newest is None or newest < night)


def forget_but(row: Drift) -> None:
    """Delete all comparisons of the environment but this one, and the one that was ready before it:
    somebody may be looking at that."""
    before = older_ready(row)
    kept = {row.id} | ({before.id} if before is not None else set())
    db.session.execute(
        delete(Drift).where(Drift.environment_id == row.environment_id, Drift.id.not_in(kept))
    )


def older_ready(row: Drift) -> Drift | None:
    """Return the last one that was ready before this one."""
    return db.session.scalar(
        select(Drift)
        .where(
            Drift.environment_id == row.environment_id,
            Drift.state == DriftState.READY,
            Drift.created_at < row.created_at,
        )
        .order_by(Drift.created_at.desc())
        .limit(1)
    )


def _count(model: type[Link] | type[MirrorContact], environment_id: int) -> int:
    rows = select(func.count()).select_from(model).where(model.environment_id == environment_id)
    return db.session.scalar(rows) or 0


def _count_linked(environment_id: int) -> int:
    rows = select(func.count()).select_from(Link)
    linked = rows.where(Link.environment_id == environment_id, Link.linked_at.is_not(None))
    return db.session.scalar(linked) or 0
