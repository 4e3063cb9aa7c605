"""Leases on rows of work: one worker at a time has a row, and a dead one loses it by time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import ColumnElement, or_, update

from spotler_plugin.extensions import db
from spotler_plugin.models.leased import Leased, Queued

FREE: dict[str, None] = {"lease": None, "leased_until": None}
"""What a row holds that nobody has."""


def is_free(model: type[Leased], now: datetime) -> ColumnElement[bool]:
    """The condition that nobody has the row."""
    return or_(model.lease.is_(None), model.leased_until < now)


def claim(model: type[Queued], which: ColumnElement[bool], lasts: timedelta) -> UUID | None:
    """Take a row whose turn it is; None when it is not, or when another has it."""
    now, lease = datetime.now(UTC), uuid4()
    taken = _set(
        model,
        (which, model.due_at <= now, is_free(model, now)),
        lease=lease,
        leased_until=now + lasts,
        attempts=model.attempts + 1,
    )
    return lease if taken else None


def hold(
    model: type[Leased], which: ColumnElement[bool], lease: UUID, lasts: timedelta, **progress: Any
) -> bool:
    """Go on for another while and write down how far it came; False when another took over."""
    until = datetime.now(UTC) + lasts
    return _set(model, (which, model.lease == lease), leased_until=until, **progress)


def release(model: type[Leased], which: ColumnElement[bool], lease: UUID, **result: Any) -> bool:
    """Let others have it, with what came of it; False when another took over."""
    return _set(model, (which, model.lease == lease), **FREE, **result)


def overdue(
    model: type[Queued], which: ColumnElement[bool], again: timedelta, *names: Any
) -> Sequence[Any]:
    """Note that workers are told now of all rows whose turn it is, and return their `names`.

    Of all environments; one of which they were told less than `again` ago is left out.
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
    """Whether there was a row to change."""
    changed = db.session.execute(
        update(model).where(*where).values(**values).returning(model.lease),
        execution_options={"synchronize_session": False},
    )
    return bool(changed.all())
