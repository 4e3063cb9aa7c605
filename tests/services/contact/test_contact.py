"""Saving one contact: linked, updated, or blocked with the reason; consent above all."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import uuid4

import pytest
from sqlalchemy import select, update

from demo.crm.faults import Fault as CrmFault
from spotler_plugin.extensions import db
from spotler_plugin.models import Act, MappingRow, Outcome, Run, RunItem, RunKind, RunState, Source
from spotler_plugin.planning.reason import Reason
from spotler_plugin.services.consent.acts import record_acts
from spotler_plugin.services.contact.view import refresh_contact
from spotler_plugin.services.link.status import Status
from spotler_plugin.services.run.control import cancel_run
from spotler_plugin.services.run.create import create_run
from tests.world.world import MONTHLY, QUARTERLY, REFUSED, World


def test_it_links_and_switches_on(world: World) -> None:
    zoe = world.person("zoe@example.nl")
    view = world.save(zoe, {MONTHLY: True})

    assert (view.outcome, view.state) == (Outcome.LINKED, RunState.FINISHED)
    found = world.in_spotler(zoe)
    assert found is not None
    assert found.permissions[MONTHLY] and not found.permissions[QUARTERLY]
    assert found.properties["firstName"] == "Zoë" and found.properties["lastName"] == "Österbaan"
    assert world.status(zoe).status is Status.SYNCED


def test_saving_again_updates_and_then_finds_nothing_to_do(world: World) -> None:
    zoe = world.person("zoe@example.nl")
    world.save(zoe)
    world.crm.data.contacts.change(zoe, {"first_name": "Zoé"}, silent=True)
    assert world.save(zoe).outcome is Outcome.UPDATED
    assert world.save(zoe).outcome is Outcome.UNCHANGED


def test_only_what_was_mapped_is_sent(world: World) -> None:
    zoe = world.person("zoe@example.nl")
    world.save(zoe)
    found = world.in_spotler(zoe)
    assert found is not None
    assert found.properties.keys() <= {
        "email", "firstName", "initials", "infix", "lastName", "phoneNumber", "mobileNumber",
        "profileFields",
    }  # fmt: skip


def test_a_form_sent_twice_makes_one_run(world: World) -> None:
    zoe, token = world.person("zoe@example.nl"), uuid4()
    first = world.ask(zoe, {MONTHLY: True}, token=token)
    assert world.ask(zoe, {MONTHLY: True}, token=token) == first
    assert len(db.session.scalars(select(Act)).all()) == 1


def test_a_contact_that_is_in_spotler_keeps_what_it_had(world: World) -> None:
    person = world.person("bestaand@example.nl")
    view = world.save(person)
    found = world.in_spotler(person)
    assert view.outcome is Outcome.LINKED
    assert found is not None and found.permissions[MONTHLY], "its permission stays"
    hits = world.spotler.contacts.search("email", "bestaand@example.nl")
    assert len(hits) == 1, "and nobody was added beside it"


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("andermans@example.nl", Reason.ADDRESS_OF_ANOTHER),
        ("afgemeld@example.nl", Reason.INACTIVE),
        ("gebounced@example.nl", Reason.INACTIVE),
        (None, Reason.NO_ADDRESS),
        ("geen adres", Reason.ADDRESS_MALFORMED),
        ("mailto:zoe@example.nl", Reason.ADDRESS_MALFORMED),
        ("zoe@example.nl; noor@example.nl", Reason.ADDRESS_MALFORMED),
        ("\ufeffafgemeld@example.nl\u200b", Reason.INACTIVE),
        ("afge\u00admeld@example.nl", Reason.INACTIVE),
    ],
)
def test_blocked_contacts_are_not_written(
    world: World, address: str | None, reason: Reason
) -> None:
    person = world.person(address)
    view = world.save(person, {MONTHLY: True})
    assert (view.outcome, view.reason) == (Outcome.BLOCKED, reason)
    assert world.in_spotler(person) is None
    assert world.calls("POST") == world.calls("PUT") == []


def test_an_inactive_contact_cannot_be_made_active(world: World) -> None:
    person = world.person("afgemeld@example.nl")
    world.save(person, {MONTHLY: True}, take_over=True)
    assert world.status(person).status is Status.INACTIVE


def test_a_person_says_whose_the_address_is(world: World) -> None:
    person = world.person("andermans@example.nl")
    world.save(person)
    view = world.save(person, take_over=True)
    assert view.outcome is Outcome.LINKED
    assert world.in_spotler(person) is not None


def test_two_crm_contacts_with_one_address_do_not_become_one(world: World) -> None:
    first = world.person("samen@example.nl", first_name="Anna")
    second = world.person("samen@example.nl", first_name="Bram")
    world.save(first, {MONTHLY: True})
    view = world.save(second, {QUARTERLY: True})
    assert (view.outcome, view.reason) == (Outcome.BLOCKED, Reason.ADDRESS_DOUBLED)
    found = world.in_spotler(first)
    assert found is not None
    assert found.properties["firstName"] == "Anna" and not found.permissions[QUARTERLY]


def test_an_address_that_spotler_refuses(world: World) -> None:
    person = world.person(REFUSED)
    view = world.save(person)
    assert (view.outcome, view.reason) == (Outcome.REJECTED, Reason.ADDRESS_REFUSED)
    assert world.status(person).status is Status.ERROR


def test_an_emoji_and_300_characters_arrive_whole(world: World) -> None:
    person = world.person("tulp@example.nl", first_name="Sanne 🌷", last_name="x" * 300)
    world.save(person)
    found = world.in_spotler(person)
    assert found is not None
    assert found.properties["firstName"] == "Sanne 🌷" and len(found.properties["lastName"]) == 300


def test_a_contact_that_was_deleted_in_the_crm(world: World) -> None:
    person = world.person("weg@example.nl")
    run_id = world.ask(person, {MONTHLY: True})
    world.crm.data.contacts.delete(person, silent=True)
    world.work(run_id)
    view = world.view(run_id, person)
    assert (view.outcome, view.reason) == (Outcome.BLOCKED, Reason.GONE)


def test_an_emptied_field_is_emptied_and_nothing_else(world: World) -> None:
    zoe = world.person("zoe@example.nl")
    world.save(zoe, {MONTHLY: True})
    world.crm.data.contacts.change(zoe, {"infix": None}, silent=True)
    assert world.save(zoe).outcome is Outcome.UPDATED
    found = world.in_spotler(zoe)
    assert found is not None
    assert "infix" not in found.properties
    assert found.permissions[MONTHLY] and found.properties["firstName"] == "Zoë"


def switch_on_in_bulk(world: World, contact_id: str) -> None:
    created, _ = create_run(
        world.environment.id,
        [contact_id],
        kind=RunKind.BULK,
        source=Source.BULK,
        actor=None,
        request_token=uuid4(),
    )
    record_acts(created, contact_id, {MONTHLY: True})
    db.session.commit()
    world.work(created.id)


class TestSignOff:
    def test_one_made_in_spotler_after_the_act_wins(self, world: World) -> None:
        zoe = world.person("zoe@example.nl")
        world.save(zoe, {MONTHLY: True})
        run_id = world.ask(zoe, {MONTHLY: True})
        world.sign_off(zoe, MONTHLY)
        world.work(run_id)
        view = world.view(run_id, zoe)
        assert (view.outcome, view.reason) == (Outcome.BLOCKED, Reason.SIGNED_OFF)
        found = world.in_spotler(zoe)
        assert found is not None and not found.permissions[MONTHLY]

    def test_one_made_since_the_screen_was_opened_is_asked_about(self, world: World) -> None:
        zoe = world.person("zoe@example.nl")
        world.save(zoe, {MONTHLY: True})
        world.crm.data.contacts.change(zoe, {"first_name": "Zoé"}, silent=True)
        world.sign_off(zoe, MONTHLY)
        view = world.save(zoe, {QUARTERLY: True}, seen={MONTHLY: True, QUARTERLY: False})
        assert (view.outcome, view.reason) == (Outcome.BLOCKED, Reason.SWITCHED_SINCE)
        assert view.detail.moved == (MONTHLY,)
        assert world.first_name(zoe) == "Zoë", "nothing was saved"
        assert world.status(zoe).reason is None, "and nothing is wrong with the contact"
        view = world.save(zoe, {QUARTERLY: True}, seen={MONTHLY: False, QUARTERLY: False})
        assert view.outcome is Outcome.UPDATED

    def test_a_lost_answer_is_no_change_of_somebody_else(self, world: World) -> None:
        zoe = world.person("zoe@example.nl")
        run_id = world.ask(zoe, {MONTHLY: True}, seen={MONTHLY: False})
        world.fault("drop", when="after", path="/contact/list", times=1)
        world.work(run_id)
        assert world.view(run_id, zoe).outcome is Outcome.OPEN
        db.session.execute(update(RunItem).values(due_at=datetime.now(UTC)))
        db.session.commit()
        world.work(run_id)
        assert world.view(run_id, zoe).outcome is Outcome.LINKED

    def test_a_bulk_mutation_does_not_lift_it(self, world: World) -> None:
        zoe = world.person("zoe@example.nl")
        world.save(zoe, {MONTHLY: True})
        world.sign_off(zoe, MONTHLY)
        refresh_contact(world.environment, zoe)
        switch_on_in_bulk(world, zoe)
        found = world.in_spotler(zoe)
        assert found is not None and not found.permissions[MONTHLY]

    def test_a_refused_off_of_ours_hides_no_later_one(self, world: World) -> None:
        zoe = world.person("zoe@example.nl")
        world.save(zoe, {MONTHLY: True})
        world.crm.data.contacts.change(zoe, {"email": REFUSED}, silent=True)
        assert world.save(zoe, {MONTHLY: False}).outcome is Outcome.REJECTED
        world.crm.data.contacts.change(zoe, {"email": "zoe@example.nl"}, silent=True)
        world.sign_off(zoe, MONTHLY)
        refresh_contact(world.environment, zoe)
        switch_on_in_bulk(world, zoe)
        found = world.in_spotler(zoe)
        assert found is not None and not found.permissions[MONTHLY]

    def test_a_synchronisation_switches_nothing_on(self, world: World) -> None:
        zoe = world.person("zoe@example.nl")
        world.save(zoe, {MONTHLY: True})
        world.sign_off(zoe, MONTHLY)
        world.crm.data.contacts.change(zoe, {"first_name": "Zoë Marie"}, silent=True)
        assert world.save(zoe).outcome is Outcome.UPDATED
        found = world.in_spotler(zoe)
        assert found is not None and not found.permissions[MONTHLY]

    def test_it_is_shown_with_where_it_came_from(self, world: World) -> None:
        zoe = world.person("zoe@example.nl")
        world.save(zoe, {MONTHLY: True})
        world.sign_off(zoe, MONTHLY)
        shown = refresh_contact(world.environment, zoe).contact.permissions
        monthly = next(each for each in shown if each.bit == MONTHLY)
        assert not monthly.enabled and monthly.signed_off is not None
        assert monthly.origin is not None and monthly.origin.source is Source.SPOTLER


@pytest.mark.parametrize("enabled", [True, False])
def test_what_another_tab_asked_and_cancelled_stands_in_for_nothing(
    world: World, enabled: bool
) -> None:
    zoe = world.person("zoe@example.nl")
    world.save(zoe, {MONTHLY: not enabled})
    older, newer = world.ask(zoe, {MONTHLY: enabled}), world.ask(zoe, {MONTHLY: True})
    world.work(older)
    cancel_run(world.environment.id, newer)
    db.session.commit()
    world.work(newer)
    assert world.view(older, zoe).outcome is Outcome.UPDATED
    assert world.view(newer, zoe).outcome is Outcome.CANCELLED
    found = world.in_spotler(zoe)
    assert found is not None and found.permissions[MONTHLY] is enabled


def test_the_sums_add_up(world: World) -> None:
    people = [world.person(a) for a in ("zoe@example.nl", "afgemeld@example.nl", "weg@example.nl")]
    world.crm.data.contacts.delete(people[2], silent=True)
    created, _ = create_run(
        world.environment.id,
        people,
        kind=RunKind.BULK,
        source=Source.ADMIN,
        actor=None,
        request_token=uuid4(),
    )
    db.session.commit()
    world.work(created.id)
    done = db.session.get_one(Run, created.id)
    assert (done.selected, done.linked, done.blocked) == (3, 1, 2)


def test_a_relation_that_is_gone_holds_nobody_up(world: World) -> None:
    db.session.add(
        MappingRow(
            environment_id=world.environment.id,
            entity="relation",
            field="documents",
            property="documentenModule",
        )
    )
    zoe = world.person("zoe@example.nl")
    world.crm.data.faults.add(CrmFault("404", calls=1, path="/relations"))
    assert world.save(zoe).outcome is Outcome.LINKED
    assert world.crm.data.faults.all() == [], "it was asked for"
