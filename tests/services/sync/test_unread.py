"""A contact that Spotler shows in no form that can be read: the others of its chunk go on."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
import time_machine
from sqlalchemy import select, update

from demo.crm.faults import Fault
from spotler_plugin.extensions import db, redis_server
from spotler_plugin.models import Feed, Outcome, RunItem, RunKind, Source
from spotler_plugin.planning.mapping import RELATION
from spotler_plugin.planning.reason import Reason
from spotler_plugin.services.mapping.store import save_mapping, saved_mapping
from spotler_plugin.services.run.create import create_run
from tests.world.accounts import ALICE
from tests.world.crowd import Crowd
from tests.world.world import World

UNREAD = {"kind": "html", "method": "GET"}


def ask(world: World, ids: list[str]) -> UUID:
    """A run over these, of which each is asked for: the mirror is not complete."""
    db.session.execute(update(Feed).values(full_finished_at=None))
    run, _ = create_run(world.environment.id, ids, kind=RunKind.BULK, source=Source.BULK,
                        actor=ALICE, request_token=uuid4())  # fmt: skip
    db.session.commit()
    world.work(run.id)
    return run.id


def items(run_id: UUID) -> dict[str, RunItem]:
    rows = db.session.scalars(select(RunItem).where(RunItem.run_id == run_id))
    return {item.contact_id: item for item in rows}


@pytest.mark.parametrize("path", ["/contact/{id}", "/contact/search"])
def test_the_others_go_on_and_it_follows(world: World, path: str) -> None:
    """The whole chunk was tried again with it, ten times, and failed."""
    ids = [world.person(f"persoon{number}@example.nl") for number in range(4)]
    odd = sorted(ids)[1]
    world.fault(**UNREAD, path=path.format(id=odd), times=1)
    run_id = ask(world, ids)
    found = items(run_id)
    [left] = [item for item in found.values() if item.outcome is not Outcome.LINKED]
    assert (left.outcome, left.reason, left.attempts) == (Outcome.OPEN, Reason.SPOTLER_AWAY, 1)
    assert left.before is None and world.in_spotler(left.contact_id) is None
    world.control("PUT", "/settings", check_clock=False)
    redis_server.queue.flushdb()
    with time_machine.travel(datetime.now(UTC) + timedelta(minutes=1), tick=True):
        world.work(run_id)
    assert {item.outcome for item in items(run_id).values()} == {Outcome.LINKED}


def test_where_nobody_can_be_read_nobody_more_is_asked_for(world: World) -> None:
    ids = [world.person(f"persoon{number}@example.nl") for number in range(8)]
    world.fault(**UNREAD, path="/contact/*")
    before = len(world.calls("GET"))
    found = items(ask(world, ids))
    assert {(item.outcome, item.attempts) for item in found.values()} == {(Outcome.OPEN, 1)}
    assert len(world.calls("GET")) - before == 3


@pytest.mark.people(3)
def test_who_moves_to_an_address_that_cannot_be_looked_up_is_not_written(
    world: World, crowd: Crowd
) -> None:
    for number in range(3):
        crowd.change(number, number + 1, email=f"nieuw{number}@example.nl")
    world.fault(**UNREAD, path="/contact/search", times=1)
    found = items(ask(world, crowd.ids))
    outcomes = sorted(item.outcome for item in found.values())
    assert outcomes == [Outcome.OPEN, Outcome.UPDATED, Outcome.UPDATED]
    [left] = [item.contact_id for item in found.values() if item.outcome is Outcome.OPEN]
    there = world.in_spotler(left)
    assert there is not None and str(there.email).startswith("persoon")


def test_a_relation_that_cannot_be_read_keeps_no_other_from_it(world: World) -> None:
    mapping = saved_mapping(world.environment.id) | {(RELATION, "city"): "city"}
    save_mapping(world.environment, mapping)
    relations = [each.id for each in world.crm.data.relations.page("", 3, 0)]
    ids = [
        world.crm.data.contacts.add(
            {"email": f"persoon{number}@example.nl"}, relation_id=relation_id, silent=True
        ).id
        for number, relation_id in enumerate([*relations, ".."])
    ]
    world.crm.data.faults.add(Fault("html", calls=1, path=f"/relations/{relations[1]}"))
    run_id = ask(world, ids)
    found = {item.contact_id: item for item in items(run_id).values()}
    left = found.pop(ids[1])
    assert (left.outcome, left.reason, left.attempts) == (Outcome.OPEN, Reason.CRM_AWAY, 1)
    assert {item.outcome for item in found.values()} == {Outcome.LINKED}
    with time_machine.travel(datetime.now(UTC) + timedelta(minutes=1), tick=True):
        world.control("PUT", "/settings", check_clock=False)
        redis_server.queue.flushdb()
        world.work(run_id)
    assert items(run_id)[ids[1]].outcome is Outcome.LINKED
