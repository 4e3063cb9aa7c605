"""A changed address lands on nobody else, for one and for many; the strictest record wins."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import pytest

from spotler_plugin.extensions import db
from spotler_plugin.models import Link, Outcome, RunItem, RunKind, Whom
from spotler_plugin.planning.reason import Reason
from spotler_plugin.services.contact.view import refresh_contact
from spotler_plugin.services.link.status import Status
from spotler_plugin.services.mirror.read import find_mirrored
from spotler_plugin.services.run.create import create_run_for
from tests.world.accounts import ALICE
from tests.world.crowd import read_feed, work
from tests.world.world import MONTHLY, QUARTERLY, World


def plant(world: World, *contacts: dict[str, Any]) -> None:
    """Straight into Spotler, whatever it has."""
    world.control("POST", "/contacts", contacts=list(contacts))


def jan_and(world: World, *others: dict[str, Any]) -> str:
    """Linked with a permission on; his address in the CRM becomes weg@, which others have."""
    jan = world.person("jan@example.nl")
    world.save(jan, {MONTHLY: True})
    plant(world, *({"email": "weg@example.nl"} | other for other in others))
    world.crm.data.contacts.change(jan, {"email": "weg@example.nl"}, silent=True)
    return jan


def synchronise(world: World) -> UUID:
    """All linked contacts; another one goes along, so that it is many."""
    world.save(world.person("zoe@example.nl"))
    made = create_run_for(
        world.environment, Whom.LINKED, kind=RunKind.SYNC, actor=ALICE, request_token=uuid4()
    )
    db.session.commit()
    return work(made.id).id


def carried_out(world: World, jan: str, how: str) -> RunItem:
    """Opslaan, or a synchronisation by a mirror that is complete, or by one that is not."""
    if how == "mirror":
        read_feed(world)
    run_id = world.ask(jan) if how == "single" else synchronise(world)
    if how == "single":
        world.work(run_id)
    query = db.select(RunItem).where(RunItem.run_id == run_id, RunItem.contact_id == jan)
    item: RunItem = db.session.scalars(query).one()
    return item


HOWS = pytest.mark.parametrize("how", ["single", "mirror", "asked"])
AWAY = {"externalId": "weg", "standing": "opt_out"}
OTHERS = [
    ([AWAY], Reason.INACTIVE),
    ([{"standing": "opt_out"}], Reason.INACTIVE),
    ([{"permissions": [MONTHLY]}, {"standing": "opt_out"}], Reason.INACTIVE),
    ([{"externalId": "weg", "permissions": [MONTHLY]}], Reason.ADDRESS_OF_ANOTHER),
    ([{"permissions": []}], Reason.ADDRESS_OF_ANOTHER),
]


@HOWS
@pytest.mark.parametrize(("others", "reason"), OTHERS)
def test_a_changed_address_lands_on_nobody(
    world: World, how: str, others: list[dict[str, Any]], reason: Reason
) -> None:
    jan = jan_and(world, *others)
    item = carried_out(world, jan, how)
    assert (item.outcome, item.reason) == (Outcome.BLOCKED, reason)
    found = world.in_spotler(jan)
    assert found is not None and found.email == "jan@example.nl" and found.active
    having = world.spotler.contacts.search("email", "weg@example.nl")
    assert len(having) == len(others), "nobody is active beside it"


def test_why_is_told_and_stays_until_the_address_changes(world: World) -> None:
    jan = jan_and(world, AWAY)
    item = carried_out(world, jan, "single")
    assert item.detail is not None and item.detail.address == "weg@example.nl"
    assert item.detail.holder == "weg"
    assert find_mirrored(world.environment.id, [jan])[jan].active, "it is not jan's own record"
    read_feed(world)
    refresh_contact(world.environment, jan)
    standing = world.status(jan)
    assert (standing.status, standing.opted_out) == (Status.ERROR, False), "it has its old address"
    world.crm.data.contacts.change(jan, {"email": "jan@nieuw.nl"}, silent=True)
    assert world.save(jan).outcome is Outcome.UPDATED
    assert world.status(jan).status is Status.SYNCED


@HOWS
def test_a_free_address_is_simply_taken(world: World, how: str) -> None:
    jan = jan_and(world)
    assert carried_out(world, jan, how).outcome is Outcome.UPDATED
    found = world.in_spotler(jan)
    assert found is not None and found.email == "weg@example.nl"


@HOWS
def test_nobodys_record_with_nothing_off_is_no_obstacle(world: World, how: str) -> None:
    jan = jan_and(world, {"permissions": [MONTHLY]})
    assert carried_out(world, jan, how).outcome is Outcome.UPDATED


def test_the_person_decides_and_what_was_off_there_is_off(world: World) -> None:
    jan = jan_and(world, {"externalId": "weg"})
    assert world.save(jan).reason is Reason.ADDRESS_OF_ANOTHER
    assert world.save(jan, take_over=True).outcome is Outcome.UPDATED
    found = world.in_spotler(jan)
    assert found is not None and found.email == "weg@example.nl"
    assert not found.permissions[MONTHLY]


def test_nobody_decides_about_an_opt_out(world: World) -> None:
    jan = jan_and(world, AWAY)
    view = world.save(jan, {MONTHLY: True}, take_over=True)
    assert (view.outcome, view.reason) == (Outcome.BLOCKED, Reason.INACTIVE)


def test_who_keeps_an_address_after_all_is_not_mixed_up(world: World) -> None:
    """weg@ is linked and opted out; it wants another address, which is not written either."""
    jan, weg = jan_and(world), world.person("weg@example.nl", last_name="Weg")
    world.save(weg)
    world.control("POST", f"/contacts/{weg}/opt-out")
    read_feed(world)
    world.crm.data.contacts.change(weg, {"email": "elders@example.nl"}, silent=True)
    item = carried_out(world, jan, "mirror")
    assert (item.outcome, item.reason) == (Outcome.BLOCKED, Reason.INACTIVE)
    rows = db.session.execute(db.select(Link.contact_id, Link.linked_at)).all()
    assert all(linked_at for _, linked_at in rows)


ACTIVE_AND_AWAY = [{"permissions": [MONTHLY]}, {"standing": "opt_out"}]


@pytest.mark.parametrize("several", [ACTIVE_AND_AWAY, ACTIVE_AND_AWAY[::-1]])
def test_of_two_records_with_one_address_no_order_decides(
    world: World, several: list[dict[str, Any]]
) -> None:
    plant(world, *({"email": "dubbel@example.nl"} | each for each in several))
    person = world.person("dubbel@example.nl")
    assert world.save(person, {MONTHLY: True}).reason is Reason.INACTIVE
    refresh_contact(world.environment, person)
    assert world.status(person).status is Status.INACTIVE
    assert world.calls("POST") == world.calls("PUT") == []


def test_a_second_record_that_is_opted_out_keeps_a_linked_contact_off(world: World) -> None:
    zoe = world.person("zoe@example.nl")
    world.save(zoe, {QUARTERLY: True})
    plant(world, {"email": "zoe@example.nl", "standing": "opt_out"})
    read_feed(world)
    view = world.save(zoe, {MONTHLY: True, QUARTERLY: False})
    assert (view.outcome, view.detail.signed_off) == (Outcome.UPDATED, (MONTHLY,))
    found = world.in_spotler(zoe)
    assert found is not None and not found.permissions[MONTHLY]
    assert not found.permissions[QUARTERLY], "what is to go off does"
