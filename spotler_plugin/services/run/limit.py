"""The brake in the run itself: what it empties and switches off, against what was agreed to."""

from __future__ import annotations

from sqlalchemy import or_, update

from spotler_plugin.extensions import db
from spotler_plugin.models import Run
from spotler_plugin.planning.image import Loss


class BeyondAgreed(Exception):
    """The run would empty or switch off more than was agreed to."""


def has_limit(run: Run) -> bool:
    """Whether somebody agreed to a number; a run of one contact has none, and needs no counting."""
    return run.may_empty is not None or run.may_switch_off is not None


def count_loss(run: Run, more: Loss) -> None:
    """Add what is about to be lost, in the caller's transaction. Raises BeyondAgreed.

    One statement that adds and compares: two workers together never pass the limit. A negative
    number gives back what was counted and did not happen.
    """
    if more == Loss():
        return
    emptied, off = Run.emptied + more.emptied, Run.switched_off + more.switched_off
    within = update(Run).where(Run.environment_id == run.environment_id, Run.id == run.id)
    if more.emptied > 0:
        within = within.where(or_(Run.may_empty.is_(None), emptied <= Run.may_empty))
    if more.switched_off > 0:
        within = within.where(or_(Run.may_switch_off.is_(None), off <= Run.may_switch_off))
    counted = db.session.execute(
        within.values(emptied=emptied, switched_off=off).returning(Run.id),
        execution_options={"synchronize_session": False},
    ).all()
    if not counted:
        raise BeyondAgreed
