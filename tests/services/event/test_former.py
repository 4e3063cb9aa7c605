"""Another primary contact: what the mapping empties of the one before, and what stays."""

from __future__ import annotations

import pytest
from sqlalchemy import update

from spotler_plugin.extensions import db
from spotler_plugin.models import EventOutcome, Link, Outcome, Run, RunKind, Whom
from spotler_plugin.planning.mapping import RELATION
from spotler_plugin.planning.proposal import EMPTIED, FORMER
from spotler_plugin.services.event.catch_up import catch_up
from spotler_plugin.services.mapping.store import save_mapping, saved_mapping
from spotler_plugin.services.preview.approve import confirm_preview
from spotler_plugin.services.preview.compute import advance_preview
from spotler_plugin.services.preview.request import request_preview, tally_of
from spotler_plugin.wording.events import event_text
from spotler_plugin.wording.runs import left_out, parted
from tests.services.event.conftest import Inbox
from tests.world.accounts import ALICE
from tests.world.crowd import read_feed
from tests.world.world import World

MODULE, KEPT = "documents", "city"
FED = {(RELATION, MODULE): "documentenModule", (RELATION, KEPT): "city"}
"""A module whose value goes, and a field whose value stays."""


@pytest.fixture
def relation_id(world: World) -> str:
    """A relation with a module; Zoë is its primary contact, and Noor is not; both are linked."""
    relation = next(
        each for each in world.crm.data.relations.page("", 20, 0) if each.primary_contact_id
    )
    world.crm.data.contacts.change(
        str(relation.primary_contact_id), {"email": "zoe@relatie.example"}, silent=True
    )
    world.crm.data.relations.change(relation.id, {MODULE: True, KEPT: "Emmen"})
    asked = {(FORMER, MODULE): EMPTIED}
    save_mapping(world.environment, saved_mapping(world.environment.id) | FED | asked)
    db.session.commit()
    return relation.id


@pytest.fixture
def zoe(world: World, relation_id: str) -> str:
    found = world.crm.data.relations.find(relation_id)
    assert found is not None
    zoe = str(found.primary_contact_id)
    world.save(zoe)
    return zoe


@pytest.fixture
def noor(world: World, relation_id: str) -> str:
    fields = {"email": "noor@relatie.example"}
    noor = world.crm.data.contacts.add(fields, relation_id=relation_id, silent=True).id
    world.save(noor)
    return noor


def values(world: World, contact_id: str) -> tuple[object, object]:
    """Module and city, as Spotler has them."""
    found = world.in_spotler(contact_id)
    assert found is not None
    return found.properties.get("documentenModule") or None, found.properties.get("city") or None


def moved(world: World, relation_id: str, contact_id: str) -> None:
    world.crm.data.relations.choose_primary(relation_id, contact_id)


def told(inbox: Inbox, relation_id: str) -> int:
    return inbox.take("relation.changed", relation_id=relation_id, changed_fields=[MODULE])


def test_the_relation_tells_of_it(
    world: World, inbox: Inbox, relation_id: str, zoe: str, noor: str
) -> None:
    before = values(world, zoe)
    assert before[0] is not None and before[1] == "Emmen"
    moved(world, relation_id, noor)
    event = told(inbox, relation_id)
    inbox.handle()
    assert values(world, zoe) == (None, "Emmen")
    assert values(world, noor) == before
    view = inbox.view(event)
    assert view.event.contact_id == noor and [each.contact_id for each in view.former] == [zoe]
    assert "de vorige primaire contactpersoon" in str(event_text(view, "Yoobi")).lower()
    assert "leeggemaakt" in str(event_text(view, "Yoobi"))


def test_the_contact_itself_tells_of_it_twice_and_in_any_order(
    world: World, inbox: Inbox, relation_id: str, zoe: str, noor: str
) -> None:
    old = inbox.changed(zoe, 10**6)
    moved(world, relation_id, noor)
    events = [inbox.changed(noor), told(inbox, relation_id), inbox.changed(zoe), old]
    inbox.handle()
    assert values(world, zoe) == (None, "Emmen")
    later = told(inbox, relation_id)
    inbox.handle()
    assert values(world, zoe) == (None, "Emmen"), "it is not filled again"
    assert inbox.outcome(later) is Outcome.UNCHANGED
    assert not inbox.view(later).former, "nobody is looked at again"
    assert EventOutcome.WAITING not in {inbox.outcome(event) for event in events}


def test_only_the_former_one_tells_of_it(
    world: World, inbox: Inbox, relation_id: str, zoe: str, noor: str
) -> None:
    moved(world, relation_id, noor)
    event = inbox.changed(zoe)
    inbox.handle()
    assert values(world, zoe) == (None, "Emmen")
    assert "Niet meer primair" in str(event_text(inbox.view(event), "Yoobi"))


def test_saving_the_former_one_on_its_screen_empties_it_too(
    world: World, relation_id: str, zoe: str, noor: str
) -> None:
    moved(world, relation_id, noor)
    view = world.save(zoe)
    assert values(world, zoe) == (None, "Emmen")
    assert view.detail.left == ("documentenModule",)
    [said] = parted(view.detail)
    assert said.title == "Niet meer primair bij de relatie"
    assert left_out(view.detail, "Yoobi") == [], "nothing stayed behind"


def test_only_the_new_one_tells_of_it_and_the_list_of_changes_does_the_rest(
    world: World, inbox: Inbox, relation_id: str, zoe: str, noor: str
) -> None:
    moved(world, relation_id, noor)
    # The CRM does not count it as a change of the one before.
    row = world.crm.data.contacts.find(zoe)
    assert row is not None
    db.session.execute(
        update(Link)
        .where(Link.environment_id == world.environment.id, Link.contact_id == zoe)
        .values(crm_version=str(row.version))
    )
    db.session.commit()
    inbox.changed(noor)
    inbox.handle()
    assert values(world, zoe)[0] is not None
    for run_id in catch_up(world.environment.id).run_ids:
        world.work(run_id)
    assert values(world, zoe) == (None, "Emmen")
    assert catch_up(world.environment.id).run_ids == [], "once"


def test_back_again(world: World, inbox: Inbox, relation_id: str, zoe: str, noor: str) -> None:
    before = values(world, zoe)
    for contact_id in (noor, zoe):
        moved(world, relation_id, contact_id)
        told(inbox, relation_id)
        inbox.handle()
    assert values(world, zoe) == before
    assert values(world, noor) == (None, "Emmen")


def test_who_becomes_primary_without_being_linked(
    world: World, inbox: Inbox, relation_id: str, zoe: str
) -> None:
    fields = {"email": "nieuw@relatie.example"}
    new = world.crm.data.contacts.add(fields, relation_id=relation_id, silent=True).id
    moved(world, relation_id, new)
    event = told(inbox, relation_id)
    inbox.handle()
    assert values(world, zoe) == (None, "Emmen")
    assert world.in_spotler(new) is None
    view = inbox.view(event)
    assert view.event.contact_id == zoe and view.outcome is Outcome.UPDATED
    assert "leeggemaakt" in str(event_text(view, "Yoobi"))


def test_who_was_deleted_is_not_written(
    world: World, inbox: Inbox, relation_id: str, zoe: str, noor: str
) -> None:
    before = values(world, zoe)
    moved(world, relation_id, noor)
    world.crm.data.contacts.delete(zoe, silent=True)
    event = told(inbox, relation_id)
    inbox.handle()
    assert inbox.outcome(event) is Outcome.UNCHANGED
    assert values(world, zoe) == before
    assert "kon niet worden bijgewerkt" in str(event_text(inbox.view(event), "Yoobi"))


def test_who_is_inactive_is_emptied_once_that_ends(
    world: World, inbox: Inbox, relation_id: str, zoe: str, noor: str
) -> None:
    world.control("POST", f"/contacts/{zoe}/standing", standing="opt_out")
    moved(world, relation_id, noor)
    event = told(inbox, relation_id)
    inbox.handle()
    assert values(world, zoe)[0] is not None
    assert inbox.view(event).former[0].outcome is Outcome.BLOCKED
    world.control("POST", f"/contacts/{zoe}/standing", standing="active")
    read_feed(world)
    told(inbox, relation_id)
    inbox.handle()
    assert values(world, zoe) == (None, "Emmen")


def test_without_the_setting_all_stays(
    world: World, inbox: Inbox, relation_id: str, zoe: str, noor: str
) -> None:
    before = values(world, zoe)
    now = saved_mapping(world.environment.id)
    save_mapping(world.environment, {key: now[key] for key in now if key[0] != FORMER})
    db.session.commit()
    moved(world, relation_id, noor)
    events = [told(inbox, relation_id), inbox.changed(zoe)]
    inbox.handle()
    assert values(world, zoe) == before
    assert not inbox.view(events[0]).former


def test_a_colleague_who_never_was_primary_keeps_it(
    world: World, inbox: Inbox, relation_id: str, zoe: str, noor: str
) -> None:
    inbox.changed(noor, 10**6)
    inbox.handle()
    assert values(world, noor)[0] is not None


def test_asking_for_it_later_is_in_the_preview(
    world: World, inbox: Inbox, relation_id: str, zoe: str, noor: str
) -> None:
    asked = saved_mapping(world.environment.id)
    save_mapping(world.environment, {key: asked[key] for key in asked if key[0] != FORMER})
    db.session.commit()
    moved(world, relation_id, noor)
    inbox.changed(zoe)
    inbox.handle()
    assert values(world, zoe)[0] is not None
    made = request_preview(world.environment, Whom.LINKED, RunKind.MAPPING, asked, ALICE)
    db.session.commit()
    advance_preview(world.environment.id, made.id)
    tally = tally_of(made)
    assert (tally.emptied, tally.emptied_by) == (1, {"documentenModule": 1})
    run_id = confirm_preview(world.environment, made.id, ALICE, None)
    db.session.commit()
    assert run_id is not None
    world.work(run_id)
    assert values(world, zoe) == (None, "Emmen")
    assert saved_mapping(world.environment.id) == asked
    assert db.session.get_one(Run, run_id).emptied == 1
