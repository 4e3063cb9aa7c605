"""A worker is killed at every step of the preview of a bulk mutation: nobody is counted twice."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import func, select, update

from spotler_plugin.extensions import db
from spotler_plugin.models import Preview, PreviewItem, PreviewState, Selection
from spotler_plugin.planning.adjustment import Adjustment, Switch
from spotler_plugin.services.mutation import preview_mutation
from spotler_plugin.services.preview.compute import advance_preview
from spotler_plugin.services.preview.request import tally_of
from tests.world.accounts import ALICE
from tests.world.death import Killed, killed_at_call, killed_at_commit
from tests.world.mutation import worked_out
from tests.world.world import MONTHLY, World

STEPS = 50
"""More than a preview of two chunks has."""
CHIEF = Adjustment(fields={"last_name": "Directeur"}, switches={MONTHLY: Switch(True, "beurs")})


def later(world: World) -> None:
    """The leases of dead workers are over."""
    for model in (Preview, Selection):
        db.session.execute(
            update(model)
            .where(model.environment_id == world.environment.id, model.lease.is_not(None))
            .values(leased_until=model.created_at)
        )
    db.session.commit()


def killed_once(world: World, ids: list[str], death: Any) -> tuple[Preview, bool]:
    """The preview, worked out, and whether a worker died on it."""
    selection = world.crm.data.selections.add(ids, "u-devries")
    row = preview_mutation(world.environment, selection.id, CHIEF, ALICE)
    db.session.commit()
    dead = False
    with death:
        try:
            while advance_preview(row.environment_id, row.id):
                pass
        except Killed:
            dead = True
    db.session.rollback()
    later(world)
    return worked_out(row), dead


@pytest.mark.parametrize(
    "kill",
    [
        lambda world, step: killed_at_call(world, step, after=False),
        lambda world, step: killed_at_call(world, step, after=True),
        lambda _world, step: killed_at_commit(step),
    ],
    ids=["before a call", "after a call", "at a commit"],
)
def test_at_every_step(world: World, kill: Callable[[World, int], Any]) -> None:
    ids = [world.person(f"persoon{n}@example.nl") for n in range(110)]
    ids += ["nobody", world.person(None, last_name="Zonder")]
    for step in range(1, STEPS):
        row, dead = killed_once(world, ids, kill(world, step))
        tally = tally_of(row)
        assert (row.state, row.total) == (PreviewState.READY, 112)
        assert (tally.linked, tally.blocked, tally.total) == (110, 2, 112)
        assert tally.switched_by == {str(MONTHLY): {"done": 110, "blocked": 2}}
        told = select(func.count()).where(PreviewItem.reason.is_not(None))
        assert db.session.scalar(told.where(PreviewItem.preview_id == row.id)) == 2
        if not dead:
            assert step > 3
            return
    raise AssertionError("more steps than anybody thought")
