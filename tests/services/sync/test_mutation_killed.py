"""A worker is killed at every step of a bulk mutation: fields and acts once, automations once at
most."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from spotler_plugin.extensions import db
from spotler_plugin.models import Act, Enrolment, EnrolmentState, Run
from spotler_plugin.planning.adjustment import Adjustment, Switch
from spotler_plugin.services.sync.advance import advance_run
from tests.world.death import Killed, killed_at_call, killed_at_commit
from tests.world.mutation import finish, later, mutate, of_crm, patches, sent_to_crm, version_of
from tests.world.world import MONTHLY, World

pytestmark = pytest.mark.long

STEPS = 100
"""More than a run of one chunk has."""


def survives(run: Run, death: Any) -> bool:
    """Let the worker die there, and the next one begin when the leases are over; False when the
    run is over before."""
    dead = False
    with death:
        try:
            while advance_run(run.id):
                pass
        except Killed:
            dead = True
    db.session.rollback()
    later()
    return dead


def check(world: World, run: Run, ids: list[str], version: int, automation: int) -> None:
    """Everything once."""
    assert finish(run).linked == len(ids) == run.selected
    assert [version_of(world, id_) for id_ in ids] == [version + 1, version + 2]
    assert {of_crm(world, id_, "last_name") for id_ in ids} == {"Directeur"}
    keys = {
        id_: {c.idempotency_key for c in patches(world) if id_ in sent_to_crm(c)} for id_ in ids
    }
    assert {len(each) for each in keys.values()} == {1}, "a repeated call is the same call"
    acts = db.session.scalars(select(Act).where(Act.run_id == run.id)).all()
    assert sorted(act.contact_id for act in acts) == sorted(ids)
    assert all(act.applied_at for act in acts)
    for id_ in ids:
        found = world.in_spotler(id_)
        assert found is not None and found.permissions[MONTHLY]
        total = world.control("GET", f"/enrolments?externalId={id_}")["total"]
        state = db.session.scalars(
            select(Enrolment.state).where(
                Enrolment.environment_id == run.environment_id,
                Enrolment.contact_id == id_,
                Enrolment.automation_id == automation,
            )
        ).one()
        if state is EnrolmentState.STARTED:
            assert total == 1
        else:
            assert (state, total <= 1) == (EnrolmentState.UNKNOWN, True)


def each_step(world: World, death: Callable[[int], Any]) -> int:
    """Kill a run of its own at each step; return how many steps there are."""
    automation = world.automation("download e-book")
    for step in range(1, STEPS):
        ids = [world.person(f"s{step}n{n}@example.nl") for n in range(2)]
        version = version_of(world, ids[-1])
        world.crm.data.calls.clear()
        run = mutate(
            world,
            ids,
            Adjustment(
                fields={"last_name": "Directeur"},
                switches={MONTHLY: Switch(True, "beurs")},
                automations=(automation,),
            ),
        )
        dead = survives(run, death(step))
        check(world, run, ids, version, automation)
        if not dead:
            return step - 1
    raise AssertionError("more steps than anybody thought")


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_at_every_call(world: World, after: bool) -> None:
    assert each_step(world, lambda step: killed_at_call(world, step, after=after)) >= 5


def test_at_every_commit(world: World) -> None:
    assert each_step(world, killed_at_commit) >= 10
