"""A contact's keywords switch the entries of a set in Spotler, whatever becomes of those."""

from __future__ import annotations

import json
from typing import Any
from uuid import uuid4

import pytest

from spotler_plugin.extensions import db
from spotler_plugin.models import (
    MirrorContact,
    Outcome,
    Run,
    RunItem,
    RunKind,
    RunState,
    Whom,
)
from spotler_plugin.planning.reason import Reason
from spotler_plugin.services.connection import credentials
from spotler_plugin.services.mapping.store import save_mapping, saved_mapping
from spotler_plugin.services.preview.approve import confirm_preview
from spotler_plugin.services.preview.compute import advance_preview
from spotler_plugin.services.preview.request import request_preview, tally_of
from spotler_plugin.services.run.create import create_run_for
from spotler_plugin.services.sync.advance import advance_run
from tests.world.accounts import ALICE
from tests.world.crowd import Crowd, gather, read_feed, work
from tests.world.world import MONTHLY, World

INTERESTS = "profileFields"
EVENTS, WEBINARS, NEWS = 1, 2, 4


@pytest.fixture(autouse=True)
def mapped(world: World) -> None:
    """Keywords feed the set."""
    proposal = saved_mapping(world.environment.id) | {("contact", "keywords"): INTERESTS}
    save_mapping(world.environment, proposal)
    db.session.commit()


def on(world: World, contact_id: str) -> set[int]:
    """The entries that Spotler has on."""
    found = world.in_spotler(contact_id)
    assert found is not None
    return {bit for bit, enabled in found.properties[INTERESTS].items() if enabled}


def entries(world: World, **descriptions: str) -> None:
    """What the account calls them from now on: `_1="Beurs"`; others are gone."""
    named = [{"bit": int(bit[1:]), "description": text} for bit, text in descriptions.items()]
    world.control("PUT", f"/properties/{INTERESTS}", entries=named)


def written(world: World) -> list[Any]:
    """What was sent of the set, by contact: which of a chunk goes first says nothing."""
    bodies = [json.loads(call["body"]) for call in world.calls("POST", "/contact/list")]
    contacts = [each for body in bodies for each in body["contacts"]]
    contacts.sort(key=lambda each: str(each["externalId"]))
    return [each["properties"].get(INTERESTS) for each in contacts]


def item_of(run: Run, contact_id: str) -> RunItem:
    query = db.select(RunItem).where(RunItem.run_id == run.id, RunItem.contact_id == contact_id)
    found: RunItem = db.session.scalars(query).one()
    return found


def told(item: RunItem) -> set[tuple[str, Reason, tuple[str, ...]]]:
    refusals = item.detail.refusals if item.detail else ()
    return {(each.property, each.reason, each.words) for each in refusals}


def synchronise(world: World) -> Run:
    made = create_run_for(
        world.environment, Whom.LINKED, kind=RunKind.SYNC, actor=ALICE, request_token=uuid4()
    )
    db.session.commit()
    return work(made.id)


@pytest.fixture
def crowd(world: World) -> Crowd:
    """Three with a keyword each, linked."""
    crowd = gather(world, 3)
    crowd.change(0, 3, keywords=["Evenementen"])
    assert synchronise(world).updated == 3
    world.control("DELETE", "/calls")
    return crowd


def test_linking_switches_on_what_the_keywords_say(world: World) -> None:
    zoe = world.person("nieuw@example.nl", keywords=["evenementen", " WEBINARS "])
    world.save(zoe, {MONTHLY: True})
    assert on(world, zoe) == {EVENTS, WEBINARS}
    found = world.in_spotler(zoe)
    assert found is not None
    assert {bit for bit, enabled in found.permissions.items() if enabled} == {MONTHLY}


def test_linking_leaves_what_spotler_had(world: World) -> None:
    world.control(
        "POST",
        "/contacts",
        contacts=[{"properties": {"email": "oud@example.nl"}, "sets": {INTERESTS: [NEWS]}}],
    )
    read_feed(world)
    zoe = world.person("oud@example.nl", keywords=["webinars"])
    world.save(zoe)
    assert on(world, zoe) == {WEBINARS, NEWS}
    world.save(zoe)
    assert on(world, zoe) == {WEBINARS}, "from then on it is what the CRM says"


def test_a_changed_keyword_sends_only_what_differs(world: World, crowd: Crowd) -> None:
    crowd.change(0, 1, keywords=["Evenementen", "Webinars"])
    crowd.change(1, 2, keywords=["Webinars"])
    made = synchronise(world)
    assert (made.updated, made.unchanged) == (2, 1)
    assert written(world) == [
        [{"bit": WEBINARS, "enabled": True}],
        [{"bit": EVENTS, "enabled": False}, {"bit": WEBINARS, "enabled": True}],
    ]
    assert [on(world, id_) for id_ in crowd.ids] == [{EVENTS, WEBINARS}, {WEBINARS}, {EVENTS}]
    item = item_of(made, crowd.ids[1])
    assert item.before is not None and item.after is not None
    assert {bit for bit, enabled in item.before.properties[INTERESTS].items() if enabled} == {"1"}
    assert {bit for bit, enabled in item.after.properties[INTERESTS].items() if enabled} == {"2"}
    assert synchronise(world).unchanged == 3, "the mirror knows"
    read_feed(world)
    assert synchronise(world).unchanged == 3, "and Spotler says the same"


def test_a_keyword_without_an_entry_is_told_and_the_others_go(world: World, crowd: Crowd) -> None:
    crowd.change(0, 1, keywords=["Evenementen", "beurs", "Webinars"], first_name="Anders")
    made = synchronise(world)
    item = item_of(made, crowd.ids[0])
    assert item.outcome is Outcome.UPDATED
    assert told(item) == {(INTERESTS, Reason.ENTRY_MISSING, ("beurs",))}
    assert on(world, crowd.ids[0]) == {EVENTS, WEBINARS}
    assert world.first_name(crowd.ids[0]) == "Anders"


def test_without_keywords_the_set_is_emptied_and_nothing_else(world: World, crowd: Crowd) -> None:
    crowd.change(0, 2, keywords=[])
    made = synchronise(world)
    assert (made.updated, made.unchanged) == (2, 1)
    assert [on(world, id_) for id_ in crowd.ids] == [set(), set(), {EVENTS}]
    assert not world.calls("PUT"), "its bits say so: nothing is purged"
    item = item_of(made, crowd.ids[0])
    assert item.after is not None and item.after.cleared == {INTERESTS}
    assert item.after.loss.emptied == 1
    found = world.in_spotler(crowd.ids[0])
    assert found is not None and found.properties["lastName"] == "Bakker"
    assert synchronise(world).unchanged == 3


def test_beside_an_emptied_text_the_whole_set_goes(world: World, crowd: Crowd) -> None:
    # Somebody switches an entry in Spotler that the mirror does not know of.
    spoken = {"externalId": crowd.ids[0], "sets": {INTERESTS: [EVENTS, NEWS]}}
    world.control("POST", "/contacts", contacts=[spoken])
    crowd.change(0, 1, keywords=["Evenementen", "Webinars"], phone=None)
    assert synchronise(world).updated == 1
    assert on(world, crowd.ids[0]) == {EVENTS, WEBINARS, NEWS}, "purge took nothing along"
    found = world.in_spotler(crowd.ids[0])
    assert found is not None and not found.properties.get("phoneNumber")


def test_an_entry_that_vanished_meanwhile_is_left_out(world: World, crowd: Crowd) -> None:
    crowd.change(0, 1, keywords=["Evenementen", "Webinars"])
    crowd.change(1, 2, keywords=["Evenementen", "Productnieuws"])
    entries(world, _1="Evenementen", _4="Productnieuws")
    made = synchronise(world)
    assert (made.updated, made.unchanged, made.rejected) == (1, 2, 0)
    item = item_of(made, crowd.ids[0])
    assert told(item) == {(INTERESTS, Reason.ENTRY_MISSING, ("Webinars",))}
    assert (item.before, item.after) == (None, None), "nothing was left to send"
    assert on(world, crowd.ids[1]) == {EVENTS, NEWS}
    again = synchronise(world)
    assert again.unchanged == 3
    assert told(item_of(again, crowd.ids[0])) == {(INTERESTS, Reason.ENTRY_MISSING, ("Webinars",))}


def test_one_that_was_renamed_stays_as_it_is_and_is_told(world: World, crowd: Crowd) -> None:
    entries(world, _1="Beurzen", _2="Webinars")
    credentials.refresh(world.environment.id)
    db.session.expire_all()
    crowd.change(0, 1, keywords=["Evenementen", "Webinars"])
    crowd.change(1, 2, keywords=["Webinars"])
    made = synchronise(world)
    assert on(world, crowd.ids[0]) == {EVENTS, WEBINARS}
    assert on(world, crowd.ids[1]) == {WEBINARS}, "it no longer has the keyword"
    for contact_id, words in ((crowd.ids[0], ("Evenementen",)), (crowd.ids[2], ("Evenementen",))):
        assert told(item_of(made, contact_id)) == {(INTERESTS, Reason.ENTRY_MISSING, words)}
    crowd.change(2, 3, keywords=["Beurzen"])
    assert synchronise(world).unchanged == 3
    assert on(world, crowd.ids[2]) == {EVENTS}


def test_an_entry_that_was_added_goes_along(world: World, crowd: Crowd) -> None:
    crowd.change(0, 1, keywords=["Evenementen", "Golf"])
    assert told(item_of(synchronise(world), crowd.ids[0]))
    entries(world, _1="Evenementen", _64="golf")
    credentials.refresh(world.environment.id)
    db.session.expire_all()
    made = synchronise(world)
    assert told(item_of(made, crowd.ids[0])) == set()
    assert on(world, crowd.ids[0]) == {EVENTS, 64}


def test_the_mirror_keeps_the_set_whole(world: World, crowd: Crowd) -> None:
    crowd.change(0, 1, keywords=["Webinars"])
    synchronise(world)
    query = db.select(MirrorContact).where(MirrorContact.external_id == crowd.ids[0])
    kept = db.session.scalars(query.execution_options(populate_existing=True)).one().properties
    assert {bit for bit, enabled in kept[INTERESTS].items() if enabled} == {"2"}


def test_as_a_text_they_go_whole_or_not_at_all(world: World) -> None:
    given = {("contact", "keywords"): "trefwoorden"}
    save_mapping(world.environment, saved_mapping(world.environment.id) | given)
    db.session.commit()
    zoe = world.person("zoe@example.nl", keywords=["beurs", "golf"])
    world.save(zoe)
    found = world.in_spotler(zoe)
    assert found is not None and found.properties["trefwoorden"] == "beurs, golf"

    world.control("PUT", "/settings", longest_text=40)
    world.crm.data.contacts.change(zoe, {"keywords": [f"woord {n}" for n in range(9)]}, silent=True)
    made = synchronise(world)
    item = item_of(made, zoe)
    assert (item.outcome, item.reason) == (Outcome.REJECTED, Reason.VALUE_REFUSED)
    assert item.detail is not None and "trefwoorden is too long" in item.detail.message
    found = world.in_spotler(zoe)
    assert found is not None and found.properties["trefwoorden"] == "beurs, golf", "nothing was cut"


def test_no_more_sets_are_emptied_than_was_agreed_to(world: World, crowd: Crowd) -> None:
    crowd.change(0, 2, keywords=[])
    now = saved_mapping(world.environment.id)
    row = request_preview(world.environment, Whom.LINKED, RunKind.SYNC, now, ALICE)
    db.session.commit()
    while advance_preview(row.environment_id, row.id):
        pass
    db.session.refresh(row)
    tally = tally_of(row)
    assert (tally.emptied_by, tally.loss.emptied) == ({INTERESTS: 2}, 2)
    crowd.change(2, 3, keywords=[])
    run_id = confirm_preview(world.environment, row.id, ALICE, tally.emptied)
    db.session.commit()
    assert run_id is not None
    while advance_run(run_id):
        pass
    db.session.expire_all()
    halted = db.session.get_one(Run, run_id)
    assert (halted.state, halted.halted_because) == (RunState.HALTED, Reason.BEYOND_AGREED)
    assert [on(world, id_) for id_ in crowd.ids] == [{EVENTS}] * 3, "nothing was sent"
