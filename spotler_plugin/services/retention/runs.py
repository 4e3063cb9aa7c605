"""Remove what runs overwrote, and later their contacts; the counts stay on the run.

A run says that something of it is gone before the first of it is: nobody takes back a half.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, delete, exists, null, or_, select, update
from sqlalchemy.orm import aliased

from spotler_plugin.extensions import db
from spotler_plugin.models import CLOSED, UNDER_WAY, Firing, Retention, Run, RunItem

STEP = 500
"""Rows of one transaction."""
_HOLDS = or_(RunItem.before.is_not(None), RunItem.after.is_not(None), RunItem.patch.is_not(None))


def remove_images(row: Retention, before: datetime) -> int:
    """Remove the images of runs that ended before this; return how much was done."""
    return _remove(row, before, with_items=False)


def remove_items(row: Retention, before: datetime) -> int:
    """Remove the contacts of runs that ended before this; return how much was done."""
    return _remove(row, before, with_items=True)


def _remove(row: Retention, before: datetime, *, with_items: bool) -> int:
    marked = 0
    chosen: Sequence[UUID]
    if row.run_id is None:
        chosen = _choose(row, before, with_items=with_items)
        marked = len(chosen)
    else:
        chosen = _begun(row, with_items=with_items)
    if not chosen:
        return 0
    removed = _remove_some(row.environment_id, chosen, with_items=with_items)
    if removed < STEP:
        row.run_id = None
    return marked + removed


def _choose(row: Retention, before: datetime, *, with_items: bool) -> list[UUID]:
    """Mark the runs whose turn it is: several small ones, or one that takes several steps."""
    flag = Run.items_gone_at if with_items else Run.images_gone_at
    due = db.session.execute(
        select(Run.id, Run.selected)
        .where(
            Run.environment_id == row.environment_id,
            flag.is_(None),
            Run.finished_at < before,
            Run.state.in_(CLOSED),
            ~_is_being_undone(),
        )
        .order_by(Run.finished_at)
        .limit(STEP)
        .with_for_update(key_share=True)
    ).all()
    chosen: list[UUID] = []
    room = STEP
    for run_id, selected in due:
        room -= selected
        if chosen and room < 0:
            break
        chosen.append(run_id)
    if len(chosen) == 1 and room < 0:
        row.run_id = chosen[0]
    now = datetime.now(UTC)
    gone: dict[Any, Any] = {Run.images_gone_at: now}
    _update(
        update(Run)
        .where(_among(row.environment_id, chosen), Run.images_gone_at.is_(None))
        .values(gone)
    )
    if with_items:
        _update(
            update(Run).where(_among(row.environment_id, chosen)).values({Run.items_gone_at: now})
        )
    return chosen


def _begun(row: Retention, *, with_items: bool) -> Sequence[UUID]:
    """Return the run of many that an earlier step began with, if this is what was begun."""
    flag = Run.items_gone_at.is_not(None) if with_items else Run.items_gone_at.is_(None)
    run = select(Run.id).where(Run.environment_id == row.environment_id, Run.id == row.run_id, flag)
    return db.session.scalars(run).all()


def _remove_some(environment_id: int, run_ids: Sequence[UUID], *, with_items: bool) -> int:
    of_runs = and_(RunItem.environment_id == environment_id, RunItem.run_id.in_(run_ids))
    some = select(RunItem.id).where(of_runs)
    some = some if with_items else some.where(_HOLDS)
    ids = db.session.scalars(some.limit(STEP)).all()
    these = and_(of_runs, RunItem.id.in_(ids))
    if with_items:
        _update(delete(RunItem).where(these))
    else:
        empty = {"before": null(), "after": null(), "patch": null()}
        _update(update(RunItem).where(these).values(empty))
        fired = and_(Firing.environment_id == environment_id, Firing.run_id.in_(run_ids))
        _update(
            update(Firing).where(fired, Firing.patch.is_not(None)).values({Firing.patch: null()})
        )
    return len(ids)


def _is_being_undone() -> ColumnElement[bool]:
    """Return the condition that another run takes this one back at this moment."""
    undo = aliased(Run)
    return exists().where(
        undo.environment_id == Run.environment_id,
        undo.undoes_id == Run.id,
        undo.state.in_(UNDER_WAY),
    )


def _among(environment_id: int, run_ids: Sequence[UUID]) -> ColumnElement[bool]:
    return and_(Run.environment_id == environment_id, Run.id.in_(run_ids))


def _update(statement: Any) -> None:
    db.session.execute(statement, execution_options={"synchronize_session": False})
