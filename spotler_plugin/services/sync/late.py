"""Writes that arrived in Spotler after their lease was lost: the contacts are looked at again.

Another worker may have written a newer value before, which is overwritten now, and told so.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import UTC, datetime

from sqlalchemy import select, update
from structlog import get_logger

from spotler_plugin.extensions import db
from spotler_plugin.models import CLOSED, IN_STEP, Outcome, Run, RunItem, RunState
from spotler_plugin.services.link.lease import take_leases
from spotler_plugin.services.mirror.write import doubt
from spotler_plugin.services.sync.chunk import Chunk
from spotler_plugin.services.sync.written import Fate, Written
from spotler_plugin.sql import among

log = get_logger()


def look_again(chunk: Chunk, results: Mapping[str, Written], kept: Collection[str]) -> None:
    """Open again what others settled meanwhile of contacts that were sent without a lease.

    The chunk's own items of them are open still, or settled by those others.
    """
    left = {id_ for id_, written in results.items() if written.fate is not Fate.NOT_SENT}
    late = left.difference(kept)
    if not late:
        return
    log.warning("run.written_too_late", run=str(chunk.run.id), contacts=len(late))
    # Whoever works on them at this moment records nothing either, and looks again.
    take_leases(chunk.environment_id, late)
    _reopen(chunk, late)
    doubt(chunk.environment_id, late)


def _reopen(chunk: Chunk, contact_ids: Collection[str]) -> None:
    settled = (
        RunItem.environment_id == chunk.environment_id,
        among(RunItem.contact_id, contact_ids),
        RunItem.outcome.in_(IN_STEP),
        RunItem.settled_at >= chunk.claimed_at,
    )
    run_ids = set(db.session.scalars(select(RunItem.run_id).where(*settled)))
    if not run_ids:
        return
    runs = (Run.environment_id == chunk.environment_id, Run.id.in_(run_ids))
    # Before their items, so that none of them is closed meanwhile (`run/lock`).
    locked = select(Run.id).where(*runs).order_by(Run.id).with_for_update(key_share=True)
    db.session.execute(locked).all()
    db.session.execute(
        update(Run)
        .where(*runs, Run.state.in_(CLOSED))
        .values(state=RunState.OPEN, finished_at=None, cancel_asked_at=None, enqueued_at=None),
        execution_options={"synchronize_session": False},
    )
    db.session.execute(
        update(RunItem)
        .where(*settled, RunItem.run_id.in_(run_ids))
        .values(outcome=Outcome.OPEN, settled_at=None, due_at=datetime.now(UTC)),
        execution_options={"synchronize_session": False},
    )
