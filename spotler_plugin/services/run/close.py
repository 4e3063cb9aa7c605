"""Close a run: cancel what is still open when asked, and check that the counts add up."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, exists, update
from structlog import get_logger

from spotler_plugin.extensions import db
from spotler_plugin.models import SETTLED, Link, Outcome, Run, RunItem, RunState
from spotler_plugin.planning.reason import Reason
from spotler_plugin.services.enrolment.request import drop_enrolments, has_open_enrolments
from spotler_plugin.services.lease import is_free
from spotler_plugin.services.run.lock import lock_run
from spotler_plugin.services.run.report import count_outcomes

log = get_logger()


def cancel_open_items(run: Run) -> None:
    """Cancel the open items that no worker has leased, if the run is still to be cancelled.

    What may have been sent by a worker that died, or without an answer, is not told as cancelled:
    nobody knows whether Spotler has it. Nor is what the CRM changed, or may have changed.
    """
    lock_run(run)
    if run.state is not RunState.OPEN or run.cancel_asked_at is None:
        # Closed by another worker meanwhile, and perhaps opened again to retry it.
        return
    unsent, untold = RunItem.after.is_(None), RunItem.patch_key.is_(None)
    _settle_free_items(run, unsent & untold, outcome=Outcome.CANCELLED)
    for where, reason in (unsent, Reason.STOPPED_IN_CRM), (~unsent, Reason.STOPPED_MIDWAY):
        _settle_free_items(run, where, outcome=Outcome.FAILED, reason=reason)
    drop_enrolments(run, "cancelled")


def _settle_free_items(run: Run, which: ColumnElement[bool], **values: Any) -> None:
    now = datetime.now(UTC)
    busy = exists().where(
        Link.environment_id == RunItem.environment_id,
        Link.contact_id == RunItem.contact_id,
        ~is_free(Link, now),
    )
    db.session.execute(
        update(RunItem)
        .where(
            RunItem.environment_id == run.environment_id,
            RunItem.run_id == run.id,
            RunItem.outcome == Outcome.OPEN,
            ~busy,
            which,
        )
        .values(**values, settled_at=now),
        execution_options={"synchronize_session": False},
    )


def close_if_done(run: Run) -> None:
    """Close the run when nothing of it is open."""
    lock_run(run)
    counts = count_outcomes(run.environment_id, [run.id])[run.id]
    if run.state is not RunState.OPEN or counts.get(Outcome.OPEN) or has_open_enrolments(run):
        return
    if sum(counts.values()) != run.selected:
        raise RuntimeError(f"Run {run.id}: {counts} do not add up to {run.selected}.")
    for outcome in SETTLED:
        setattr(run, outcome.value, counts.get(outcome, 0))
    cancelled = run.cancel_asked_at is not None
    run.state = RunState.CANCELLED if cancelled else RunState.FINISHED
    run.finished_at = datetime.now(UTC)
    log.info(
        "run.closed",
        environment=run.environment_id,
        run=str(run.id),
        state=run.state,
        selected=run.selected,
        **{outcome.value: number for outcome, number in counts.items() if number},
    )
