"""A contact that opted out without our seeing it: Spotler says so when it is written."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from spotler_plugin.extensions import db
from spotler_plugin.models import Outcome, RunItem, RunKind
from spotler_plugin.planning.reason import Reason
from spotler_plugin.services.link.status import Status
from tests.world.crowd import Crowd, work
from tests.world.world import World


@pytest.mark.people(2)
def test_it_is_known_as_inactive_whatever_was_left_out_of_the_write(
    world: World, crowd: Crowd
) -> None:
    crowd.change(0, 2, first_name="Anders", mobile="geen nummer")
    out, other = crowd.ids
    world.control("POST", f"/contacts/{out}/standing", standing="opt_out")
    run_id = crowd.ask(RunKind.SYNC)
    work(run_id)
    items = {
        item.contact_id: item
        for item in db.session.scalars(select(RunItem).where(RunItem.run_id == run_id))
    }
    assert (items[out].outcome, items[out].reason) == (Outcome.BLOCKED, Reason.INACTIVE)
    assert items[out].detail is None, "nothing was sent that something was left out of"
    assert items[other].outcome is Outcome.UPDATED and items[other].detail
    assert (world.status(out).status, world.status(other).status) == (
        Status.INACTIVE,
        Status.SYNCED,
    )
