"""A run is taken back: before is after, but for what others changed since, which is told."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from spotler_plugin.extensions import db
from spotler_plugin.models import Act, Link, Outcome, Run, RunKind, RunState, Source
from spotler_plugin.planning.adjustment import Adjustment, Switch
from spotler_plugin.planning.detail import Since
from spotler_plugin.planning.reason import Reason, Refusal
from spotler_plugin.planning.values.sets import on_in
from spotler_plugin.services.mapping.store import saved_mapping
from spotler_plugin.services.preview.approve import Braked, NotReady, Stale, is_braked
from spotler_plugin.services.preview.request import tally_of
from spotler_plugin.services.preview.undo import request_undo
from tests.world.accounts import ALICE
from tests.world.crowd import Crowd, a_while_ago, gather, read_feed
from tests.world.mutation import finish, mutate, of_crm, patches, saved
from tests.world.undo import asked, items_of, left_alone, mapped, of_spotler, undone
from tests.world.world import MONTHLY, QUARTERLY, World

pytestmark = pytest.mark.people(6)

EVENTS, WEBINARS = 1, 2
CHIEF = Adjustment(
    fields={"last_name": "Directeur", "job_title": None, "keywords": ["vip"]},
    switches={MONTHLY: Switch(True, "beurs"), QUARTERLY: Switch(False)},
)


def elsewhere(world: World, contact_id: str, **properties: Any) -> None:
    """Somebody changes it in Spotler."""
    changed = [{"externalId": contact_id, "properties": properties}]
    world.control("POST", "/contacts", contacts=changed)
    read_feed(world)


@pytest.fixture
def crowd(crowd: Crowd) -> Crowd:
    crowd.change(0, 6, postcode="3011 AB", city="Rotterdam", keywords=["Evenementen"])
    for contact_id in crowd.ids[:2]:
        elsewhere(crowd.world, contact_id, postalCode="1000 AA", city="Delft")
    return crowd


def everything(world: World, crowd: Crowd) -> dict[str, dict[str, Any]]:
    return {id_: of_spotler(world, id_) for id_ in crowd.ids}


def test_a_mapping_run_is_taken_back_with_its_mapping(world: World, crowd: Crowd) -> None:
    before, mapping = everything(world, crowd), saved_mapping(world.environment.id)
    run = mapped(world, postcode="postalCode", city="city", keywords="profileFields")
    assert run.updated == 6 and everything(world, crowd) != before
    version = world.environment.mapping_version

    row = asked(world, run)
    tally = tally_of(row)
    assert (tally.updated, tally.left_alone, tally.emptied) == (6, 0, 6)
    assert row.samples[0]["name"] == "Persoon 0 Bakker"
    back = finish(saved(world, row, tally.emptied if is_braked(tally) else None))
    assert (back.kind, back.source, back.updated) == (RunKind.UNDO, Source.UNDO, 6)
    assert everything(world, crowd) == before
    assert saved_mapping(world.environment.id) == mapping
    assert world.environment.mapping_version == version + 1

    # An undo is a run as any other.
    again = undone(world, back)
    assert again.updated == 6
    assert of_spotler(world, crowd.ids[0])["postalCode"] == "3011 AB"
    assert saved_mapping(world.environment.id)["contact", "city"] == "city"
    undone(world, again)
    assert everything(world, crowd) == before


def test_the_mapping_stays_where_that_is_chosen(world: World, crowd: Crowd) -> None:
    run = mapped(world, city="city")
    undone(world, run, mapping=False)
    assert of_spotler(world, crowd.ids[0])["city"] == "Delft"
    assert saved_mapping(world.environment.id)["contact", "city"] == "city"
    # The next synchronisation sends it again, which the screen said.
    assert mapped(world, RunKind.SYNC).updated == 6
    assert of_spotler(world, crowd.ids[0])["city"] == "Rotterdam"


def test_what_others_changed_since_is_left_alone_and_told(world: World, crowd: Crowd) -> None:
    first, second = crowd.ids[:2]
    run = mapped(world, postcode="postalCode", city="city")
    elsewhere(world, first, city="Gouda")
    row = asked(world, run)
    tally = tally_of(row)
    assert tally.left_alone == 1
    [item] = left_alone(row).values()
    assert (item.contact_id, item.reason) == (first, Reason.CHANGED_SINCE)
    since = (Since("city", "Rotterdam", "Gouda"),)
    assert item.detail is not None and item.detail.since == since

    back = finish(saved(world, row, tally.emptied))
    values = of_spotler(world, first)
    assert (values["city"], values["postalCode"]) == ("Gouda", "1000 AA")
    assert of_spotler(world, second)["city"] == "Delft"
    told = items_of(back)[first].detail
    assert told is not None and told.since == since

    undone(world, run, overrides=True)
    assert of_spotler(world, first)["city"] == "Delft"


def test_what_others_change_after_the_preview_is_left_alone_as_well(
    world: World, crowd: Crowd
) -> None:
    first, second = crowd.ids[:2]
    run = mapped(world, city="city")
    row = asked(world, run)
    world.control(
        "POST", "/contacts", contacts=[{"externalId": first, "properties": {"city": "Gouda"}}]
    )
    a_while_ago(world)
    back = finish(saved(world, row, tally_of(row).emptied))
    assert [of_spotler(world, id_)["city"] for id_ in (first, second)] == ["Gouda", "Delft"]
    told = items_of(back)[first].detail
    assert told is not None and told.since == (Since("city", "Rotterdam", "Gouda"),)


def test_one_contact_of_a_run(world: World, crowd: Crowd) -> None:
    run = mapped(world, city="city")
    item = items_of(run)[crowd.ids[1]]
    back = undone(world, run, item_id=item.id)
    assert (back.selected, back.updated) == (1, 1)
    assert of_spotler(world, crowd.ids[1])["city"] == "Delft"
    assert of_spotler(world, crowd.ids[0])["city"] == "Rotterdam"
    assert saved_mapping(world.environment.id)["contact", "city"] == "city", "that is of all"


def test_a_bulk_mutation_is_taken_back_in_the_crm_too(world: World, crowd: Crowd) -> None:
    first, second, third = crowd.ids[:3]
    crowd.change(0, 6, job_title="Inkoper")
    world.save(second, {QUARTERLY: True})
    world.save(third, {MONTHLY: True})
    read_feed(world)
    names = ("last_name", "job_title", "keywords", "city")
    before = everything(world, crowd)
    in_crm = {id_: [of_crm(world, id_, name) for name in names] for id_ in crowd.ids}

    run = finish(mutate(world, crowd.ids, CHIEF))
    assert of_crm(world, first, "keywords") == ["Evenementen", "vip"]
    assert of_spotler(world, second)["on"] == {MONTHLY}
    row = asked(world, run)
    tally = tally_of(row)
    assert (tally.in_crm, tally.left_alone, tally.stays_off) == (6, 0, 1)
    back = finish(saved(world, row))
    assert in_crm == {id_: [of_crm(world, id_, name) for name in names] for id_ in crowd.ids}
    after = everything(world, crowd)
    assert after.pop(second)["on"] == set(), "what it switched off stays off"
    assert before.pop(second)["on"] == {QUARTERLY}
    assert after == before, "what was on before it stays on"
    told = items_of(back)[second].detail
    assert told is not None and told.stays_off == (QUARTERLY,)
    assert len(patches(world)) == 2 and back.updated == 6
    assert items_of(back)[first].outcome is Outcome.UPDATED

    # What is wrongly taken back can be done once more, and switches on what nobody signed off.
    undone(world, back)
    assert of_crm(world, first, "last_name") == "Directeur"
    assert of_spotler(world, first)["on"] == set(), "an undo switches nothing on"
    finish(mutate(world, crowd.ids, CHIEF))
    assert of_spotler(world, first)["on"] == {MONTHLY}


def test_in_the_crm_only_what_is_still_the_runs_goes_back(world: World, crowd: Crowd) -> None:
    first, second = crowd.ids[:2]
    run = finish(mutate(world, crowd.ids, CHIEF))
    crowd.change(0, 1, last_name="Voorzitter", keywords=["vip", "nieuw"])
    row = asked(world, run)
    [item] = left_alone(row).values()
    assert item.detail is not None
    assert item.detail.since == (Since("last_name", "Directeur", "Voorzitter", in_crm=True),)
    finish(saved(world, row))
    assert of_crm(world, first, "last_name") == "Voorzitter"
    assert of_crm(world, first, "keywords") == ["nieuw"], "the run's word, and no other"
    assert of_crm(world, second, "last_name") == "Bakker"


def test_a_sign_off_stays_and_what_a_person_switched_since_too(world: World, crowd: Crowd) -> None:
    first, second, third = crowd.ids[:3]
    run = finish(mutate(world, crowd.ids, Adjustment(switches={MONTHLY: Switch(True, "beurs")})))
    world.sign_off(first, MONTHLY)
    read_feed(world)
    world.save(second, {MONTHLY: False})
    world.save(second, {MONTHLY: True})
    row = asked(world, run)
    assert [id_ for id_ in left_alone(row)] == [second]
    back = finish(saved(world, row, tally_of(row).emptied))
    assert [of_spotler(world, id_)["on"] for id_ in (first, second, third)] == [
        set(),
        {MONTHLY},
        set(),
    ]
    acts = db.session.query(Act).filter_by(run_id=back.id).all()
    assert {act.contact_id for act in acts if act.applied_at} == set(crowd.ids[2:])
    assert not any(act.enabled for act in acts)
    # Nobody who signed off is signed on again by what comes after an undo.
    finish(mutate(world, crowd.ids, Adjustment(switches={MONTHLY: Switch(True, "beurs")})))
    assert of_spotler(world, first)["on"] == set()
    assert of_spotler(world, third)["on"] == {MONTHLY}


def test_who_was_linked_stays_linked_with_its_values(world: World) -> None:
    zoe = world.person("nieuw@example.nl")
    run = finish(mutate(world, [zoe], Adjustment(switches={MONTHLY: Switch(True, "beurs")})))
    values = of_spotler(world, zoe)
    back = undone(world, run)
    told = items_of(back)[zoe].detail
    assert told is not None and told.stays_linked
    assert of_spotler(world, zoe) == {**values, "on": set()}


def test_an_address_goes_back_unless_another_has_it_by_now(world: World, crowd: Crowd) -> None:
    crowd.change(0, 2, email="a@example.nl")
    crowd.change(1, 2, email="b@example.nl")
    run = mapped(world, RunKind.SYNC)
    world.save(world.person("persoon1@example.nl"))
    read_feed(world)
    back = undone(world, run)
    items = items_of(back)
    assert of_spotler(world, crowd.ids[0])["email"] == "persoon0@example.nl"
    assert items[crowd.ids[1]].reason is Reason.ADDRESS_DOUBLED
    assert of_spotler(world, crowd.ids[1])["email"] == "b@example.nl"


def test_who_is_gone_or_inactive_is_not_filled_again(world: World, crowd: Crowd) -> None:
    first, second, third = crowd.ids[:3]
    run = mapped(world, city="city")
    # Of whom no event told that it was deleted.
    world.crm.data.contacts.delete(third, silent=True)
    world.control("POST", f"/contacts/{second}/opt-out")
    read_feed(world)
    link = db.session.query(Link).filter_by(contact_id=first).one()
    link.deleted_at = datetime.now(UTC)
    db.session.commit()
    items = items_of(undone(world, run))
    assert items[first].reason is items[third].reason is Reason.GONE
    assert of_spotler(world, third)["city"] == "Rotterdam"
    assert items[second].reason is Reason.INACTIVE
    assert of_spotler(world, first)["city"] == "Rotterdam"


def test_who_was_changed_in_the_crm_only_goes_back_there_only(world: World) -> None:
    """Somebody without an address is in the CRM's part of a bulk mutation, and in no other."""
    nobody = world.person(None)
    before = of_crm(world, nobody, "last_name")
    run = finish(mutate(world, [nobody], Adjustment(fields={"last_name": "Directeur"})))
    assert items_of(run)[nobody].reason is Reason.NO_ADDRESS
    row = asked(world, run)
    assert (tally_of(row).in_crm, tally_of(row).unchanged, tally_of(row).blocked) == (1, 1, 0)
    assert row.samples[0]["in_crm"] == [["last_name", "Directeur", before]]
    back = finish(saved(world, row))
    assert (back.unchanged, items_of(back)[nobody].reason) == (1, None)
    assert of_crm(world, nobody, "last_name") == before


def test_who_parted_is_left_alone_in_the_crm_too(world: World, crowd: Crowd) -> None:
    first = crowd.ids[0]
    run = finish(mutate(world, crowd.ids, CHIEF))
    link = db.session.query(Link).filter_by(contact_id=first).one()
    link.merged_into = crowd.ids[1]
    db.session.commit()
    assert items_of(undone(world, run))[first].reason is Reason.GONE
    assert of_crm(world, first, "last_name") == "Directeur"


def test_the_brake_asks_for_the_number(world: World) -> None:
    crowd = gather(world, 51)
    crowd.change(0, 51, city="Rotterdam")
    row = asked(world, mapped(world, city="city"))
    with pytest.raises(Braked):
        saved(world, row)
    db.session.rollback()
    back = finish(saved(world, row, 51))
    assert (back.updated, back.may_empty, back.emptied) == (51, 51, 51)
    assert "city" not in of_spotler(world, crowd.ids[0])


@pytest.mark.parametrize("state", [RunState.OPEN, RunState.HALTED])
def test_what_is_under_way_cannot_be_taken_back(
    world: World, crowd: Crowd, state: RunState
) -> None:
    run = mapped(world, city="city")
    run.state = state
    db.session.commit()
    assert request_undo(world.environment, run.id, ALICE) is None


@pytest.mark.parametrize("what", ["tried again", "another account", "put back from a copy"])
def test_what_changed_after_it_was_shown_is_not_agreed_with(
    world: World, crowd: Crowd, what: str
) -> None:
    run = mapped(world, city="city")
    row = asked(world, run)
    if what == "tried again":
        run.state = RunState.OPEN
    elif what == "another account":
        world.environment.account_since = datetime.now(UTC)
        world.environment.mapping_version += 1
    else:
        world.environment.restored_at = datetime.now(UTC)
    db.session.commit()
    with pytest.raises(Stale if what == "put back from a copy" else NotReady):
        saved(world, row, 4)


def test_what_a_person_saved_is_taken_back_too(world: World, crowd: Crowd) -> None:
    first = crowd.ids[0]
    before = of_spotler(world, first)
    crowd.change(0, 1, first_name="Zoë")
    run_id = world.ask(first, {MONTHLY: True})
    world.work(run_id)
    assert of_spotler(world, first)["on"] == {MONTHLY}
    run = db.session.get_one(Run, run_id)
    assert (run.kind, undone(world, run).updated) == (RunKind.CONTACT, 1)
    assert of_spotler(world, first) == before


def test_only_whom_the_run_wrote_is_in_it(world: World, crowd: Crowd) -> None:
    """Not who was unchanged, blocked or refused; and who is refused by the undo is told."""
    crowd.change(0, 3, first_name="Anders")
    crowd.change(1, 2, email=None)
    run = mapped(world, RunKind.SYNC)
    assert (run.updated, run.unchanged, run.blocked) == (2, 3, 1)
    world.control("POST", f"/contacts/{crowd.ids[2]}/opt-out")
    back = undone(world, run)
    assert (back.selected, back.updated, back.blocked) == (2, 1, 1)
    assert items_of(back)[crowd.ids[2]].reason is Reason.INACTIVE
    assert world.first_name(crowd.ids[0]) == "Persoon 0"


def test_nothing_to_take_back(world: World, crowd: Crowd) -> None:
    mapped(world, RunKind.SYNC)
    run = mapped(world, RunKind.SYNC)
    assert run.unchanged == 6
    assert request_undo(world.environment, run.id, ALICE) is None


def test_an_entry_that_was_called_otherwise_then_does_not_go_on(world: World, crowd: Crowd) -> None:
    """Spotler may have given its bit to another one."""
    first = crowd.ids[0]
    planted = {"externalId": first, "sets": {"profileFields": [WEBINARS]}}
    world.control("POST", "/contacts", contacts=[planted])
    read_feed(world)
    run = mapped(world, keywords="profileFields")
    assert on_in(of_spotler(world, first)["profileFields"]) == {EVENTS}
    named = [{"bit": EVENTS, "description": "Beurs"}, {"bit": WEBINARS, "description": "Golf"}]
    world.control("PUT", "/properties/profileFields", entries=named)
    item = items_of(undone(world, run))[first]
    assert not on_in(of_spotler(world, first)["profileFields"]), "what the run put on goes off"
    told = Refusal("Interesses", "profileFields", Reason.ENTRY_RENAMED, ("Golf",))
    assert item.detail is not None and item.detail.refusals == (told,)
