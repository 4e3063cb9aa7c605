"""A worker's turn at a comparison: its lease, and how it ends."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, and_, exists, update
from structlog import get_logger

from spotler_plugin.crm import CrmError, TokenRefused
from spotler_plugin.extensions import db
from spotler_plugin.models import Drift, DriftState, Environment
from spotler_plugin.planning.reason import Reason
from spotler_plugin.services.backoff import delay_after
from spotler_plugin.services.desired import ThroughMapping
from spotler_plugin.services.drift.rows import forget_rows
from spotler_plugin.services.environment import enabled_environments
from spotler_plugin.services.lease import FREE, claim, held, keep, let_go
from spotler_plugin.spotler import CredentialsRefused, RateLimited, SpotlerClient, SpotlerError

LEASE = timedelta(seconds=90)
"""Longer than a page, or the calls for a chunk, should ever take; renewed with each."""

log = get_logger()


@dataclass(frozen=True, slots=True)
class Turn:
    """What all steps of a turn share."""

    owner: Environment
    drift_id: UUID
    lease: UUID
    began: datetime
    """When the comparison began."""
    end: float
    spotler: SpotlerClient
    source: ThroughMapping

    @property
    def is_over(self) -> bool:
        return time.monotonic() > self.end

    def held(self) -> Drift | None:
        """Return the row, unless it was stopped or another worker took over."""
        return held_drift(self.owner.id, self.drift_id, self.lease)

    def renew(self) -> bool:
        """Keep the lease while something takes long; False when it was stopped. Commits."""
        row = self.held()
        if row is not None:
            keep(row, LEASE)
        db.session.commit()
        return row is not None


def claim_drift(environment_id: int, drift_id: UUID) -> Drift | None:
    """Lease an open comparison that is due; None when it is not, or another worker has it."""
    _close_of_former_account(environment_id, drift_id)
    lease = claim(Drift, _open(environment_id, drift_id), LEASE)
    row = held_drift(environment_id, drift_id, lease) if lease else None
    if row is not None and delay_after(row.attempts, None) is None:
        # Happens when workers died on it, or hit a bug.
        end_drift(row, DriftState.FAILED, row.reason or Reason.UNEXPECTED)
        row = None
    db.session.commit()
    return row


def held_drift(environment_id: int, drift_id: UUID, lease: UUID) -> Drift | None:
    """Return the row, unless it was stopped or another worker took over."""
    return held(Drift, _open(environment_id, drift_id), lease)


def note_progress(row: Drift) -> None:
    """Keep the lease: a step succeeded. Commits what it wrote."""
    row.attempts, row.reason = 0, None
    keep(row, LEASE)
    db.session.commit()


def release_drift(row: Drift) -> None:
    """Release the lease, so that any worker can take the next turn. Commits."""
    let_go(row)
    db.session.commit()


def end_drift(row: Drift, state: DriftState, reason: Reason | None = None) -> None:
    """Close it, and release it; the caller commits. Only one that is ready keeps its rows."""
    if state is not DriftState.READY:
        forget_rows(row.environment_id, row.id)
    row.state, row.reason, row.finished_at = state, reason, datetime.now(UTC)
    let_go(row)


def postpone_drift(row: Drift, error: CrmError | SpotlerError) -> None:
    """Try again later, as one of the two sides could not be read, or give up. Commits.

    A key or token that was refused may be right after all.
    """
    log.info(
        "drift.postponed",
        environment=row.environment_id,
        drift=str(row.id),
        error=type(error).__name__,
        status=error.status,
    )
    pause = delay_after(row.attempts, error.retry_after)
    if pause is None:
        end_drift(row, DriftState.FAILED, _reason(error))
    else:
        row.reason, row.due_at = _reason(error), datetime.now(UTC) + pause
    release_drift(row)


def _reason(error: CrmError | SpotlerError) -> Reason:
    if isinstance(error, CrmError):
        return Reason.CRM_REFUSED if isinstance(error, TokenRefused) else Reason.CRM_AWAY
    if isinstance(error, CredentialsRefused):
        return Reason.CREDENTIALS_REFUSED
    return Reason.BUSY if isinstance(error, RateLimited) else Reason.SPOTLER_AWAY


def _open(environment_id: int, drift_id: UUID) -> ColumnElement[bool]:
    """Return the condition that it may be worked on; a disabled environment's stands still."""
    return and_(
        Drift.environment_id.in_(enabled_environments()),
        Drift.environment_id == environment_id,
        Drift.id == drift_id,
        Drift.state == DriftState.OPEN,
        ~_of_former_account(environment_id),
    )


def _of_former_account(environment_id: int) -> ColumnElement[bool]:
    return exists().where(
        Environment.id == environment_id, Environment.account_since > Drift.created_at
    )


def _close_of_former_account(environment_id: int, drift_id: UUID) -> None:
    """What was read of an account that was replaced since is compared with nothing."""
    ended = db.session.execute(
        update(Drift)
        .where(
            Drift.environment_id == environment_id,
            Drift.id == drift_id,
            Drift.state == DriftState.OPEN,
            _of_former_account(environment_id),
        )
        .values(
            **FREE,
            state=DriftState.FAILED,
            reason=Reason.FORMER_ACCOUNT,
            finished_at=datetime.now(UTC),
        )
        .returning(Drift.id),
        execution_options={"synchronize_session": False},
    )
    if ended.all():
        forget_rows(environment_id, drift_id)
