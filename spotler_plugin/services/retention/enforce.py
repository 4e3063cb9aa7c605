"""Take a turn at a night's work: step after step, a transaction each, until nothing is too old.

Memory stays flat, nobody waits long for a lock, and who takes over goes on: what is gone is gone.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, and_, select
from structlog import get_logger

from spotler_plugin.extensions import db
from spotler_plugin.models import Retention
from spotler_plugin.services.environment import enabled_environments
from spotler_plugin.services.lease import claim, overdue
from spotler_plugin.services.retention.acts import (
    remove_acts,
    remove_address_acts,
    remove_addresses,
    remove_holders,
)
from spotler_plugin.services.retention.periods import make_rows, periods_of
from spotler_plugin.services.retention.runs import remove_images, remove_items
from spotler_plugin.services.retention.shown import (
    remove_drifts,
    remove_events,
    remove_firings,
    remove_previews,
)

LEASE = timedelta(seconds=60)
TURN_SECONDS = 5.0
ENQUEUE_AGAIN = timedelta(minutes=10)
NIGHT_HOUR = 2
"""UTC; spread over an hour by environment, after the nightly backup has begun."""

log = get_logger()


def enforce(environment_id: int, gives_way: Callable[[], bool] = lambda: False) -> bool:
    """Take a turn; True when there is more to do now. Commits."""
    lease = claim(Retention, _of(environment_id), LEASE)
    db.session.commit()
    if lease is None:
        return False
    end = time.monotonic() + TURN_SECONDS
    while (row := _held(environment_id, lease)) is not None:
        if not _step(row):
            row.due_at, row.enforced_at = _next_night(environment_id), datetime.now(UTC)
            row.attempts, row.lease, row.leased_until = 0, None, None
            db.session.commit()
            log.info("retention.enforced", environment=environment_id)
            return False
        is_over = time.monotonic() > end or gives_way()
        row.leased_until = None if is_over else datetime.now(UTC) + LEASE
        row.lease = None if is_over else lease
        db.session.commit()
        if is_over:
            return True
    db.session.commit()
    return False


def overdue_retentions() -> Sequence[int]:
    """Return the environments whose night's work is due; the caller enqueues them."""
    make_rows(db.session.scalars(enabled_environments()).all())
    which = Retention.environment_id.in_(enabled_environments())
    return [id_ for (id_,) in overdue(Retention, which, ENQUEUE_AGAIN, Retention.environment_id)]


def _step(row: Retention) -> int:
    """Remove some of the first kind that has any; return how much was done."""
    periods, now, id_ = periods_of(row), datetime.now(UTC), row.environment_id

    def before(days: int) -> datetime:
        return now - timedelta(days=days)

    steps: Sequence[Callable[[], int]] = (
        lambda: remove_images(row, before(periods.images)),
        lambda: remove_items(row, before(periods.items)),
        lambda: remove_firings(id_, before(periods.items)),
        lambda: remove_events(id_, before(periods.events)),
        lambda: remove_previews(id_, before(periods.previews)),
        lambda: remove_drifts(id_, before(periods.drifts)),
        lambda: remove_address_acts(row, before(periods.acts)),
        lambda: remove_holders(row, before(periods.acts)),
        lambda: remove_addresses(row, before(periods.acts)),
        # Last: it goes once over all that are old, whether they may go or not.
        lambda: remove_acts(row, before(periods.acts)),
    )
    return next((done for step in steps if (done := step())), 0)


def _held(environment_id: int, lease: UUID) -> Retention | None:
    return db.session.scalar(
        select(Retention)
        .where(_of(environment_id), Retention.lease == lease)
        .with_for_update()
        .execution_options(populate_existing=True)
    )


def _next_night(environment_id: int) -> datetime:
    now = datetime.now(UTC)
    night = now.replace(hour=NIGHT_HOUR, minute=environment_id % 60, second=0, microsecond=0)
    return night if night > now else night + timedelta(days=1)


def _of(environment_id: int) -> ColumnElement[bool]:
    return and_(
        Retention.environment_id == environment_id,
        Retention.environment_id.in_(enabled_environments()),
    )
