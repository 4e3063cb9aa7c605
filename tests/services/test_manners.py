"""Linking, saving, mapping and the feed: against a Spotler that is strict in every open question of
spotler-api.md §12 at once, and against one that is lenient in all."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import select

from demo.spotler.manners import MANNERS
from demo.spotler.server import Sandbox
from spotler_plugin.extensions import db
from spotler_plugin.models import Act, Outcome, RunKind, Source
from spotler_plugin.planning.reason import Reason
from spotler_plugin.services.feed.state import find_feed
from spotler_plugin.services.link.status import Status
from spotler_plugin.services.run.create import create_run
from tests.settings import configure
from tests.world.accounts import ALICE
from tests.world.connected import Connected
from tests.world.crowd import Crowd, gather, read_feed, work
from tests.world.undo import mapped, of_spotler
from tests.world.world import MONTHLY, QUARTERLY, World


@pytest.fixture(params=MANNERS)
def sandbox(request: pytest.FixtureRequest, running_sandbox: Sandbox) -> Sandbox:
    """Strict or lenient before anybody connects."""
    running_sandbox.reset()
    running_sandbox.state.settings.take_manner(request.param)
    return running_sandbox


@pytest.fixture
def connections() -> dict[int, Connected]:
    """None to begin with: each connects to the one that it got."""
    return {}


@pytest.fixture
def zoe(world: World) -> str:
    """Linked, with a newsletter on, and a phone number."""
    zoe = world.person("zoe@example.nl", phone="010 1234567")
    assert world.save(zoe, {MONTHLY: True}).outcome is Outcome.LINKED
    return zoe


def plant(world: World, **contact: Any) -> None:
    """In Spotler since long."""
    world.control(
        "POST", "/contacts", contacts=[{"lastChanged": "2026-01-15T10:00:00Z", **contact}]
    )


def later(world: World) -> None:
    """A strict one knows by now what happened a moment ago, in its search and its updates too."""
    world.control("PUT", "/settings", lag=0)


def switched_by_spotler(contact_id: str) -> list[tuple[int | None, bool]]:
    acts = select(Act).where(Act.contact_id == contact_id, Act.source == Source.SPOTLER)
    return [(act.bit, act.enabled) for act in db.session.scalars(acts.order_by(Act.id))]


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
    later(world)
    read_feed(world)
    assert switched_by_spotler(zoe) == [(MONTHLY, False)]
    world.crm.data.contacts.change(zoe, {"first_name": "Zoë"}, silent=True)
    assert world.save(zoe).outcome is Outcome.UPDATED
    assert of_spotler(world, zoe)["on"] == set()


def test_who_opts_out_of_everything_is_left_alone(world: World, zoe: str) -> None:
    read_feed(world)
    world.control("POST", f"/contacts/{zoe}/opt-out")
    later(world)
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


def test_who_has_part_of_the_address_is_somebody_else(world: World) -> None:
    plant(world, email="arjan@example.nl", externalId="elsewhere", permissions=[QUARTERLY])
    jan = world.person("jan@example.nl")
    assert world.save(jan, {MONTHLY: True}).outcome is Outcome.LINKED
    assert of_spotler(world, jan)["on"] == {MONTHLY}


def test_an_address_in_capitals_is_the_same(world: World) -> None:
    plant(world, email="Jan@Example.nl", externalId="elsewhere", permissions=[QUARTERLY])
    read_feed(world)
    assert world.save(world.person("jan@example.nl"), {}).outcome is Outcome.BLOCKED


def test_what_comes_back_in_another_spelling_is_not_sent_again(world: World) -> None:
    zoe = world.person("Zoe@Example.nl", first_name=" Zoë ", mobile="06 12 34 56 78")
    assert world.save(zoe, {MONTHLY: True}).outcome is Outcome.LINKED
    assert world.save(zoe).outcome is Outcome.UNCHANGED
    assert work(Crowd(world, [zoe]).ask(RunKind.SYNC)).unchanged == 1


def test_what_is_known_late_is_seen_all_the_same(world: World, zoe: str) -> None:
    """A reading goes over the time before the last one again."""
    read_feed(world)
    world.sign_off(zoe, MONTHLY)
    read_feed(world)
    later(world)
    read_feed(world)
    assert switched_by_spotler(zoe) == [(MONTHLY, False)]


def test_an_id_that_is_not_taken_is_told_of_one_contact(world: World, sandbox: Sandbox) -> None:
    """It holds up nobody else of its chunk."""
    contacts = world.crm.data.contacts
    ids = ("plain", "acme:42")
    for contact_id in ids:
        values = {"email": f"{contact_id.replace(':', '.')}@example.nl", "first_name": "Noor"}
        contacts.add(values, contact_id=contact_id, silent=True)
    run, _ = create_run(
        world.environment.id,
        ids,
        kind=RunKind.BULK,
        source=Source.BULK,
        actor=ALICE,
        request_token=uuid4(),
    )
    db.session.commit()
    run = work(run.id)
    takes_all = sandbox.state.settings.odd_external_ids
    assert (run.linked, run.rejected) == ((2, 0) if takes_all else (1, 1))
    assert world.first_name("plain") == "Noor"


def test_who_opts_out_is_left_alone_though_no_list_says_so(world: World, zoe: str) -> None:
    """Whether updates and searches show who is inactive is not known: she herself is looked at."""
    hidden = {"updates_show_inactive": False, "search_shows_inactive": False}
    world.control("PUT", "/settings", lag=0, **hidden)
    read_feed(world)
    world.control("POST", f"/contacts/{zoe}/opt-out")
    read_feed(world)
    world.crm.data.contacts.change(zoe, {"first_name": "Anders"}, silent=True)
    assert world.save(zoe, {QUARTERLY: True}).outcome is Outcome.BLOCKED
    assert world.first_name(zoe) != "Anders"


def test_no_limit_is_passed_though_nobody_tells_which_it_is(app: Flask, world: World) -> None:
    """Ours are lower: with them nothing is refused."""
    configure(app, spotler_calls_per_second=5, spotler_parallel_calls=2)
    world.control("DELETE", "/calls")
    world.control("PUT", "/settings", calls_per_second=7, parallel_calls=2, longest_window=0)
    crowd = gather(world, 3)
    crowd.change(0, 3, city="Utrecht")
    assert mapped(world, city="city").updated == 3
    calls = world.control("GET", "/calls?body=no")["calls"]
    assert 429 not in {call["status"] for call in calls}
