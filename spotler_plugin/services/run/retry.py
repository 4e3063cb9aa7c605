"""Retry contacts of a run that were not written: one, those with one cause, or all."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy import null, select, update
from structlog import get_logger

from spotler_plugin.extensions import db
from spotler_plugin.models import (
    MAY_BE_RETRIED,
    REPEATABLE,
    WENT_WRONG,
    Environment,
    Outcome,
    Run,
    RunItem,
    RunState,
)
from spotler_plugin.services.run.items import Filter, matching
from spotler_plugin.sql import among

log = get_logger()


def retry_items(environment_id: int, run_id: UUID, chosen: Filter) -> int:
    """Reopen items, and with them the run; return how many. The caller enqueues the run.

    The acts are decided on again, by everything that happened since. Automation starts that were
    dropped with a contact stay dropped: they belong to what a person did at that time.
    """
    # Alone (`lock`): no worker claims or closes meanwhile.
    run = db.session.scalar(
        select(Run)
        .where(Run.environment_id == environment_id, Run.id == run_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if run is None or _is_stopping(run) or _is_outdated(run):
        return 0
    meant = chosen.outcome or chosen.reason or chosen.item is not None
    opened = db.session.scalars(
        update(RunItem)
        .where(
            matching(environment_id, run_id, chosen),
            RunItem.outcome.in_(MAY_BE_RETRIED if meant else WENT_WRONG),
        )
        .values(
            outcome=Outcome.OPEN,
            reason=None,
            detail=null(),
            attempts=0,
            crashes=0,
            settled_at=None,
            due_at=datetime.now(UTC),
        )
        .returning(RunItem.id),
        execution_options={"synchronize_session": False},
    ).all()
    _split_calls(environment_id, run_id, opened)
    if opened and run.state is not RunState.HALTED:
        run.state, run.finished_at, run.cancel_asked_at = RunState.OPEN, None, None
        run.enqueued_at = None
    db.session.flush()
    log.info("run.retried", environment=environment_id, run=str(run_id), contacts=len(opened))
    return len(opened)


def _split_calls(environment_id: int, run_id: UUID, opened: Sequence[int]) -> None:
    """Let these items go in another call to the CRM, where the one that they were in has others
    that are not tried again: repeated as it was, it would change those too."""
    now_open = among(RunItem.id, opened)
    of_run = (
        RunItem.environment_id == environment_id,
        RunItem.run_id == run_id,
        RunItem.patched_at.is_(None),
    )
    calls = select(RunItem.patch_key).where(*of_run, RunItem.patch_key.is_not(None))
    left = calls.where(RunItem.outcome != Outcome.OPEN)
    # Is repeated anyway, for these others.
    under_way = calls.where(RunItem.outcome == Outcome.OPEN, ~now_open)
    db.session.execute(
        update(RunItem)
        .where(
            *of_run,
            now_open,
            RunItem.patch_key.in_(left),
            RunItem.patch_key.not_in(under_way),
        )
        .values(patch_key=None),
        execution_options={"synchronize_session": False},
    )


def _is_stopping(run: Run) -> bool:
    return run.state is RunState.OPEN and run.cancel_asked_at is not None


def _is_outdated(run: Run) -> bool:
    """Whether it was asked of a Spotler account that was replaced since, or may have been done
    already, as the database was put back from an earlier copy; or is no longer kept."""
    if run.items_gone_at is not None:
        return True
    owner = db.session.get_one(Environment, run.environment_id)
    since = [owner.account_since]
    if run.kind not in REPEATABLE:
        since.append(owner.restored_at)
    return any(each is not None and run.created_at < each for each in since)
