"""What the plan of a bulk mutation says is what its run does, to the last contact."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from spotler_plugin.extensions import db
from spotler_plugin.models import (
    Act,
    Enrolment,
    EnrolmentState,
    Feed,
    Outcome,
    PreviewItem,
    PreviewState,
    RunItem,
)
from spotler_plugin.planning.adjustment import Adjustment, Switch
from spotler_plugin.planning.reason import Reason
from spotler_plugin.planning.tally import Tally
from spotler_plugin.services.preview.request import tally_of
from spotler_plugin.services.sync.observed import RECENT
from tests.world.crowd import Crowd, read_feed
from tests.world.motley import NAME, motley
from tests.world.mutation import finish, foreseen, saved
from tests.world.world import MONTHLY, QUARTERLY, World

pytestmark = pytest.mark.long

ON, OFF = Switch(True, "beurs"), Switch(False)
ADJUSTMENTS = {
    "all": Adjustment(fields={"last_name": NAME}, switches={MONTHLY: ON, QUARTERLY: OFF}),
    "off": Adjustment(fields={"last_name": NAME}, switches={MONTHLY: OFF}),
    "on": Adjustment(switches={MONTHLY: ON, QUARTERLY: ON}),
    "emptied": Adjustment(fields={"phone": None}),
    "nothing": Adjustment(),
}


def switched_on(world: World, ids: list[str], bit: int) -> set[str]:
    """In the sandbox itself: a call for each takes as long as the run."""
    with world.sandbox.state.lock:
        directory = world.sandbox.state.account.directory
        found = {id_: directory.by_external_id(id_) for id_ in ids}
        return {
            id_ for id_, contact in found.items() if contact and contact.has("permissions", bit)
        }


def assert_named(kept: list[PreviewItem], tally: Tally, items: list[RunItem]) -> None:
    """Behind each number there are as many people as it says, and they are those of the run."""
    behind: dict[tuple[str, str, str], set[str]] = {}
    for each in kept:
        if each.figure is not None:
            behind.setdefault((each.figure, each.subject, each.end), set()).add(each.contact_id)
    for outcome in (Outcome.LINKED, Outcome.UPDATED, Outcome.UNCHANGED):
        happened = {each.contact_id for each in items if each.outcome is outcome}
        assert behind.pop((outcome, "", ""), set()) == happened
    numbers = {
        ("emptied", "", ""): tally.emptied,
        **{("emptied", name, ""): number for name, number in tally.emptied_by.items()},
        **{("lessened", name, ""): number for name, number in tally.lessened_by.items()},
        **_parts("refused", tally.refused_by),
        **_parts("switched", tally.switched_by),
        **_parts("started", tally.started_by),
    }
    behind.pop(("switched_off", "", ""), None)
    assert {key: len(ids) for key, ids in behind.items()} == {
        key: number for key, number in numbers.items() if number and key[2] != "signed_off"
    }


def _parts(figure: str, counts: dict[str, dict[str, int]]) -> dict[tuple[str, str, str], int]:
    return {
        (figure, subject, end): number
        for subject, ends in counts.items()
        for end, number in ends.items()
    }


@pytest.mark.parametrize(
    ("what", "number"), [*((what, 60) for what in ADJUSTMENTS), ("all", 130), ("off", 130)]
)
def test_the_numbers_of_the_plan_are_those_of_the_run(world: World, what: str, number: int) -> None:
    crowd = motley(world, number, seed=number)
    asked = ADJUSTMENTS[what]
    asked = Adjustment(
        fields=asked.fields, switches=asked.switches, automations=(crowd.automation,)
    )
    before = {bit: switched_on(world, crowd.ids, bit) for bit in asked.permissions}
    row = foreseen(world, crowd.ids, asked)
    tally = tally_of(row)
    assert (row.state, row.total, tally.total) == (PreviewState.READY, number, number)
    run = finish(saved(world, row, typed=tally.emptied))
    items = list(db.session.scalars(select(RunItem).where(RunItem.run_id == run.id)))
    kept = list(db.session.scalars(select(PreviewItem).where(PreviewItem.preview_id == row.id)))
    told = {each.contact_id: each.reason for each in kept if each.reason is not None}
    happened = {
        item.contact_id: Reason.SIGNED_OFF
        if item.detail and item.detail.signed_off
        else item.reason
        for item in items
    }
    kinds = dict(zip(crowd.ids, crowd.kinds, strict=True))
    assert_named(kept, tally, items)
    assert {
        (id_, kinds[id_]): (told.get(id_), reason)
        for id_, reason in happened.items()
        if told.get(id_) != reason
    } == {}, "whom, and why: as the plan said and as it went"
    assert (run.linked, run.updated, run.unchanged, run.blocked) == (
        tally.linked,
        tally.updated,
        tally.unchanged,
        tally.blocked,
    )
    assert run.rejected == run.failed == 0
    assert tally.blocked_by == Counter(
        item.reason for item in items if item.outcome is Outcome.BLOCKED
    )
    assert (run.emptied, run.switched_off) == (sum(tally.emptied_by.values()), tally.switched_off)
    for bit, counts in tally.switched_by.items():
        after = switched_on(world, crowd.ids, int(bit))
        images = [item.after for item in items if item.outcome is not Outcome.BLOCKED]
        done = sum(int(bit) in each.permissions for each in images if each)
        assert done == counts.get("done", 0)
        assert sum(counts.values()) == number
        if asked.permissions[int(bit)]:
            assert after >= before[int(bit)]
    starts = select(Enrolment.state).where(Enrolment.run_id == run.id)
    states = Counter(db.session.scalars(starts))
    counts = tally.started_by[str(crowd.automation)]
    assert states[EnrolmentState.STARTED] == counts.get("starts", 0)
    assert set(states) <= {EnrolmentState.STARTED, EnrolmentState.DROPPED}
    for id_, kind in kinds.items():
        if kind in ("signed off", "signed off and same", "out", "out elsewhere"):
            assert id_ not in switched_on(world, [id_], MONTHLY) or kind == "out"
    assert db.session.scalars(select(Act.id).where(Act.run_id == run.id)).first() or not (
        asked.permissions
    )


@pytest.mark.people(3)
def test_who_signed_off_a_moment_ago_is_in_the_plan(world: World, crowd: Crowd) -> None:
    for id_ in crowd.ids:
        world.control("POST", f"/contacts/{id_}/permissions", bit=MONTHLY, enabled=True)
    read_feed(world)
    world.sign_off(crowd.ids[0], MONTHLY)
    ago = datetime.now(UTC) - timedelta(seconds=RECENT + 5)
    db.session.execute(db.update(Feed).values(read_at=ago))
    db.session.commit()
    row = foreseen(world, crowd.ids, Adjustment(switches={MONTHLY: ON}))
    assert tally_of(row).switched_by[str(MONTHLY)] == {"already": 2, "signed_off": 1}


@pytest.mark.people(3)
def test_without_spotler_there_is_a_plan(world: World, crowd: Crowd) -> None:
    ago = datetime.now(UTC) - timedelta(seconds=RECENT + 5)
    db.session.execute(db.update(Feed).values(read_at=ago))
    db.session.commit()
    world.fault("unavailable", path="/contact/updates/list")
    row = foreseen(world, crowd.ids, Adjustment(switches={MONTHLY: ON}))
    assert (row.state, tally_of(row).total) == (PreviewState.READY, 3)
