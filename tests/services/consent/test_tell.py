"""What is signed off in Spotler goes back to the CRM, once, whatever becomes of the first try."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from demo.crm.faults import Fault, Kind
from spotler_plugin.extensions import db
from spotler_plugin.jobs import feed
from spotler_plugin.models import ConsentSetting, Link, Source
from spotler_plugin.planning.consent import EVERYTHING
from spotler_plugin.services.backoff import ATTEMPTS
from spotler_plugin.services.catalogue.permissions import listed_permissions
from spotler_plugin.services.consent.setting import ensure_setting
from spotler_plugin.services.consent.tell import BATCH, has_untold, tell_crm
from tests.services.consent.test_follows import OLD, signed_off
from tests.world.crowd import read_feed
from tests.world.rows import Rows
from tests.world.world import MONTHLY, QUARTERLY, World


def told(world: World) -> list[tuple[str, str]]:
    """Contact and permission, as the CRM has them."""
    assert {each.source for each in world.crm.data.opt_outs.all()} <= {"spotler"}
    return [(each.contact_id, each.permission) for each in world.crm.data.opt_outs.all()]


@pytest.fixture
def noor(world: World) -> str:
    return signed_off(world, OLD)


def test_each_sign_off_is_told_once(world: World, noor: str) -> None:
    assert has_untold(world.environment.id)
    assert not tell_crm(world.environment.id)
    world.sign_off(noor, QUARTERLY)
    world.control("POST", f"/contacts/{noor}/opt-out")
    read_feed(world)
    for _ in range(2):
        assert not tell_crm(world.environment.id)
    names = {each.bit: each.description for each in listed_permissions(world.environment.id)}
    assert told(world) == [(noor, names[MONTHLY]), (noor, names[QUARTERLY]), (noor, "*")]


def test_the_reading_of_the_feed_begins_it(world: World, noor: str) -> None:
    feed.follow(world.environment.id)
    # The job waits in the queue; whoever takes it tells.
    assert has_untold(world.environment.id)


@pytest.mark.parametrize("when", ["before", "after"])
def test_while_the_crm_is_away_it_waits(world: World, noor: str, when: str) -> None:
    away = Fault("503", calls=1, method="POST", when="before" if when == "before" else "after")
    world.crm.data.faults.add(away)
    assert not tell_crm(world.environment.id) and not has_untold(world.environment.id)
    with time_machine.travel(datetime.now(UTC) + timedelta(hours=1)):
        assert has_untold(world.environment.id)
        tell_crm(world.environment.id)
    assert len(told(world)) == 1


def test_a_crm_without_the_call_is_asked_once_a_day(world: World, noor: str) -> None:
    world.crm.data.faults.add(Fault("404", method="POST"))
    tell_crm(world.environment.id)
    world.crm.data.faults.clear()
    with time_machine.travel(datetime.now(UTC) + timedelta(hours=23)):
        assert not has_untold(world.environment.id)
    with time_machine.travel(datetime.now(UTC) + timedelta(hours=25)):
        tell_crm(world.environment.id)
    assert len(told(world)) == 1


def test_what_it_refuses_is_in_nobodys_way(world: World, noor: str) -> None:
    world.sign_off(noor, QUARTERLY)
    read_feed(world)
    world.crm.data.faults.add(Fault("400", calls=1, method="POST"))
    tell_crm(world.environment.id)
    assert len(told(world)) == 1


def test_of_who_is_gone_from_the_crm_nothing_is_told(world: World, noor: str) -> None:
    world.crm.data.contacts.delete(noor, silent=True)
    tell_crm(world.environment.id)
    assert told(world) == [] and not has_untold(world.environment.id)


@pytest.fixture
def rows(world: World) -> Rows:
    return Rows.of(world.environment)


def linked(world: World, name: str, *, is_linked: bool = True) -> str:
    """Somebody in the CRM of whom links know."""
    contact_id = world.person(f"{name}@example.nl")
    link = Link(environment_id=world.environment.id, contact_id=contact_id)
    link.linked_at = datetime.now(UTC) if is_linked else None
    db.session.add(link)
    db.session.commit()
    return contact_id


def standing(world: World) -> ConsentSetting:
    row = ensure_setting(world.environment.id)
    db.session.commit()
    return row


def test_only_sign_offs_in_spotler_of_who_is_linked_are_told(world: World, rows: Rows) -> None:
    first, second, third = (
        linked(world, name, is_linked=name != "jan") for name in ("ada", "jan", "zoe")
    )
    assert not has_untold(world.environment.id)
    rows.act(first, EVERYTHING, False, ground="hard bounce")
    assert has_untold(world.environment.id), "also the very first act of a database"
    modal, undo = rows.run(1, source=Source.MODAL), rows.run(2, source=Source.UNDO)
    rows.act(second, MONTHLY, False)
    rows.act(third, MONTHLY, True)
    for run in (modal, undo):
        rows.act(third, MONTHLY, False, run=run)
    rows.act(third, EVERYTHING, False, ground="bounce")
    rows.act(third, QUARTERLY, False, ground="a reason")
    rows.act(third, 77, False, applied=False)  # Which the account does not list.
    assert not tell_crm(world.environment.id)
    name = {each.bit: each.description for each in listed_permissions(world.environment.id)}
    assert [(each.contact_id, each.permission, each.source)
            for each in world.crm.data.opt_outs.all()] == [
        (first, "*", "spotler"),
        (third, "*", "bounce"),
        (third, name[QUARTERLY], "spotler"),
        (third, "77", "spotler"),
    ]  # fmt: skip
    assert (standing(world).tell_at, standing(world).tell_attempts) == (None, 0)


def test_many_are_told_in_batches(world: World, rows: Rows) -> None:
    contact_id = linked(world, "ada")
    for _ in range(BATCH + 1):
        rows.act(contact_id, MONTHLY, False)
    db.session.commit()
    assert tell_crm(world.environment.id)
    assert len(told(world)) == BATCH == 50
    assert not tell_crm(world.environment.id)
    assert len(told(world)) == BATCH + 1


def test_nothing_is_told_for_who_is_not_there(world: World, noor: str) -> None:
    world.environment.disabled_at = datetime.now(UTC)
    db.session.commit()
    assert not tell_crm(world.environment.id)
    assert not tell_crm(world.environment.id + 1)
    assert told(world) == []


def struck(world: World, kind: Kind, attempts: int) -> timedelta | None:
    """Try once after so many attempts; return how long it waits, None where it goes on."""
    standing(world).tell_attempts, standing(world).tell_at = attempts, None
    db.session.commit()
    world.crm.data.faults.clear()
    world.crm.data.faults.add(Fault(kind, calls=1, method="POST"))
    began = datetime.now(UTC)
    assert not tell_crm(world.environment.id)
    until = standing(world).tell_at
    return None if until is None else until - began


def test_an_outage_ends_and_passes_no_sign_off(world: World, noor: str) -> None:
    minutes = 0.0
    for attempts in (0, 1, 2, 3, 4, 5, ATTEMPTS):
        pause = struck(world, "503", attempts)
        assert pause is not None and pause > timedelta(minutes=minutes)
        assert standing(world).tell_attempts == min(attempts + 1, 5)
        minutes = 5 if attempts > 3 else 0
    assert pause is not None and pause < timedelta(minutes=10)
    assert told(world) == []


def test_a_conflict_that_does_not_end_is_in_nobodys_way(world: World, noor: str) -> None:
    world.sign_off(noor, QUARTERLY)
    read_feed(world)
    pause = struck(world, "409", ATTEMPTS - 2)
    assert pause is not None and timedelta(minutes=20) < pause < timedelta(hours=1)
    assert standing(world).tell_attempts == ATTEMPTS - 1 and told(world) == []
    assert struck(world, "409", ATTEMPTS - 1) is None
    assert standing(world).tell_attempts == 0 and len(told(world)) == 1, "the other one"


def test_a_crm_that_does_not_offer_it_was_not_away(world: World, noor: str) -> None:
    standing(world).tell_attempts = 3
    db.session.commit()
    world.crm.data.faults.add(Fault("404", method="POST"))
    assert not tell_crm(world.environment.id)
    assert standing(world).tell_attempts == 0
