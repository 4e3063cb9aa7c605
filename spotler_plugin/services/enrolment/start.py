"""Start automations; a call that may have arrived is never repeated."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import select, update
from structlog import get_logger

from spotler_plugin.extensions import db
from spotler_plugin.models import (
    IN_STEP,
    Automation,
    AutomationKind,
    Enrolment,
    EnrolmentState,
    Run,
    RunItem,
)
from spotler_plugin.planning.reason import Reason
from spotler_plugin.services.backoff import delay_after
from spotler_plugin.spotler import (
    CredentialsRefused,
    Decision,
    SpotlerClient,
    SpotlerError,
    TriggerResult,
)

ANSWER_TIME = timedelta(seconds=30)
"""A call takes 23 s at most (connect 3 s, read 20 s): one that is LEAVING longer was cut off."""

log = get_logger()


def start_next(run: Run, client: SpotlerClient) -> bool:
    """Start one automation of a contact that the run wrote; False when none is due.

    Raises the client's CredentialsRefused; the enrolment is then retried later.
    """
    now = datetime.now(UTC)
    enrolment = db.session.scalar(
        select(Enrolment)
        .join(
            RunItem,
            (RunItem.environment_id == Enrolment.environment_id)
            & (RunItem.run_id == Enrolment.run_id)
            & (RunItem.contact_id == Enrolment.contact_id),
        )
        .where(
            Enrolment.environment_id == run.environment_id,
            Enrolment.run_id == run.id,
            Enrolment.state == EnrolmentState.WAITING,
            Enrolment.due_at <= now,
            RunItem.outcome.in_(IN_STEP),
        )
        .order_by(Enrolment.asked_at, Enrolment.id)
        .limit(1)
    )
    if enrolment is None:
        return False
    automation = enrolment.automation
    if not _mark_leaving(enrolment, now):
        return True
    try:
        result = _call(client, automation, enrolment.contact_id)
    except SpotlerError as error:
        _record_failure(enrolment, error)
        if isinstance(error, CredentialsRefused):
            raise
        return True
    if result.started:
        _settle(enrolment, EnrolmentState.STARTED, None)
    else:
        _settle(enrolment, EnrolmentState.REFUSED, _why(result))
    return True


def settle_lost_starts() -> None:
    """Mark starts as unknown whose worker died during the call, in all environments."""
    now = datetime.now(UTC)
    db.session.execute(
        update(Enrolment)
        .where(Enrolment.state == EnrolmentState.LEAVING, Enrolment.left_at < now - ANSWER_TIME)
        .values(state=EnrolmentState.UNKNOWN, settled_at=now)
        .execution_options(across_environments=True)
    )


def _mark_leaving(enrolment: Enrolment, now: datetime) -> bool:
    """Mark as LEAVING and commit, before the call; False when another worker got there first."""
    result = db.session.execute(
        update(Enrolment)
        .where(
            Enrolment.environment_id == enrolment.environment_id,
            Enrolment.id == enrolment.id,
            Enrolment.state == EnrolmentState.WAITING,
        )
        .values(state=EnrolmentState.LEAVING, left_at=now)
        .returning(Enrolment.id)
    ).all()
    db.session.commit()
    return bool(result)


def _call(client: SpotlerClient, automation: Automation, contact_id: str) -> TriggerResult:
    if automation.kind is AutomationKind.CAMPAIGN:
        return client.campaigns.trigger(automation.code, contact_id)
    return client.automations.trigger(automation.code, contact_id)


def _record_failure(enrolment: Enrolment, error: SpotlerError) -> None:
    """Record a failed call: retry it if it surely did not arrive, else record how it ended."""
    log.info(
        "enrolment.call_failed",
        environment=enrolment.environment_id,
        enrolment=str(enrolment.id),
        error=type(error).__name__,
        status=error.status,
    )
    if error.decision is Decision.UNKNOWN:
        _settle(enrolment, EnrolmentState.UNKNOWN, None)
    elif error.decision is Decision.PERMANENT and not isinstance(error, CredentialsRefused):
        _settle(enrolment, EnrolmentState.REFUSED, error.error_type)
    else:
        delay = delay_after(enrolment.attempts + 1, error.retry_after)
        if delay is None:
            _settle(enrolment, EnrolmentState.DROPPED, Reason.SPOTLER_AWAY)
            return
        # One that was taken for lost meanwhile stays unknown: its run may be closed.
        _record(
            enrolment,
            (EnrolmentState.LEAVING,),
            state=EnrolmentState.WAITING,
            attempts=enrolment.attempts + 1,
            due_at=datetime.now(UTC) + delay,
            left_at=None,
        )


def _settle(enrolment: Enrolment, state: EnrolmentState, reason: str | None) -> None:
    # A call that was taken for lost is UNKNOWN until its answer comes after all.
    before = (EnrolmentState.LEAVING, EnrolmentState.UNKNOWN)
    _record(enrolment, before, state=state, reason=reason, settled_at=datetime.now(UTC))


def _record(enrolment: Enrolment, before: Collection[EnrolmentState], **values: Any) -> None:
    """Record how the call ended, unless it took so long that a person decided meanwhile."""
    recorded = db.session.execute(
        update(Enrolment)
        .where(
            Enrolment.environment_id == enrolment.environment_id,
            Enrolment.id == enrolment.id,
            Enrolment.state.in_(before),
        )
        .values(**values)
        .returning(Enrolment.id)
    ).all()
    if not recorded:
        log.warning("enrolment.answered_too_late", enrolment=str(enrolment.id))


def _why(result: TriggerResult) -> str:
    """Return Spotler's most specific code: that of the automation, or else of the call."""
    return result.details[0][1] if result.details else result.result
