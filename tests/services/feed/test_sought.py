"""Whose address Spotler had before we came: noted, and linked by a person's run only."""

from __future__ import annotations

from uuid import UUID

import pytest
from sqlalchemy import delete, insert, select

from demo.crm.faults import Fault
from spotler_plugin.extensions import db
from spotler_plugin.models import Field, Link, RunKind
from spotler_plugin.services.contact.known import count_known
from spotler_plugin.services.feed import sought
from spotler_plugin.services.feed.known import find_known
from spotler_plugin.services.feed.sought import seek
from spotler_plugin.services.feed.state import find_feed
from spotler_plugin.services.first_day import beginning_of, preview_linking
from spotler_plugin.services.preview.approve import confirm_preview
from spotler_plugin.services.preview.compute import advance_preview
from spotler_plugin.services.preview.request import find_preview, tally_of
from tests.services.retention.test_retention import night
from tests.world.accounts import ALICE
from tests.world.crowd import read_feed, work
from tests.world.world import MONTHLY, World


def look(world: World) -> None:
    """As on the first day: by id, then by address."""
    read_feed(world)
    while find_known(world.environment.id) or seek(world.environment.id):
        pass


def plan(world: World) -> UUID:
    made = preview_linking(world.environment, ALICE)
    assert made is not None
    db.session.commit()
    while advance_preview(world.environment.id, made.id):
        pass
    return made.id


@pytest.fixture
def people(world: World) -> dict[str, str]:
    """By name; all but the last one are in Spotler by their address."""
    people = {
        name: world.person(f"{name}@example.nl", last_name=name.title())
        for name in ("known", "elsewhere", "left", "absent")
    }
    planted = [
        {"email": "Known@Example.nl", "permissions": [MONTHLY]},
        {"email": "elsewhere@example.nl", "externalId": "of-a-webshop"},
        {"email": "left@example.nl", "standing": "opt_out"},
        {"email": "nobody@example.nl"},
    ]
    world.control("POST", "/contacts", contacts=planted)
    return people


def test_they_are_counted_planned_and_linked(world: World, people: dict[str, str]) -> None:
    before = count_known(world.environment.id)
    assert before.is_looking and before.all == 0
    world.control("DELETE", "/calls")
    look(world)
    known = count_known(world.environment.id)
    seeded = 4
    assert (known.there, known.linked, known.is_looking) == (3 + seeded, 0, False)
    assert [call for call in world.calls("*") if call["method"] != "GET"] == []
    linked = select(Link.id).where(Link.linked_at.is_not(None))
    assert db.session.scalars(linked).all() == [], "nobody is tied by being looked for"

    preview_id = plan(world)
    row = find_preview(world.environment.id, preview_id)
    assert row is not None and row.kind is RunKind.LINK
    tally = tally_of(row)
    assert (tally.linked, tally.blocked) == (2, 5)
    assert {"inactive", "address_of_another"} <= tally.blocked_by.keys()

    assert beginning_of(world.environment).is_first_day
    run_id = confirm_preview(world.environment, preview_id, ALICE, None)
    db.session.commit()
    run = work(run_id)
    assert (run.linked, run.blocked) == (tally.linked, tally.blocked)
    assert not beginning_of(world.environment).is_first_day
    found = world.in_spotler(people["known"])
    assert found is not None and found.properties["lastName"] == "Known"
    assert found.permissions[MONTHLY], "as it was"
    assert world.in_spotler(people["absent"]) is None
    assert count_known(world.environment.id).there == 0


def test_nobody_is_sought_before_the_fields_of_the_crm_are_known(
    world: World, people: dict[str, str]
) -> None:
    """Without them nobody has an address, and nobody would be found."""
    kept = [each.__dict__.copy() for each in db.session.scalars(select(Field))]
    db.session.execute(delete(Field))
    db.session.commit()
    look(world)
    known = count_known(world.environment.id)
    assert known.is_looking and known.all == 0
    names = Field.__table__.columns.keys()
    db.session.execute(insert(Field), [{name: row[name] for name in names} for row in kept])
    db.session.commit()
    look(world)
    assert count_known(world.environment.id).there == 3 + 4


def test_a_night_takes_nothing_of_who_is_there(world: World, people: dict[str, str]) -> None:
    """Nothing was written to them yet, so nothing but the address says who they are."""
    stranger = people["absent"]
    world.control("POST", "/contacts", contacts=[{"externalId": stranger, "email": "x@example.nl"}])
    look(world)
    found = count_known(world.environment.id)
    assert found.there and found.others == 1
    night(world.environment)
    assert count_known(world.environment.id) == found
    world.control("POST", "/contacts", contacts=[{"externalId": stranger, "email": "y@example.nl"}])
    read_feed(world)
    link = db.session.scalars(select(Link).where(Link.contact_id == stranger)).one()
    assert link.linked_at is None, "its id in Spotler is still another one's"


def test_it_goes_on_where_it_was(
    world: World, people: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    read_feed(world)
    while find_known(world.environment.id):
        pass
    world.crm.data.faults.add(Fault("500", path="/contacts"))
    assert not seek(world.environment.id), "the CRM is away"
    row = find_feed(world.environment.id)
    assert row is not None and row.sought_at is None
    world.crm.data.faults.clear()
    monkeypatch.setattr(sought, "TURN_SECONDS", 0.0)
    while seek(world.environment.id):
        pass
    assert count_known(world.environment.id).there > 0
    assert not seek(world.environment.id), "once"
