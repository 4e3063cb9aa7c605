"""What vanished in Spotler is left out, and the rest of the contact goes."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest

from spotler_plugin.extensions import db
from spotler_plugin.models import Act, MirrorContact, Outcome, Run, RunItem, RunKind, Whom
from spotler_plugin.planning.reason import Reason
from spotler_plugin.services.catalogue.offer import stored_offer
from spotler_plugin.services.connection import credentials
from spotler_plugin.services.health.overview import overview
from spotler_plugin.services.run.create import create_run_for
from tests.world.accounts import ALICE
from tests.world.crowd import Crowd, work
from tests.world.world import MONTHLY, QUARTERLY, World

pytestmark = pytest.mark.people(3)


def hide(world: World, name: str, *, visible: bool = False) -> None:
    world.control("PUT", f"/properties/{name}", visible=visible)


def item_of(run_id: UUID) -> RunItem:
    db.session.expire_all()
    item: RunItem = db.session.scalars(db.select(RunItem).where(RunItem.run_id == run_id)).one()
    return item


def left_out(item: RunItem) -> set[tuple[str, Reason]]:
    refusals = item.detail.refusals if item.detail else ()
    return {(each.property, each.reason) for each in refusals}


def synchronise(world: World) -> Run:
    made = create_run_for(
        world.environment, Whom.LINKED, kind=RunKind.SYNC, actor=ALICE, request_token=uuid4()
    )
    db.session.commit()
    return work(made.id)


def properties_reads(world: World) -> int:
    return len(world.calls("GET", "/contact/properties/list"))


@pytest.mark.parametrize("creates", [True, False], ids=["by the list", "one by one"])
def test_a_hidden_property_does_not_stop_the_link(world: World, creates: bool) -> None:
    world.control("PUT", "/settings", list_creates=creates)
    zoe = world.person("nieuw@example.nl", infix="van", phone="010 1234567")
    hide(world, "infix")
    run_id = world.ask(zoe, {MONTHLY: True})
    world.work(run_id)
    item = item_of(run_id)
    assert (item.outcome, item.attempts) == (Outcome.LINKED, 0), "in the same run, at once"
    assert left_out(item) == {("infix", Reason.PROPERTY_GONE)}
    assert item.after is not None and "infix" not in item.after.properties
    found = world.in_spotler(zoe)
    assert found is not None and found.properties["phoneNumber"] and found.permissions[MONTHLY]
    assert overview(world.environment.id).vanished == 1


def test_all_of_a_run_go_with_one_more_reading(crowd: Crowd) -> None:
    world = crowd.world
    hide(world, "phoneNumber")
    crowd.change(0, 3, first_name="Anders", phone="020 7654321")
    before = properties_reads(world)
    made = synchronise(world)
    assert (made.updated, made.rejected) == (3, 0)
    assert properties_reads(world) - before == 1
    for row in db.session.scalars(db.select(MirrorContact)):
        if row.external_id in crowd.ids:
            assert row.properties["firstName"] == "Anders"
            assert row.properties["phoneNumber"] != "020 7654321", "it was not written"
    crowd.change(0, 3, first_name="Weer anders", phone="020 1111111")
    assert synchronise(world).updated == 3 and properties_reads(world) - before == 1


def test_where_nothing_else_changed_nothing_is_written(crowd: Crowd) -> None:
    world = crowd.world
    hide(world, "phoneNumber")
    crowd.change(0, 1, phone="020 7654321")
    made = synchronise(world)
    assert (made.unchanged, made.updated, made.rejected) == (3, 0, 0)
    item = db.session.scalars(
        db.select(RunItem).where(RunItem.run_id == made.id, RunItem.contact_id == crowd.ids[0])
    ).one()
    assert (item.before, item.after) == (None, None)
    assert left_out(item) == {("phoneNumber", Reason.PROPERTY_GONE)}


def test_a_removed_permission_does_not_stop_the_other(world: World) -> None:
    zoe = world.person("zoe@example.nl")
    world.control("DELETE", f"/permissions/{QUARTERLY}")
    run_id = world.ask(zoe, {MONTHLY: True, QUARTERLY: True})
    world.work(run_id)
    item = item_of(run_id)
    assert item.outcome is Outcome.LINKED
    assert left_out(item) == {("permissions", Reason.PERMISSION_GONE)}
    found = world.in_spotler(zoe)
    assert found is not None and found.permissions[MONTHLY]
    applied = {act.bit: act.applied_at is not None for act in db.session.scalars(db.select(Act))}
    assert applied == {MONTHLY: True, QUARTERLY: False}, "what was not written took no effect"
    assert QUARTERLY not in stored_offer(world.environment.id).permissions


def test_an_account_that_hides_the_permissions_gets_the_rest(world: World) -> None:
    zoe = world.person("zoe@example.nl")
    hide(world, "permissions")
    run_id = world.ask(zoe, {MONTHLY: True})
    world.work(run_id)
    item = item_of(run_id)
    assert item.outcome is Outcome.LINKED
    assert left_out(item) == {("permissions", Reason.PERMISSION_GONE)}
    offered = stored_offer(world.environment.id).permissions
    assert MONTHLY in offered, "it is kept for when it is shown again"


def test_what_is_still_there_is_refused_for_its_value(crowd: Crowd) -> None:
    world = crowd.world
    crowd.change(0, 1, first_name="Anders")
    world.control("PUT", "/settings", forced_codes={crowd.ids[0]: "PROPERTY_INVALID"})
    before = properties_reads(world)
    made = synchronise(world)
    assert (made.rejected, made.unchanged) == (1, 2)
    assert properties_reads(world) == before, "lately read, and nobody says that it is not there"


def test_a_property_that_comes_back_goes_along_again(world: World) -> None:
    zoe = world.person("nieuw@example.nl", infix="van")
    hide(world, "infix")
    world.save(zoe)
    hide(world, "infix", visible=True)
    from_clock(world)
    world.save(zoe)
    found = world.in_spotler(zoe)
    assert found is not None and found.properties["infix"] == "van"
    assert overview(world.environment.id).vanished == 0


def from_clock(world: World) -> None:
    credentials.refresh(world.environment.id)
    db.session.expire_all()


@pytest.mark.parametrize("kind", ["backend_exception", "unauthorized"])
def test_when_it_cannot_be_read_the_refusal_stands(world: World, kind: str) -> None:
    zoe = world.person("nieuw@example.nl", infix="van")
    hide(world, "infix")
    world.fault(kind, path="/contact/properties/list")
    run_id = world.ask(zoe)
    world.work(run_id)
    expected = Outcome.OPEN if kind == "unauthorized" else Outcome.REJECTED
    assert item_of(run_id).outcome is expected, "a refused key halts the run"
