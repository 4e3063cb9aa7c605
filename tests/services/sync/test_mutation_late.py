"""A worker that was too long about it changes nothing in the CRM any more; others have its work."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from spotler_plugin.extensions import db
from spotler_plugin.models import Outcome, Run
from spotler_plugin.planning.adjustment import Adjustment
from spotler_plugin.services.desired import source_of
from spotler_plugin.services.run.control import cancel_run
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
