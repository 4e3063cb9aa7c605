"""Who works a preview out: one worker at a time, by a lease that a dead one loses by time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, and_, select
from structlog import get_logger

from spotler_plugin.crm import CrmError, TokenRefused
from spotler_plugin.extensions import db
from spotler_plugin.models import Preview, PreviewState
from spotler_plugin.planning.reason import Reason
from spotler_plugin.services.backoff import delay_after
from spotler_plugin.services.lease import claim
from spotler_plugin.services.preview.request import tally_of

LEASE = timedelta(seconds=60)
"""Longer than a chunk should ever take; a worker that lost it writes nothing down."""
TRIES = 5
"""Somebody looks on: after so many in a row they are told that it does not work now."""

log = get_logger()


def claim_preview(environment_id: int, preview_id: UUID) -> Preview | None:
    """Take it, if it is open, due and nobody's."""
    lease = claim(Preview, _open(environment_id, preview_id), LEASE)
    row = held_preview(environment_id, preview_id, lease) if lease else None
    if row is not None and row.attempts > TRIES:
        # Workers died on it, or we made a mistake.
        _fail(row, Reason.UNEXPECTED)
        row = None
    db.session.commit()
    return row


def held_preview(environment_id: int, preview_id: UUID, lease: UUID) -> Preview | None:
    """The row, unless it was stopped or another worker took over."""
    return db.session.scalar(
        select(Preview)
        .where(_open(environment_id, preview_id), Preview.lease == lease)
        .with_for_update()
        .execution_options(populate_existing=True)
    )


def finish_preview(row: Preview) -> None:
    """All contacts were looked at."""
    row.state, row.finished_at = PreviewState.READY, datetime.now(UTC)
    # Contacts may have been tied or untied meanwhile.
    row.total = tally_of(row).total
    row.claims = {}
    give_back_preview(row)


def give_back_preview(row: Preview) -> None:
    """The turn is over; the next one is anybody's."""
    row.lease = row.leased_until = None
    db.session.commit()


def postpone_preview(row: Preview, error: CrmError) -> None:
    """The CRM could not be read: try again a little later, or give up."""
    log.info(
        "preview.postponed",
        environment=row.environment_id,
        preview=str(row.id),
        error=type(error).__name__,
        status=error.status,
    )
    pause = delay_after(row.attempts, error.retry_after)
    if isinstance(error, TokenRefused):
        _fail(row, Reason.CRM_REFUSED)
    elif pause is None or row.attempts >= TRIES:
        _fail(row, Reason.CRM_AWAY)
    else:
        row.reason, row.due_at = Reason.CRM_AWAY, datetime.now(UTC) + pause
    give_back_preview(row)


def _fail(row: Preview, reason: Reason) -> None:
    row.state, row.reason, row.finished_at = PreviewState.FAILED, reason, datetime.now(UTC)


def _open(environment_id: int, preview_id: UUID) -> ColumnElement[bool]:
    return and_(
        Preview.environment_id == environment_id,
        Preview.id == preview_id,
        Preview.state == PreviewState.OPEN,
    )
