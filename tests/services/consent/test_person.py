"""A sign-off belongs to the person: another id with the same address lifts nothing."""

from __future__ import annotations

from uuid import uuid4

import pytest
from sqlalchemy import select

from spotler_plugin.extensions import db
from spotler_plugin.models import Act, Environment, Link, Outcome, RunItem, RunKind, Source
from spotler_plugin.planning.reason import Reason
from spotler_plugin.services.consent.acts import record_acts
from spotler_plugin.services.consent.person import same_person
from spotler_plugin.services.consent.setting import choose_again
from spotler_plugin.services.consent.sign_off import last_sign_offs
from spotler_plugin.services.run.create import create_run
from tests.world.crowd import read_feed
from tests.world.world import MONTHLY, World

ADDRESS = "samen@example.nl"


def in_bulk(world: World, contact_id: str) -> RunItem:
    """A bulk mutation switches it on, for this contact and another one."""
    ids = [contact_id, world.person("zoe@example.nl")]
    made, _ = create_run(
        world.environment.id,
        ids,
        kind=RunKind.BULK,
        source=Source.BULK,
        actor=None,
        request_token=uuid4(),
    )
    for each in ids:
        record_acts(made, each, {MONTHLY: True})
    db.session.commit()
    world.work(made.id)
    query = select(RunItem).where(RunItem.run_id == made.id, RunItem.contact_id == contact_id)
    return db.session.scalars(query).one()


def is_on(world: World, contact_id: str) -> bool:
    found = world.in_spotler(contact_id)
    assert found is not None
    return found.permissions[MONTHLY]


def signed_off(world: World) -> str:
    """A contact of the CRM that had it on, and signed off."""
    first = world.person(ADDRESS, first_name="Anna")
    world.save(first, {MONTHLY: True})
    read_feed(world)
    world.sign_off(first, MONTHLY)
    read_feed(world)
    return first


def test_who_takes_the_address_over_is_still_signed_off(world: World) -> None:
    first = signed_off(world)
    world.crm.data.contacts.delete(first, silent=True)
    second = world.person(ADDRESS, first_name="Bram")
    assert world.save(second).reason is Reason.ADDRESS_DOUBLED
    assert world.save(second, take_over=True).outcome is Outcome.LINKED
    read_feed(world)

    item = in_bulk(world, second)
    assert (item.outcome, item.reason) == (Outcome.BLOCKED, Reason.SIGNED_OFF_BEFORE)
    assert not is_on(world, second)
    seen = (Act.source == Source.SPOTLER, Act.bit == MONTHLY)
    contacts = db.session.scalars(select(Act.contact_id).where(*seen))
    assert set(contacts) == {first}, "the acts stay where they are"


def test_the_newest_sign_off_is_told(world: World) -> None:
    first = signed_off(world)
    world.control("POST", f"/contacts/{first}/permissions", bit=MONTHLY, enabled=True)
    read_feed(world)
    assert last_sign_offs(world.environment.id, {first: ()}) == {}
    for _ in range(2):
        world.sign_off(first, MONTHLY)
        read_feed(world)
    world.save(first, {MONTHLY: False})
    found = last_sign_offs(world.environment.id, {first: ()})
    newest = db.session.scalars(select(Act).order_by(Act.id.desc()).limit(1)).one()
    assert {key: act.id for key, act in found.items()} == {(first, MONTHLY): newest.id}


def test_so_is_who_takes_it_over_from_an_id_that_is_not_of_the_crm(world: World) -> None:
    there = {"externalId": "elders", "email": ADDRESS, "permissions": [MONTHLY]}
    world.control("POST", "/contacts", contacts=[there])
    read_feed(world)
    world.sign_off("elders", MONTHLY)
    read_feed(world)
    second = world.person(ADDRESS)
    assert world.save(second, take_over=True).outcome is Outcome.LINKED
    read_feed(world)
    assert in_bulk(world, second).reason is Reason.SIGNED_OFF_BEFORE
    assert not is_on(world, second)


def test_a_second_id_in_spotler_is_the_same_person(world: World) -> None:
    """Two contacts there with one address, as accounts may have them; one of them signed off."""
    second = world.person(ADDRESS)
    world.save(second)
    there = {"externalId": "elders", "email": ADDRESS, "permissions": [MONTHLY]}
    world.control("POST", "/contacts", contacts=[there])
    read_feed(world)
    world.sign_off("elders", MONTHLY)
    read_feed(world)
    assert in_bulk(world, second).reason is Reason.SIGNED_OFF_BEFORE
    assert not is_on(world, second)


def test_a_person_who_looks_at_the_contact_may(world: World) -> None:
    signed_off(world)
    second = world.person(ADDRESS, first_name="Bram")
    assert world.save(second, {MONTHLY: True}, take_over=True).outcome is Outcome.LINKED
    assert not is_on(world, second), "nobody allows it"
    choose_again(world.environment.id, allowed=True)
    assert world.save(second, {MONTHLY: True}).reason is Reason.NOT_AGAIN, "without a ground"
    world.save(second, {MONTHLY: True}, grounds={MONTHLY: "verzoek van de contactpersoon"})
    assert is_on(world, second)
    assert in_bulk(world, second).outcome is Outcome.UNCHANGED


def test_a_changed_address_brings_its_history(world: World) -> None:
    signed_off(world)
    directory = world.sandbox.state.account.directory
    directory.remove(next(iter(directory.by_email(ADDRESS))))
    jan = world.person("jan@example.nl")
    world.save(jan)
    world.crm.data.contacts.change(jan, {"email": ADDRESS}, silent=True)
    assert world.save(jan, take_over=True).outcome is Outcome.UPDATED
    assert in_bulk(world, jan).reason is Reason.SIGNED_OFF_BEFORE


@pytest.mark.parametrize("address", [ADDRESS, "SAMEN@example.nl"])
def test_it_is_told_by_links_and_mirror_within_one_environment(
    environment: Environment, other_environment: Environment, address: str
) -> None:
    for owner, id_ in ((environment, "c-1"), (environment, "c-2"), (other_environment, "c-3")):
        db.session.add(Link(environment_id=owner.id, contact_id=id_, address=ADDRESS))
    db.session.commit()
    found = same_person(
        environment.id, {"c-1": {address}, "c-9": {"x@example.nl", address}, "c-8": ()}
    )
    ids = {id_: {each.contact_id for each in kin} for id_, kin in found.items()}
    assert ids == {"c-1": {"c-2"}, "c-9": {"c-1", "c-2"}, "c-8": set()}
