"""The lease of the worker that computes a preview, and how its turn ends."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, and_
from structlog import get_logger

from spotler_plugin.crm import CrmError, TokenRefused
from spotler_plugin.extensions import db
from spotler_plugin.models import Preview, PreviewState
from spotler_plugin.planning.reason import Reason
from spotler_plugin.services.backoff import delay_after
from spotler_plugin.services.environment import enabled_environments
from spotler_plugin.services.lease import claim, held, let_go
from spotler_plugin.services.preview.claims import forget_claims
from spotler_plugin.services.preview.request import tally_of

LEASE = timedelta(seconds=60)
"""Longer than a chunk should ever take; a worker that lost it stores nothing."""
TRIES = 5
"""Claims in a row without success, after which the preview fails: a person is waiting."""

log = get_logger()


def claim_preview(environment_id: int, preview_id: UUID) -> Preview | None:
    """Lease an open preview that is due; None when it is not, or another worker has it."""
    lease = claim(Preview, _open(environment_id, preview_id), LEASE)
    row = held_preview(environment_id, preview_id, lease) if lease else None
    if row is not None and row.attempts > TRIES:
        # Happens when workers died on it, or hit a bug.
        fail_preview(row, Reason.UNEXPECTED)
        row = None
    db.session.commit()
    return row


def held_preview(environment_id: int, preview_id: UUID, lease: UUID) -> Preview | None:
    """Return the row, unless it was stopped or another worker took over."""
    return held(Preview, _open(environment_id, preview_id), lease)


def finish_preview(row: Preview) -> None:
    """Mark the preview as ready: all contacts were planned. Commits."""
    row.state, row.finished_at = PreviewState.READY, datetime.now(UTC)
    # Contacts may have been linked or unlinked meanwhile.
    row.total = tally_of(row).total
    forget_claims(row.environment_id, row.id)
    release_preview(row)


def release_preview(row: Preview) -> None:
    """Release the lease, so that any worker can take the next turn. Commits."""
    let_go(row)
    db.session.commit()


def postpone_preview(row: Preview, error: CrmError) -> None:
    """Retry a little later, as the CRM could not be read, or fail the preview. Commits.

    Why is shown meanwhile; a token that was refused may be right after all.
    """
    log.info(
        "preview.postponed",
        environment=row.environment_id,
        preview=str(row.id),
        error=type(error).__name__,
        status=error.status,
    )
    pause = delay_after(row.attempts, error.retry_after)
    reason = Reason.CRM_REFUSED if isinstance(error, TokenRefused) else Reason.CRM_AWAY
    if pause is None or row.attempts >= TRIES:
        fail_preview(row, reason)
    else:
        row.reason, row.due_at = reason, datetime.now(UTC) + pause
    release_preview(row)


def fail_preview(row: Preview, reason: Reason) -> None:
    """Give the preview up; the caller releases it."""
    row.state, row.reason, row.finished_at = PreviewState.FAILED, reason, datetime.now(UTC)


def _open(environment_id: int, preview_id: UUID) -> ColumnElement[bool]:
    """Return the condition that it may be worked on; a disabled environment's stands still."""
    return and_(
        Preview.environment_id.in_(enabled_environments()),
        Preview.environment_id == environment_id,
        Preview.id == preview_id,
        Preview.state == PreviewState.OPEN,
    )
