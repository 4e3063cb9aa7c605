"""A worker that was too long about it changes nothing in the CRM any more; others have its work."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from spotler_plugin.extensions import db
from spotler_plugin.models import Link, Outcome, Run, RunItem
from spotler_plugin.planning.adjustment import Adjustment
from spotler_plugin.planning.reason import Reason
from spotler_plugin.services.run.control import cancel_run
from spotler_plugin.services.sources.by_kind import source_of
from spotler_plugin.services.sync.chunk import Chunk
from spotler_plugin.services.sync.claim import claim_chunk
from spotler_plugin.services.sync.patch import Overtaken
from spotler_plugin.services.sync.prepare import prepare_chunk
from tests.world.mutation import finish, item_of, later, mutate, of_crm, patches
from tests.world.world import World

CHIEF = Adjustment(fields={"last_name": "Directeur"})


@pytest.fixture
def run(world: World) -> Run:
    return mutate(world, [world.person(f"persoon{n}@example.nl") for n in range(3)], CHIEF)


def claimed(world: World, run: Run) -> Chunk:
    """A worker takes them, and is held up."""
    chunk = claim_chunk(run, world.environment)
    assert chunk is not None and len(chunk.items) == 3
    return chunk


def goes_on(world: World, chunk: Chunk) -> None:
    with pytest.raises(Overtaken):
        prepare_chunk(chunk, source_of(chunk.run, world.environment), world.spotler)
    db.session.rollback()


def test_after_another_one_did_it(world: World, run: Run) -> None:
    chunk = claimed(world, run)
    later()
    assert finish(run).linked == 3
    person = next(iter(chunk.items))
    # A person knows better since.
    world.crm.data.contacts.change(person, {"last_name": "Voorzitter"}, silent=True)
    goes_on(world, chunk)
    assert len(patches(world)) == 1
    assert of_crm(world, person, "last_name") == "Voorzitter"


def test_after_the_run_was_stopped(world: World, run: Run) -> None:
    chunk = claimed(world, run)
    later()
    cancel_run(run.environment_id, run.id)
    db.session.commit()
    finish(run)
    goes_on(world, chunk)
    assert patches(world) == []
    assert {item_of(run, id_).outcome for id_ in chunk.items} == {Outcome.CANCELLED}


def test_after_the_environment_was_disabled(world: World, run: Run) -> None:
    chunk = claimed(world, run)
    world.environment.disabled_at = datetime.now(UTC)
    db.session.commit()
    goes_on(world, chunk)
    assert patches(world) == []


def test_after_another_one_made_the_call_for_it(world: World, run: Run) -> None:
    """The call was begun for all three; two workers have them when it is made again."""
    first = run_items(run)[0].contact_id
    world.crm.data.contacts.lock(first)
    for item in run_items(run):
        item.patch_key = run.id
    link = db.session.scalars(
        select(Link).where(Link.environment_id == run.environment_id, Link.contact_id == first)
    ).one()
    link.lease, link.leased_until = run.id, datetime.now(UTC) + timedelta(seconds=30)
    db.session.commit()
    two = claim_chunk(run, world.environment)
    link.lease = link.leased_until = None
    db.session.commit()
    one = claim_chunk(run, world.environment)
    assert two is not None and one is not None
    assert (len(two.items), list(one.items)) == (2, [first])
    prepare_chunk(two, source_of(run, world.environment), world.spotler)
    # The CRM said no; this worker has not heard.
    goes_on(world, one)
    later()
    finish(run)
    assert (run.linked, run.blocked) == (2, 1)
    assert item_of(run, first).reason is Reason.CRM_DECLINED
    assert of_crm(world, first, "last_name") == "Bakker" and world.in_spotler(first) is None


def run_items(run: Run) -> list[RunItem]:
    found = select(RunItem).where(
        RunItem.environment_id == run.environment_id, RunItem.run_id == run.id
    )
    return list(db.session.scalars(found.order_by(RunItem.id)))
