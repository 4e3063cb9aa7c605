"""Leases on rows: one worker at a time works on a row, and the lease of a dead one expires."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID, uuid4

from sqlalchemy import BindParameter, ColumnElement, and_, or_, select, update

from spotler_plugin.extensions import db
from spotler_plugin.models.leased import Leased, Queued

Row = TypeVar("Row", bound=Leased)

FREE: dict[str, None] = {"lease": None, "leased_until": None}
"""The columns of a row that is not leased."""


def is_free(model: type[Leased], now: datetime | BindParameter[datetime]) -> ColumnElement[bool]:
    """Return the condition that no valid lease is on the row."""
    return or_(model.lease.is_(None), model.leased_until < now)


def claim(model: type[Queued], which: ColumnElement[bool], lasts: timedelta) -> UUID | None:
    """Lease a row that is due; None when it is not due, or another worker has it."""
    due = and_(which, model.due_at <= datetime.now(UTC))
    return hold(model, due, lasts, attempts=model.attempts + 1)


def hold(
    model: type[Leased], which: ColumnElement[bool], lasts: timedelta, **values: Any
) -> UUID | None:
    """Lease a row, due or not, and store these values; None when another worker has it."""
    now, lease = datetime.now(UTC), uuid4()
    free = (which, is_free(model, now))
    held = _set(model, free, lease=lease, leased_until=now + lasts, **values)
    return lease if held else None


def renew(
    model: type[Leased], which: ColumnElement[bool], lease: UUID, lasts: timedelta, **progress: Any
) -> bool:
    """Renew a lease and store the progress so far; False when another worker took over."""
    until = datetime.now(UTC) + lasts
    return _set(model, (which, model.lease == lease), leased_until=until, **progress)


def release(model: type[Leased], which: ColumnElement[bool], lease: UUID, **result: Any) -> bool:
    """Release a lease and store the result; False when another worker took over."""
    return _set(model, (which, model.lease == lease), **FREE, **result)


def held(model: type[Row], which: ColumnElement[bool], lease: UUID) -> Row | None:
    """Return a leased row as it is now, and lock it until commit; None when it is not one of
    `which` any more, or another worker took over."""
    return db.session.scalar(
        select(model)
        .where(which, model.lease == lease)
        .with_for_update(of=model)
        .execution_options(populate_existing=True)
    )


def keep(row: Leased, lasts: timedelta) -> None:
    """Renew the lease of a row that is held; the caller commits."""
    row.leased_until = datetime.now(UTC) + lasts


def let_go(row: Leased) -> None:
    """Let any worker take a row that is held; the caller commits."""
    row.lease = row.leased_until = None


def overdue(
    model: type[Queued], which: ColumnElement[bool], again: timedelta, *names: Any
) -> Sequence[Any]:
    """Mark all due rows as enqueued now; return the columns `names` of each, to enqueue them.

    Covers all environments. Skips rows that were enqueued less than `again` ago.
    """
    now = datetime.now(UTC)
    rows = db.session.execute(
        update(model)
        .where(
            which,
            model.due_at <= now,
            or_(model.enqueued_at.is_(None), model.enqueued_at < now - again),
        )
        .values(enqueued_at=now)
        .returning(*names)
        .execution_options(across_environments=True, synchronize_session=False)
    )
    return rows.all()


def _set(model: type[Leased], where: tuple[ColumnElement[bool], ...], **values: Any) -> bool:
    """Update the row; return whether there was one."""
    changed = db.session.execute(
        update(model).where(*where).values(**values).returning(model.lease),
        execution_options={"synchronize_session": False},
    )
    return bool(changed.all())
