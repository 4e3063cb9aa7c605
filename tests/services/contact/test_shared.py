"""Several contacts with one address: a person says whose it is, and is not asked twice."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import select

from spotler_plugin.extensions import db
from spotler_plugin.models import IN_STEP, AddressAct, MirrorContact, Outcome
from spotler_plugin.planning.adjustment import Adjustment
from spotler_plugin.planning.reason import Reason
from spotler_plugin.services.contact.shared import Shared, find_shared, leave_address
from spotler_plugin.services.contact.view import refresh_contact
from spotler_plugin.spotler import ContactWrite
from tests.world.accounts import ALICE
from tests.world.mutation import foreseen, item_of, mutate
from tests.world.world import MONTHLY, World

INFO = "samen@example.nl"


def shared(world: World, contact_id: str) -> Shared:
    found = refresh_contact(world.environment, contact_id).contact.shared
    assert found is not None
    return found


def test_the_others_are_named_before_anything_is_saved(world: World) -> None:
    anna = world.person(INFO, first_name="Anna")
    bram = world.person(INFO, first_name="Bram")
    assert refresh_contact(world.environment, anna).contact.shared is None
    world.save(anna, {MONTHLY: True})
    seen = shared(world, bram)
    [other] = seen.others
    assert (other.contact_id, other.is_linked, other.is_in_crm) == (anna, True, True)
    assert other.name is not None and other.name.startswith("Anna")
    assert seen.holder == other and seen.owner is None and not seen.is_settled


def test_it_is_the_other_ones(world: World) -> None:
    anna = world.person(INFO, first_name="Anna")
    bram = world.person(INFO, first_name="Bram")
    world.save(anna)
    shared(world, bram)
    assert leave_address(world.environment.id, bram, anna, ALICE)
    said = len(db.session.scalars(select(AddressAct)).all())
    assert leave_address(world.environment.id, bram, anna, ALICE), "pressed twice"
    assert len(db.session.scalars(select(AddressAct)).all()) == said > 0
    db.session.commit()
    seen = shared(world, bram)
    assert seen.owner is not None and seen.owner.contact_id == anna
    assert (seen.by, shared(world, anna).is_settled) == (ALICE.name, True)
    assert world.save(bram).reason is Reason.ADDRESS_LEFT, "nothing moves by itself"
    assert not leave_address(world.environment.id, bram, "somebody", ALICE)


def test_it_is_this_ones(world: World) -> None:
    anna = world.person(INFO, first_name="Anna")
    bram = world.person(INFO, first_name="Bram")
    world.save(anna, {MONTHLY: True})
    assert world.save(bram, take_over=True).outcome is Outcome.LINKED
    acts = db.session.scalars(select(AddressAct).order_by(AddressAct.id)).all()
    assert {(act.contact_id, act.owner_id) for act in acts} == {(anna, bram), (bram, bram)}
    assert {act.actor_name for act in acts} == {ALICE.name}
    assert shared(world, bram).is_settled
    lost = shared(world, anna)
    assert lost.owner is not None and lost.owner.contact_id == bram
    assert world.in_spotler(anna) is None and world.in_spotler(bram) is not None


def test_who_has_another_address_by_now_does_not_share_it(world: World) -> None:
    anna = world.person(INFO, first_name="Anna")
    bram = world.person(INFO, first_name="Bram")
    world.save(anna)
    world.save(bram)
    world.crm.data.contacts.change(bram, {"email": "bram@example.nl"}, silent=True)
    assert refresh_contact(world.environment, anna).contact.shared is None
    assert find_shared(world.environment.id, anna, INFO) is not None, "until the CRM is asked"


def test_many_go_by_what_a_person_said(world: World) -> None:
    anna = world.person(INFO, first_name="Anna")
    bram = world.person(INFO, first_name="Bram")
    world.save(anna, {MONTHLY: True})
    world.save(bram, take_over=True)
    plan = foreseen(world, [anna, bram], Adjustment())
    assert plan.tally is not None
    run = mutate(world, [anna, bram], Adjustment())
    world.work(run.id)
    assert item_of(run, anna).reason is Reason.ADDRESS_LEFT
    assert item_of(run, bram).outcome in IN_STEP

    # Somebody gives the contact the other number again, in Spotler.
    world.spotler.contacts.save(ContactWrite(external_id=anna, properties={"email": INFO}))
    assert world.in_spotler(bram) is None
    run = mutate(world, [bram], Adjustment())
    world.work(run.id)
    assert item_of(run, bram).outcome is Outcome.LINKED
    assert world.in_spotler(anna) is None and world.in_spotler(bram) is not None

    third = world.person(INFO, first_name="Cato")
    refresh_contact(world.environment, third)
    world.spotler.contacts.save(ContactWrite(external_id=third, properties={"email": INFO}))
    run = mutate(world, [bram], Adjustment())
    world.work(run.id)
    assert item_of(run, bram).reason is Reason.ADDRESS_OF_ANOTHER, "of this one nobody said so"


def test_who_moved_away_in_spotler_stands_in_nobodys_way(world: World) -> None:
    bram = world.person(INFO, first_name="Bram")
    moved = ContactWrite(external_id="moved", properties={"email": "elders@example.nl"})
    world.spotler.contacts.save(moved)
    known = {"active": False, "permissions": {}, "properties": {"email": INFO}, "address": INFO}
    owner = {"environment_id": world.environment.id, "observed_at": datetime.now(UTC)}
    db.session.add(MirrorContact(**owner, **known, external_id="moved"))
    db.session.commit()
    assert world.save(bram, {MONTHLY: True}).outcome is Outcome.LINKED

    cato = world.person("cato@example.nl", first_name="Cato")
    known |= {"active": True, "address": "cato@example.nl"}
    db.session.add(MirrorContact(**owner, **known, external_id="gone"))
    db.session.commit()
    assert find_shared(world.environment.id, cato, "cato@example.nl") is not None
    assert refresh_contact(world.environment, cato).contact.shared is None
