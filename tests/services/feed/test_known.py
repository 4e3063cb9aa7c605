"""Whom Spotler knew by the CRM's ids before we came: linked from then on, and nothing is sent."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from spotler_plugin.extensions import db
from spotler_plugin.jobs import feed as jobs
from spotler_plugin.models import Act, Link, Outcome, RunKind, Source
from spotler_plugin.planning.reason import Reason
from spotler_plugin.services.contact.known import Known, count_known, page_of_others
from spotler_plugin.services.contact.view import refresh_contact
from spotler_plugin.services.feed import known
from spotler_plugin.services.feed.follow import follow_feed
from spotler_plugin.services.feed.known import find_known
from spotler_plugin.services.feed.sought import seek
from spotler_plugin.services.feed.state import find_feed
from spotler_plugin.services.link.status import Status
from tests.world.crowd import Crowd, read_feed, work
from tests.world.world import MONTHLY, World

SEEDED = 4
"""Contacts whose address the sandbox has from its beginning."""


def plant(world: World, contact_id: str, email: str | None, **more: object) -> None:
    """An earlier connector wrote so into Spotler."""
    world.control("POST", "/contacts", contacts=[{"externalId": contact_id, "email": email} | more])


def look(world: World) -> None:
    read_feed(world)
    while find_known(world.environment.id) or seek(world.environment.id):
        pass


def linked(world: World) -> set[str]:
    db.session.expire_all()
    return set(db.session.scalars(select(Link.contact_id).where(Link.linked_at.is_not(None))))


def writes(world: World) -> list[object]:
    return [call for call in world.calls("*") if call["method"] != "GET"]


def test_who_has_the_id_and_the_address_is_linked_and_nothing_is_sent(world: World) -> None:
    same, other, stopped, absent = (
        world.person(f"{name}@example.nl") for name in ("same", "other", "stopped", "absent")
    )
    world.crm.data.contacts.change(stopped, {}, silent=True, active=False)
    plant(world, same, "Same@Example.nl", permissions=[MONTHLY])
    plant(world, other, "vroeger@example.nl", properties={"lastName": "Vroeger"})
    plant(world, stopped, "stopped@example.nl")
    plant(world, "not-in-the-crm", "elders@example.nl")
    plant(world, "with, a comma", "komma@example.nl")
    world.control("DELETE", "/calls")
    assert count_known(world.environment.id).is_looking
    look(world)

    assert linked(world) == {same}
    assert count_known(world.environment.id) == Known(1, 1, is_looking=False, there=SEEDED)
    acts = select(Act).where(Act.source != Source.SPOTLER)
    assert writes(world) == [] and db.session.scalars(acts).all() == []
    standing = world.status(same)
    assert (standing.status, standing.permissions_on) == (Status.SYNCED, 1)
    assert world.status(absent).status is Status.NOT_SYNCED
    [shown] = page_of_others(world.environment.id, 1).rows
    assert (shown.contact_id, shown.name, shown.address) == (other, "Vroeger", "vroeger@example.nl")

    # "Alle gekoppelde contactpersonen" has them, and only them.
    world.crm.data.contacts.change(same, {"first_name": "Nieuw", "phone": None}, silent=True)
    run = work(Crowd(world, []).ask(RunKind.SYNC))
    assert (run.selected, run.updated) == (1, 1)
    assert world.first_name(same) == "Nieuw"
    found = world.in_spotler(same)
    assert found is not None and found.permissions[MONTHLY], "as it was"
    assert count_known(world.environment.id).linked == 0, "now it was written"


def test_the_first_write_empties_nothing(world: World) -> None:
    known_id = world.person("zij@example.nl", phone=None)
    plant(world, known_id, "zij@example.nl", properties={"phoneNumber": "0101234567"})
    look(world)
    run = work(Crowd(world, []).ask(RunKind.SYNC))
    assert run.updated == 1
    found = world.in_spotler(known_id)
    assert found is not None and found.properties["phoneNumber"] == "0101234567"


def test_another_address_is_for_a_person_to_decide(world: World) -> None:
    contact_id = world.person("nieuw@example.nl")
    plant(world, contact_id, "oud@example.nl")
    look(world)
    # Neither the feed nor a look at the contact ties what may be somebody else.
    world.control("POST", f"/contacts/{contact_id}/permissions", bit=MONTHLY, enabled=True)
    follow_feed(world.environment.id)
    assert refresh_contact(world.environment, contact_id).contact.status.status is Status.NOT_SYNCED
    assert linked(world) == set()
    view = world.save(contact_id)
    assert (view.outcome, view.reason) == (Outcome.BLOCKED, Reason.ID_OF_ANOTHER)
    assert view.detail.address == "oud@example.nl"
    assert world.save(contact_id, take_over=True).outcome is Outcome.UPDATED
    found = world.in_spotler(contact_id)
    assert found is not None and found.email == "nieuw@example.nl"
    assert linked(world) == {contact_id}
    assert count_known(world.environment.id) == Known(0, 0, is_looking=False, there=SEEDED)


def test_of_two_with_one_address_one_is_linked(world: World) -> None:
    ours = world.person("een@example.nl", last_name="Eerst")
    assert world.save(ours).outcome is Outcome.LINKED
    twin = world.person("een@example.nl", last_name="Tweede")
    plant(world, twin, "een@example.nl")
    pair = [world.person("twee@example.nl", last_name=name) for name in ("Een", "Twee")]
    for contact_id in pair:
        plant(world, contact_id, "twee@example.nl")
    look(world)
    assert linked(world) - {ours} <= set(pair) and len(linked(world)) == 2


def test_who_left_the_crm_is_not_tied_again(world: World) -> None:
    gone = world.person("weg@example.nl")
    plant(world, gone, "weg@example.nl")
    link = Link(environment_id=world.environment.id, contact_id=gone, merged_into="other")
    db.session.add(link)
    db.session.commit()
    look(world)
    assert linked(world) == set()


def test_it_goes_on_where_it_was_and_waits_for_the_crm(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = [world.person(f"persoon{n}@example.nl") for n in range(5)]
    for number, contact_id in enumerate(ids):
        plant(world, contact_id, f"persoon{number}@example.nl")
    read_feed(world)
    monkeypatch.setattr(known, "MAX_CONTACTS", 2)
    address = world.environment.crm_api
    world.environment.crm_api = "http://127.0.0.1:9/api"
    db.session.commit()
    jobs.look_who_is_known(world.environment.id)
    row = find_feed(world.environment.id)
    assert row is not None and (row.lease, row.known_at, row.error) == (None, None, None)
    world.environment.crm_api = address
    db.session.commit()
    monkeypatch.setattr(known, "TURN_SECONDS", 0.0)
    look(world)
    assert linked(world) == set(ids)
    assert not find_known(world.environment.id), "once"
