"""Some of those who differ are synchronised: seen before, carried out as any run."""

from __future__ import annotations

from uuid import uuid4

import pytest
from sqlalchemy import select

from spotler_plugin.extensions import db
from spotler_plugin.models import Drift, DriftKind, Preview, Run, RunKind, RunState, Source, Whom
from spotler_plugin.services.drift.choice import preview_choice
from spotler_plugin.services.drift.items import Filter, count_synchronisable
from spotler_plugin.services.drift.report import differing_linked
from spotler_plugin.services.preview.approve import confirm_preview
from spotler_plugin.services.preview.request import tally_of
from spotler_plugin.services.run.create import create_run_for
from tests.services.drift.test_compare import compared, edit_in_spotler, found
from tests.world.accounts import ALICE
from tests.world.crowd import Crowd, work
from tests.world.mutation import worked_out
from tests.world.world import World

pytestmark = pytest.mark.people(8)


def differing(crowd: Crowd) -> Drift:
    """Four of the eight differ; one of them is not to be written."""
    world = crowd.world
    for contact_id in crowd.ids[:4]:
        edit_in_spotler(world, contact_id, firstName="Elders")
    world.control("POST", f"/contacts/{crowd.ids[3]}/opt-out")
    return compared(world)


def agreed(world: World, row: Preview) -> Run:
    preview = worked_out(row)
    run_id = confirm_preview(world.environment, preview.id, ALICE, tally_of(preview).emptied)
    db.session.commit()
    return db.session.get_one(Run, run_id)


def test_the_ticked_ones(world: World, crowd: Crowd) -> None:
    row = differing(crowd)
    items = found(row, DriftKind.DIFFERENT)
    ticked = [items[contact_id].id for contact_id in (crowd.ids[0], crowd.ids[3])]
    whole = create_run_for(
        world.environment, Whom.LINKED, kind=RunKind.SYNC, actor=ALICE, request_token=uuid4()
    )
    preview = preview_choice(world.environment, row.id, Filter(), ticked, ALICE)
    db.session.commit()
    assert preview is not None
    assert (preview.whom, preview.kind, preview.total) == (Whom.SELECTION, RunKind.SYNC, 1)
    assert worked_out(preview).samples[0]["changes"] == [["firstName", "Elders", "Persoon 0"]]
    run = agreed(world, preview)
    assert run.source is Source.ADMIN
    assert work(run.id).updated == 1
    assert world.first_name(crowd.ids[0]) == "Persoon 0"
    assert world.first_name(crowd.ids[1]) == "Elders", "nobody else is touched"
    of_whole = select(Run.state, Run.cancel_asked_at).where(Run.id == whole.id)
    beside = db.session.execute(of_whole).one()
    assert beside == (RunState.OPEN, None), "and a run of all still has its work to do"


def test_all_that_match(world: World, crowd: Crowd) -> None:
    row = differing(crowd)
    assert preview_choice(world.environment, row.id, Filter(), [], ALICE) is None
    assert preview_choice(world.environment, uuid4(), Filter(), None, ALICE) is None
    chosen = Filter(DriftKind.DIFFERENT, property="firstName")
    assert count_synchronisable(world.environment.id, row.id, chosen) == 3
    preview = preview_choice(world.environment, row.id, chosen, None, ALICE)
    db.session.commit()
    assert preview is not None
    assert work(agreed(world, preview).id).updated == 3
    assert differing_linked(compared(world)) == 1
