"""What is signed off in Spotler goes back to the CRM, once, whatever becomes of the first try."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from demo.crm.faults import Fault
from spotler_plugin.jobs import feed
from spotler_plugin.services.catalogue.permissions import listed_permissions
from spotler_plugin.services.consent.tell import has_untold, tell_crm
from tests.services.consent.test_follows import OLD, signed_off
from tests.world.crowd import read_feed
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
