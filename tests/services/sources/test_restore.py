"""A backup is put back: each value to the letter, nobody on who was off, nobody filled again."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from spotler_plugin.extensions import db
from spotler_plugin.models import (
    Act,
    Backup,
    BackupCause,
    BackupState,
    Environment,
    Link,
    Preview,
    PreviewState,
    Run,
    RunKind,
)
from spotler_plugin.planning.adjustment import Adjustment, Switch
from spotler_plugin.planning.reason import Reason
from spotler_plugin.planning.restore.order import Restore
from spotler_plugin.planning.values.sets import on_in
from spotler_plugin.services.backup.request import request_backup
from spotler_plugin.services.capture import advance_backup
from spotler_plugin.services.catalogue.permissions import listed_permissions
from spotler_plugin.services.preview.approve import NotReady
from spotler_plugin.services.preview.request import tally_of
from spotler_plugin.services.preview.restore import find_restorable, legend_for, request_restore
from tests.world.accounts import ALICE
from tests.world.crowd import Crowd, a_while_ago, read_feed
from tests.world.mutation import finish, mutate, saved, worked_out
from tests.world.undo import items_of, mapped, of_spotler, undone
from tests.world.world import MONTHLY, QUARTERLY, World

pytestmark = pytest.mark.people(6)

EVENTS, NEWS = 1, 4
ODD: dict[str, Any] = {
    "city": " ’s-Hertogenbosch ",
    "postalCode": "3011AB",
    "birthday": "1980-02-29",
    "phoneNumber": "010 1234567",
    "mobileNumber": "0612345678",
    "functie": "=1+1",
    "aantalMedewerkers": 7,
    "jaaromzet": "1234.50",
}


def backed_up(world: World) -> Backup:
    row = request_backup(world.environment.id, BackupCause.PERSON, ALICE)
    db.session.commit()
    while advance_backup(world.environment.id, row.id):
        pass
    db.session.refresh(row)
    assert row.state is BackupState.COMPLETE
    return row


def order(backup: Backup, *names: str, **options: Any) -> Restore:
    every = tuple(each.name for each in legend_for(backup).columns)
    return Restore(names or every, **options)


def asked(world: World, backup: Backup, what: Restore | None = None) -> Preview:
    assert find_restorable(world.environment, backup.id) is not None
    row = request_restore(world.environment, backup, what or order(backup), ALICE)
    db.session.commit()
    row = worked_out(row)
    assert row.state is PreviewState.READY
    return row


def restored(world: World, backup: Backup, what: Restore | None = None) -> Run:
    row = asked(world, backup, what)
    return finish(saved(world, row, tally_of(row).emptied))


@pytest.fixture
def crowd(crowd: Crowd) -> Crowd:
    """Six with values of all kinds, of whom two are on two lists."""
    world = crowd.world
    planted = [
        {"externalId": id_, "properties": ODD, "sets": {"profileFields": [EVENTS]}}
        for id_ in crowd.ids[:4]
    ]
    world.control("POST", "/contacts", contacts=planted)
    for id_ in crowd.ids[:2]:
        world.save(id_, {MONTHLY: True, QUARTERLY: True})
    read_feed(world)
    return crowd


def overwritten(world: World, crowd: Crowd) -> None:
    """A changed mapping and a bulk mutation."""
    crowd.change(0, 6, city="Delft", postcode="3011 AB", phone=None, keywords=["Nieuws"])
    mapped(world, city="city", postcode="postalCode", keywords="profileFields")
    change = Adjustment(fields={"last_name": "Directeur"}, switches={MONTHLY: Switch(True, "x")})
    finish(mutate(world, crowd.ids, change))
    read_feed(world)


def everything(world: World, crowd: Crowd) -> dict[str, dict[str, Any]]:
    return {id_: of_spotler(world, id_) for id_ in crowd.ids}


def test_each_value_is_what_it_was_to_the_letter(world: World, crowd: Crowd) -> None:
    backup, before = backed_up(world), everything(world, crowd)
    overwritten(world, crowd)
    then = everything(world, crowd)
    assert then != before
    run = restored(world, backup)
    assert (run.kind, run.updated) == (RunKind.RESTORE, 6)
    after = everything(world, crowd)
    assert [each.pop("on") for each in after.values()] == [each["on"] for each in then.values()]
    assert after == {
        id_: {k: v for k, v in each.items() if k != "on"} for id_, each in before.items()
    }
    assert tally_of(asked(world, backup)).updated == 0, "and then there is rest"
    # It is a run as any other, and can be undone.
    undone(world, run)
    assert everything(world, crowd) == then


def test_some_contacts_and_some_properties(world: World, crowd: Crowd) -> None:
    backup = backed_up(world)
    overwritten(world, crowd)
    run = restored(world, backup, order(backup, "city", query="persoon1@"))
    assert (run.selected, run.updated) == (1, 1)
    first, second = (of_spotler(world, id_) for id_ in crowd.ids[:2])
    assert (first["city"], second["city"]) == ("Delft", ODD["city"])
    assert second["lastName"] == "Directeur"


def test_permissions_go_off_where_that_is_chosen_and_never_on(world: World, crowd: Crowd) -> None:
    backup = backed_up(world)
    world.sign_off(crowd.ids[0], QUARTERLY)
    read_feed(world)
    overwritten(world, crowd)
    assert of_spotler(world, crowd.ids[5])["on"] == {MONTHLY}
    run = restored(world, backup, order(backup, switches=True))
    on = [of_spotler(world, id_)["on"] for id_ in crowd.ids]
    assert on == [{MONTHLY}, {MONTHLY, QUARTERLY}, set(), set(), set(), set()]
    acts = db.session.query(Act).filter_by(run_id=run.id).all()
    assert acts and not any(act.enabled for act in acts)
    assert {act.contact_id for act in acts if act.applied_at} == set(crowd.ids[2:])
    # What went off by it nobody signed off; who did stays off.
    every = {MONTHLY: Switch(True, "x"), QUARTERLY: Switch(True, "x")}
    finish(mutate(world, crowd.ids, Adjustment(switches=every)))
    assert of_spotler(world, crowd.ids[0])["on"] == {MONTHLY}
    assert of_spotler(world, crowd.ids[5])["on"] == {MONTHLY, QUARTERLY}


def test_who_is_gone_anonymised_or_new_is_not_filled(world: World, crowd: Crowd) -> None:
    backup = backed_up(world)
    overwritten(world, crowd)
    deleted, anonymised, parted = crowd.ids[:3]
    world.crm.data.contacts.delete(deleted, silent=True)
    wiped = {"externalId": anonymised, "standing": "anonymised", "properties": dict.fromkeys(ODD)}
    world.control("POST", "/contacts", contacts=[wiped])
    link = db.session.query(Link).filter_by(contact_id=parted).one()
    link.deleted_at = datetime.now(UTC)
    new = world.person("nieuw@example.nl")
    world.save(new)
    read_feed(world)
    items = items_of(restored(world, backup))
    assert items[deleted].reason is Reason.GONE and items[parted].reason is Reason.GONE
    assert items[anonymised].reason is Reason.INACTIVE
    assert items[new].reason is Reason.NOT_IN_BACKUP
    found = world.in_spotler(anonymised)
    assert found is None or "city" not in found.properties
    assert of_spotler(world, deleted)["city"] == "Delft"


def test_who_was_linked_since_is_found_by_the_address(world: World) -> None:
    values = {"city": "Gouda", "lastName": "Oud"}
    world.control("POST", "/contacts", contacts=[{"email": "oud@example.nl", "properties": values}])
    read_feed(world)
    backup = backed_up(world)
    zoe = world.person("oud@example.nl")
    world.save(zoe)
    read_feed(world)
    assert of_spotler(world, zoe)["lastName"] == "Bakker"
    assert restored(world, backup).updated == 1
    assert of_spotler(world, zoe)["lastName"] == "Oud"


def test_one_of_another_account_is_not_agreed_with(world: World, crowd: Crowd) -> None:
    backup = backed_up(world)
    row = asked(world, backup)
    world.environment.account_since = datetime.now(UTC)
    world.environment.mapping_version += 1
    db.session.commit()
    with pytest.raises(NotReady):
        saved(world, row)


def test_a_newer_one_stops_an_older_one_of_as_much(world: World, crowd: Crowd) -> None:
    """Else the older might write a contact after the newer."""
    backup = backed_up(world)
    overwritten(world, crowd)
    every = saved(world, asked(world, backup))
    one = saved(world, asked(world, backup, order(backup, "city", contact_id=crowd.ids[0])))
    city = saved(world, asked(world, backup, order(backup, "city")))
    again = saved(world, asked(world, backup))
    for run, is_stopped in ((every, True), (one, True), (city, True), (again, False)):
        db.session.refresh(run)
        assert (run.cancel_asked_at is not None) is is_stopped
    assert (one.selected, finish(again).updated) == (1, 6)
    assert finish(every).cancelled == 6


def test_a_backup_that_is_deleted_meanwhile_changes_nothing(world: World, crowd: Crowd) -> None:
    backup = backed_up(world)
    overwritten(world, crowd)
    row = asked(world, backup)
    run = saved(world, row, tally_of(row).emptied)
    db.session.delete(backup)
    db.session.commit()
    assert finish(run).blocked == 6
    assert {each.reason for each in items_of(run).values()} == {Reason.BACKUP_GONE}


def test_what_cannot_be_put_back(
    world: World, crowd: Crowd, other_environment: Environment
) -> None:
    backup = backed_up(world)
    assert find_restorable(other_environment, backup.id) is None
    world.environment.account_since = datetime.now(UTC)
    db.session.commit()
    assert find_restorable(world.environment, backup.id) is None, "another account's"


def entries(world: World, **descriptions: str) -> None:
    """What Spotler calls those of the set from now on: `_1="Beurs"`; others are gone."""
    named = [{"bit": int(bit[1:]), "description": text} for bit, text in descriptions.items()]
    world.control("PUT", "/properties/profileFields", entries=named)


def test_an_entry_that_has_another_bit_by_now_goes_back_by_its_name(
    world: World, crowd: Crowd
) -> None:
    backup = backed_up(world)
    overwritten(world, crowd)
    entries(world, _1="Golf", _2="Webinars", _8="evenementen")
    run = restored(world, backup)
    first, last = (of_spotler(world, id_)["profileFields"] for id_ in (crowd.ids[0], crowd.ids[5]))
    assert on_in(first) == {8}, "and not Golf, which has the bit"
    assert not on_in(last)
    assert not any(item.detail and item.detail.refusals for item in items_of(run).values())


def test_an_entry_that_is_called_otherwise_is_left_alone_and_told(
    world: World, crowd: Crowd
) -> None:
    backup = backed_up(world)
    overwritten(world, crowd)
    entries(world, _1="Beurs", _2="Webinars")
    row = asked(world, backup)
    assert tally_of(row).refused_by == {"profileFields": {Reason.ENTRY_MOVED: 4}}
    run = finish(saved(world, row, tally_of(row).emptied))
    values = of_spotler(world, crowd.ids[0])
    assert not on_in(values["profileFields"]) and values["city"] == ODD["city"]
    told = items_of(run)[crowd.ids[0]].detail
    assert told is not None and [each.words for each in told.refusals] == [("Evenementen",)]


def test_a_permission_goes_off_by_its_name(world: World, crowd: Crowd) -> None:
    zoe, other = crowd.ids[4:]
    world.save(zoe, {MONTHLY: True})
    backup = backed_up(world)
    world.save(zoe, {QUARTERLY: True})
    names = {each.bit: each.description for each in listed_permissions(world.environment.id)}
    for bit, called_by in ((MONTHLY, QUARTERLY), (QUARTERLY, MONTHLY)):
        world.control("PUT", f"/permissions/{bit}", description=names[called_by])
    run = restored(world, backup, order(backup, "city", switches=True, contact_id=zoe))
    assert run.updated == 1
    assert of_spotler(world, zoe)["on"] == {QUARTERLY}, "which is the monthly one by now"
    # Nobody knows what became of the monthly one.
    world.control("PUT", f"/permissions/{QUARTERLY}", description="Iets anders")
    world.save(other, {MONTHLY: True, QUARTERLY: True})
    restored(world, backup, order(backup, "city", switches=True, contact_id=other))
    assert of_spotler(world, other)["on"] == {QUARTERLY}


def test_an_address_that_changed_since_it_was_shown_stays(world: World, crowd: Crowd) -> None:
    backup = backed_up(world)
    overwritten(world, crowd)
    zoe = crowd.ids[0]
    row = asked(world, backup, order(backup, "city", contact_id=zoe))
    moved = {"externalId": zoe, "email": "elders@example.nl"}
    world.control("POST", "/contacts", contacts=[moved])
    assert finish(saved(world, row)).updated == 1
    after = of_spotler(world, zoe)
    assert (after["email"], after["city"]) == ("elders@example.nl", ODD["city"])


def test_what_somebody_changed_right_before_is_known_of_many_too(
    world: World, crowd: Crowd
) -> None:
    """The address goes along with every write: an older one would go back with the rest."""
    backup = backed_up(world)
    overwritten(world, crowd)
    run = saved(world, asked(world, backup, order(backup, "city")))
    moved = {"externalId": crowd.ids[0], "email": "elders@example.nl"}
    world.control("POST", "/contacts", contacts=[moved])
    a_while_ago(world)
    assert finish(run).updated == 6
    after = of_spotler(world, crowd.ids[0])
    assert (after["email"], after["city"]) == ("elders@example.nl", ODD["city"])
