"""Carry out what fired: note and status go to the CRM, the rest is a run of one contact.

The firing's row says how far it is, so a worker may die at any point. The CRM's part is written
with a key that stays the same; the run is made once, in the transaction that ends the firing.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, and_, update
from structlog import get_logger

from spotler_plugin.crm import CrmClient, CrmError, Decision, TokenRefused
from spotler_plugin.extensions import db
from spotler_plugin.models import (
    Environment,
    Firing,
    FiringState,
    Run,
    RunItem,
    RunKind,
    Source,
)
from spotler_plugin.planning.reason import Reason
from spotler_plugin.planning.undo.patch import Patch
from spotler_plugin.services.actor import Actor
from spotler_plugin.services.automatic_action.choices import is_of_former_account, skipped_of
from spotler_plugin.services.backoff import ATTEMPTS, delay_after
from spotler_plugin.services.consent.acts import record_acts
from spotler_plugin.services.consent.erased import erased_among, erased_in_crm
from spotler_plugin.services.enrolment.request import request_enrolments
from spotler_plugin.services.environment import crm_of, enabled_environments
from spotler_plugin.services.lease import claim, held, let_go, renew
from spotler_plugin.services.run.create import create_run

LEASE = timedelta(seconds=60)
"""Longer than the call to the CRM can last."""
UNKNOWN_CONTACT = "not_found"
"""What a CRM says of a contact that it does not have."""

log = get_logger()


def advance_firing(environment_id: int, firing_id: UUID) -> UUID | None:
    """Carry a firing out as far as it goes now; return the run that is to be enqueued. Commits."""
    lease = claim(Firing, _open(environment_id, firing_id), LEASE)
    row = _held(environment_id, firing_id, lease) if lease else None
    if row is None or lease is None:
        db.session.commit()
        return None
    owner = db.session.get_one(Environment, environment_id)
    if stopped := _stopped(row, owner):
        _fail(row, stopped)
        return None
    if row.told_at is None and row.adjustment.changes and not _tell_crm(row, owner, lease):
        return None
    return _hand_over(environment_id, firing_id, lease)


def _stopped(row: Firing, owner: Environment) -> Reason | None:
    """Return why nothing is to be done, or None."""
    if row.attempts > ATTEMPTS:
        # Happens when workers died on it, or hit a bug.
        return Reason.UNEXPECTED
    if not row.action.enabled:
        return Reason.ACTION_OFF
    if is_of_former_account(row.action, owner):
        # A bit is another permission there.
        return Reason.FORMER_ACCOUNT
    return Reason.ERASED if erased_among(owner.id, {row.contact_id: ()}) else None


def _tell_crm(row: Firing, owner: Environment, lease: UUID) -> bool:
    """Write note and status; whether the CRM has them, and the firing is still ours."""
    crm = crm_of(owner)
    db.session.commit()
    try:
        if row.patch is None and not _keep_before(row, crm, lease):
            return False
        result = crm.contacts.patch(
            [row.contact_id],
            row.adjustment.changes,
            idempotency_key=f"firing-{row.id}-{row.refusals}",
        )
    except CrmError as error:
        if ours := _held(row.environment_id, row.id, lease):
            _postpone(ours, error)
        return False
    why = result.failed.get(row.contact_id)
    if why is not None:
        if ours := _held(row.environment_id, row.id, lease):
            ours.refusals, ours.patch = ours.refusals + 1, None
            gone = why == UNKNOWN_CONTACT
            _fail(ours, Reason.GONE if gone else Reason.CRM_DECLINED, "" if gone else why)
        return False
    which = _open(row.environment_id, row.id)
    kept = renew(Firing, which, lease, LEASE, told_at=datetime.now(UTC))
    db.session.commit()
    return kept


def _keep_before(row: Firing, crm: CrmClient, lease: UUID) -> bool:
    """Keep what the CRM has now, so that it can be put back; whether the firing is still ours."""
    contact = crm.contacts.get_many([row.contact_id]).contacts.get(row.contact_id)
    if contact is not None and erased_in_crm(row.environment_id, {contact.id: contact}):
        if ours := _held(row.environment_id, row.id, lease):
            _fail(ours, Reason.ERASED)
        return False
    told, had = row.adjustment.changes, contact.changeable if contact is not None else {}
    patch = Patch({name: had[name] for name in told if name in had}, told)
    kept = renew(Firing, _open(row.environment_id, row.id), lease, LEASE, patch=patch)
    db.session.commit()
    return kept


def _hand_over(environment_id: int, firing_id: UUID, lease: UUID) -> UUID | None:
    """Make the run, with the acts and starts that belong to it; this ends the firing."""
    row = _held(environment_id, firing_id, lease)
    if row is None:
        db.session.commit()
        return None
    run, is_new = create_run(
        environment_id,
        [row.contact_id],
        kind=RunKind.ACTION,
        source=Source.AUTOMATIC_ACTION,
        actor=Actor(str(row.action_id), row.action.name),
        request_token=row.id,
    )
    if is_new:
        skipped = skipped_of(environment_id, row.adjustment)
        doing = row.adjustment.without(skipped)
        record_acts(run, row.contact_id, doing.permissions, doing.grounds)
        request_enrolments(run, row.contact_id, doing.automations)
        row.skipped = skipped or None
        _keep_patch(run, row)
    row.state, row.run_id, row.reason = FiringState.HANDED_OVER, run.id, None
    _release(row, finished=True)
    return run.id


def _keep_patch(run: Run, row: Firing) -> None:
    """Note on the run's item what the CRM changed, by which an undo takes it back."""
    if row.patch is not None and row.told_at is not None:
        item = update(RunItem).where(
            RunItem.environment_id == run.environment_id, RunItem.run_id == run.id
        )
        changed = {"patch": row.patch, "patch_key": row.id, "patched_at": row.told_at}
        db.session.execute(item.values(changed))


def _postpone(row: Firing, error: CrmError) -> None:
    """Retry later, as the CRM did not do it, or give up; a token may be right after all."""
    log.info(
        "firing.postponed",
        environment=row.environment_id,
        firing=str(row.id),
        error=type(error).__name__,
        status=error.status,
    )
    pause = delay_after(row.attempts, error.retry_after)
    refused = isinstance(error, TokenRefused)
    reason = Reason.CRM_REFUSED if refused else Reason.CRM_AWAY
    if error.decision is Decision.PERMANENT and not refused:
        row.refusals, row.patch = row.refusals + 1, None
        _fail(row, Reason.CRM_DECLINED)
    elif pause is None:
        _fail(row, reason)
    else:
        row.reason, row.due_at = reason, datetime.now(UTC) + pause
        _release(row)


def _fail(row: Firing, reason: Reason, message: str = "") -> None:
    row.state, row.reason, row.message = FiringState.FAILED, reason, message or None
    log.info("firing.failed", environment=row.environment_id, firing=str(row.id), reason=reason)
    _release(row, finished=True)


def _release(row: Firing, *, finished: bool = False) -> None:
    let_go(row)
    row.finished_at = datetime.now(UTC) if finished else None
    db.session.commit()


def _held(environment_id: int, firing_id: UUID, lease: UUID) -> Firing | None:
    """Return the row, unless another worker took over."""
    return held(Firing, _open(environment_id, firing_id), lease)


def _open(environment_id: int, firing_id: UUID) -> ColumnElement[bool]:
    """Return the condition that it may be worked on; a disabled environment's stands still."""
    return and_(
        Firing.environment_id.in_(enabled_environments()),
        Firing.environment_id == environment_id,
        Firing.id == firing_id,
        Firing.state == FiringState.OPEN,
    )
