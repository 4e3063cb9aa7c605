"""What the CRM says when a bulk mutation changes contacts in it: no, not now, nothing at all."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from demo.crm.faults import Fault, Kind
from spotler_plugin.extensions import db
from spotler_plugin.models import Act, Outcome, Run, RunState
from spotler_plugin.planning.adjustment import Adjustment, Switch
from spotler_plugin.planning.reason import Reason
from spotler_plugin.services.run.items import Filter, causes_of
from spotler_plugin.services.run.retry import retry_items
from spotler_plugin.services.sync.advance import advance_run
from tests.world.mutation import (
    AfterWriting,
    Meanwhile,
    finish,
    foreseen,
    item_of,
    later,
    mutate,
    of_crm,
    patches,
    saved,
    sent_to_crm,
    version_of,
)
from tests.world.world import MONTHLY, World

CHIEF = Adjustment(fields={"last_name": "Directeur"}, switches={MONTHLY: Switch(True, "beurs")})
LOCKED = "Deze contactpersoon is vergrendeld in het CRM."


def people(world: World, number: int) -> list[str]:
    return [world.person(f"persoon{n}@example.nl") for n in range(number)]


def retry(run: Run, chosen: Filter) -> int:
    opened = retry_items(run.environment_id, run.id, chosen)
    db.session.commit()
    return opened


def applied(run: Run) -> set[str]:
    """Whose act took effect."""
    acts = select(Act).where(Act.environment_id == run.environment_id, Act.run_id == run.id)
    return {act.contact_id for act in db.session.scalars(acts) if act.applied_at}


def test_who_is_locked_is_told_and_tried_again_alone(world: World) -> None:
    ids = people(world, 4)
    world.crm.data.contacts.lock(ids[1])
    run = finish(mutate(world, ids, CHIEF))
    assert (run.linked, run.blocked) == (3, 1)
    item = item_of(run, ids[1])
    assert (item.outcome, item.reason) == (Outcome.BLOCKED, Reason.CRM_DECLINED)
    assert item.detail is not None and item.detail.message == LOCKED
    assert [(c.reason, c.message, c.number) for c in causes_of(run.environment_id, run.id)] == [
        (Reason.CRM_DECLINED, LOCKED, 1)
    ]
    assert world.in_spotler(ids[1]) is None and applied(run) == {ids[0], ids[2], ids[3]}

    versions = [version_of(world, id_) for id_ in ids]
    world.crm.data.contacts.unlock(ids[1])
    assert retry(run, Filter(reason=Reason.CRM_DECLINED)) == 1
    assert finish(run).linked == 4
    first, second = patches(world)
    assert sent_to_crm(second) == [ids[1]], "only this one"
    assert first.idempotency_key != second.idempotency_key
    assert [version_of(world, id_) for id_ in ids if id_ != ids[1]] == versions[:1] + versions[2:]
    assert of_crm(world, ids[1], "last_name") == "Directeur"
    assert applied(run) == set(ids)


@pytest.mark.parametrize("kind", ["400", "422", "404"])
def test_a_call_that_is_refused_is_told_of_all_of_it(world: World, kind: Kind) -> None:
    ids = people(world, 3)
    world.crm.data.faults.add(Fault(kind, calls=1, method="PATCH"))
    run = finish(mutate(world, ids, CHIEF))
    assert (run.blocked, run.state) == (3, RunState.FINISHED)
    assert {item_of(run, id_).reason for id_ in ids} == {Reason.CRM_DECLINED}
    assert applied(run) == set() and world.in_spotler(ids[0]) is None

    assert retry(run, Filter(reason=Reason.CRM_DECLINED)) == 3
    assert finish(run).linked == 3 and applied(run) == set(ids)


def test_a_refused_token_halts_the_run(world: World) -> None:
    ids = people(world, 2)
    world.crm.data.faults.add(Fault("401", method="PATCH"))
    run = mutate(world, ids, CHIEF)
    assert not advance_run(run.id)
    db.session.refresh(run)
    assert (run.state, run.halted_because) == (RunState.HALTED, Reason.CRM_REFUSED)
    world.crm.data.faults.clear()
    run.state, run.halted_because = RunState.OPEN, None
    db.session.commit()
    assert finish(run).linked == 2
    assert len({call.idempotency_key for call in patches(world)}) == 1


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("kind", ["409", "429", "500", "503", "drop", "html", "half", "empty"])
def test_a_crm_that_is_away_is_waited_for(world: World, kind: Kind, when: str) -> None:
    ids = people(world, 2)
    world.crm.data.faults.add(
        Fault(kind, calls=1, method="PATCH", when="after" if when == "after" else "before")
    )
    run = mutate(world, ids, CHIEF)
    assert not advance_run(run.id)
    item = item_of(run, ids[0])
    assert (item.outcome, item.reason, item.attempts) == (Outcome.OPEN, Reason.CRM_AWAY, 1)
    if when == "after":
        # Changed in the CRM, which nobody heard; a person there knows better since.
        world.crm.data.contacts.change(ids[0], {"last_name": "Voorzitter"}, silent=True)
    later()
    assert finish(run).linked == 2
    assert len({call.idempotency_key for call in patches(world)}) == 1
    assert of_crm(world, ids[0], "last_name") == (
        "Voorzitter" if when == "after" else "Directeur"
    ), "what was done is not done again"


def test_a_crm_that_is_away_between_writing_and_reading(world: World) -> None:
    ids = people(world, 2)
    world.crm.data.faults.add(AfterWriting("503", calls=1, method="GET", path="/contacts"))
    run = mutate(world, ids, CHIEF)
    assert not advance_run(run.id)
    assert of_crm(world, ids[0], "last_name") == "Directeur"
    assert item_of(run, ids[0]).outcome is Outcome.OPEN
    later()
    assert finish(run).linked == 2
    assert len(patches(world)) == 1


def test_who_was_deleted_since_the_plan_is_gone(world: World) -> None:
    ids = people(world, 3)
    row = foreseen(world, ids, CHIEF)
    world.crm.data.contacts.delete(ids[0], silent=True)
    run = saved(world, row)
    # And one while the CRM is changing them.
    delete = Meanwhile(
        "slow", method="PATCH", act=lambda: world.crm.data.contacts.delete(ids[1], silent=True)
    )
    world.crm.data.faults.add(delete)
    finish(run)
    assert (run.linked, run.blocked) == (1, 2)
    assert [item_of(run, id_).reason for id_ in ids[:2]] == [Reason.GONE] * 2
    assert applied(run) == {ids[2]}


def test_who_is_deleted_between_writing_and_reading_is_gone(world: World) -> None:
    ids = people(world, 2)
    run = mutate(world, ids, CHIEF)
    delete = Meanwhile(
        "slow",
        method="GET",
        path="/contacts",
        act=lambda: world.crm.data.contacts.delete(ids[0], silent=True),
    )
    world.crm.data.faults.add(delete)
    finish(run)
    assert (run.linked, item_of(run, ids[0]).reason) == (1, Reason.GONE)


def test_without_end_the_crm_is_given_up_and_can_be_tried_again(world: World) -> None:
    ids = people(world, 2)
    world.crm.data.faults.add(Fault("503", method="PATCH"))
    run = finish(mutate(world, ids, CHIEF))
    assert (run.failed, item_of(run, ids[0]).reason) == (2, Reason.CRM_AWAY)
    assert applied(run) == set()
    world.crm.data.faults.clear()
    assert retry(run, Filter(item=item_of(run, ids[0]).id)) == 1
    assert finish(run).linked == 1
    assert of_crm(world, ids[1], "last_name") == "Bakker", "nobody asked for this one"
    assert retry(run, Filter()) == 1
    assert finish(run).linked == 2
    assert of_crm(world, ids[1], "last_name") == "Directeur"
