"""Linking, saving, mapping and the feed: against a Spotler that is strict in every open question of
spotler-api.md §12 at once, and against one that is lenient in all."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from demo.spotler.server import Sandbox
from demo.spotler.settings import MANNERS
from spotler_plugin.extensions import db
from spotler_plugin.models import Act, Outcome, RunKind, Source
from spotler_plugin.planning.reason import Reason
from spotler_plugin.services.feed.state import find_feed
from spotler_plugin.services.link.status import Status
from tests.world.crowd import gather, read_feed, work
from tests.world.undo import mapped, of_spotler
from tests.world.world import MONTHLY, QUARTERLY, World


@pytest.fixture(params=MANNERS)
def sandbox(request: pytest.FixtureRequest, running_sandbox: Sandbox) -> Sandbox:
    """Strict or lenient before anybody connects."""
    running_sandbox.reset()
    running_sandbox.state.settings.take_manner(request.param)
    return running_sandbox


@pytest.fixture
def zoe(world: World) -> str:
    """Linked, with a newsletter on, and a phone number."""
    zoe = world.person("zoe@example.nl", phone="010 1234567")
    assert world.save(zoe, {MONTHLY: True}).outcome is Outcome.LINKED
    return zoe


def plant(world: World, **contact: Any) -> None:
    world.control("POST", "/contacts", contacts=[contact])


def test_one_is_linked_with_a_permission(world: World, zoe: str) -> None:
    assert of_spotler(world, zoe)["on"] == {MONTHLY}
    assert of_spotler(world, zoe)["phoneNumber"] == "010 1234567"
    assert world.status(zoe).status is Status.SYNCED


def test_many_are_linked(world: World) -> None:
    crowd = gather(world, 3)
    assert {world.first_name(id_) for id_ in crowd.ids} == {f"Persoon {n}" for n in range(3)}


def test_who_is_there_under_another_id_is_left_to_a_person(world: World) -> None:
    plant(world, email="jan@example.nl", externalId="elsewhere", permissions=[QUARTERLY])
    jan = world.person("jan@example.nl")
    assert world.save(jan, {MONTHLY: True}).outcome is Outcome.BLOCKED
    assert world.in_spotler(jan) is None
    assert world.save(jan, {MONTHLY: True}, take_over=True).outcome is Outcome.LINKED
    assert MONTHLY in of_spotler(world, jan)["on"]


def test_a_value_is_changed_and_another_emptied(world: World, zoe: str) -> None:
    world.crm.data.contacts.change(zoe, {"first_name": "Zoë", "phone": None}, silent=True)
    assert world.save(zoe, {QUARTERLY: True}).outcome is Outcome.UPDATED
    found = of_spotler(world, zoe)
    assert (found["firstName"], found.get("phoneNumber")) == ("Zoë", None)
    assert found["on"] == {MONTHLY, QUARTERLY}
    assert world.save(zoe).outcome is Outcome.UNCHANGED


def test_what_is_refused_is_told_though_spotler_says_nothing_more(world: World, zoe: str) -> None:
    world.control("PUT", "/settings", forced_codes={zoe: "PROPERTY_INVALID"})
    world.crm.data.contacts.change(zoe, {"first_name": "Zoë"}, silent=True)
    view = world.save(zoe)
    assert (view.outcome, view.reason) == (Outcome.REJECTED, Reason.VALUE_REFUSED)


def test_a_changed_mapping_reaches_everybody(world: World) -> None:
    crowd = gather(world, 3)
    crowd.change(0, 3, city="Utrecht")
    assert mapped(world, city="city").updated == 3
    assert {of_spotler(world, id_)["city"] for id_ in crowd.ids} == {"Utrecht"}
    crowd.change(0, 1, city=None)
    assert work(crowd.ask(RunKind.SYNC)).updated == 1
    assert "city" not in of_spotler(world, crowd.ids[0])


def test_a_quiet_feed_is_no_failure(world: World) -> None:
    for _ in range(2):
        read_feed(world)
    row = find_feed(world.environment.id)
    assert row is not None and row.full_finished_at is not None
    assert (row.attempts, row.error) == (0, None)


def test_who_signs_off_there_stays_off(world: World, zoe: str) -> None:
    read_feed(world)
    world.sign_off(zoe, MONTHLY)
    read_feed(world)
    act = db.session.scalars(select(Act).where(Act.contact_id == zoe).order_by(Act.id.desc()))
    assert (newest := act.first()) is not None
    assert (newest.source, newest.bit, newest.enabled) == (Source.SPOTLER, MONTHLY, False)
    world.crm.data.contacts.change(zoe, {"first_name": "Zoë"}, silent=True)
    assert world.save(zoe).outcome is Outcome.UPDATED
    assert of_spotler(world, zoe)["on"] == set()


def test_who_opts_out_of_everything_is_left_alone(world: World, zoe: str) -> None:
    read_feed(world)
    world.control("POST", f"/contacts/{zoe}/opt-out")
    read_feed(world)
    world.crm.data.contacts.change(zoe, {"first_name": "Anders"}, silent=True)
    view = world.save(zoe, {QUARTERLY: True})
    assert (view.outcome, view.reason) == (Outcome.BLOCKED, Reason.INACTIVE)
    assert world.status(zoe).status is Status.INACTIVE
    assert world.first_name(zoe) != "Anders"


def test_nobody_new_is_linked_with_the_address_of_who_opted_out(world: World) -> None:
    """A search may not show them: the mirror does."""
    plant(world, email="weg@example.nl", externalId="weg", standing="opt_out")
    read_feed(world)
    view = world.save(world.person("weg@example.nl"), {MONTHLY: True}, take_over=True)
    assert (view.outcome, view.reason) == (Outcome.BLOCKED, Reason.INACTIVE)


def test_nobodys_address_becomes_that_of_who_opted_out(world: World, zoe: str) -> None:
    plant(world, email="weg@example.nl", externalId="weg", standing="opt_out")
    read_feed(world)
    world.crm.data.contacts.change(zoe, {"email": "weg@example.nl"}, silent=True)
    view = world.save(zoe)
    assert (view.outcome, view.reason) == (Outcome.BLOCKED, Reason.INACTIVE)
    assert of_spotler(world, zoe)["email"] == "zoe@example.nl"
