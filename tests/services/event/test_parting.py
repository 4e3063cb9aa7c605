"""contact.deleted and contact.merged: nobody is mailed any more, and the strictest counts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import requests
import time_machine
from sqlalchemy import select

from spotler_plugin.extensions import db
from spotler_plugin.models import (
    Act,
    EventOutcome,
    EventStanding,
    Link,
    Outcome,
    Run,
    RunItem,
    RunKind,
    RunState,
    Source,
)
from spotler_plugin.planning.reason import Reason
from spotler_plugin.services.consent.switches import permission_switches
from spotler_plugin.services.link.status import Status
from spotler_plugin.services.mirror.read import find_mirrored
from spotler_plugin.wording.consent.switches import permission_note
from tests.services.event.conftest import Inbox
from tests.world.crowd import read_feed
from tests.world.world import MONTHLY, QUARTERLY, World


@pytest.fixture
def zoe(world: World) -> str:
    """Linked, with one permission."""
    zoe = world.person("zoe@example.nl")
    world.save(zoe, {MONTHLY: True})
    return zoe


@pytest.fixture
def double(world: World) -> str:
    """A second record of Zoë, with another address and both permissions."""
    double = world.person("zoe@thuis.example")
    world.save(double, {MONTHLY: True, QUARTERLY: True})
    return double


def link(contact_id: str) -> Link:
    return db.session.scalars(select(Link).where(Link.contact_id == contact_id)).one()


def on(world: World, contact_id: str) -> set[int]:
    found = world.in_spotler(contact_id)
    assert found is not None
    return {bit for bit, enabled in found.permissions.items() if enabled}


def is_active(world: World, contact_id: str) -> bool:
    found = world.in_spotler(contact_id)
    assert found is not None
    return found.active


def delete(world: World, inbox: Inbox, contact_id: str) -> int:
    world.crm.data.contacts.delete(contact_id, silent=True)
    return inbox.take("contact.deleted", contact_id=contact_id)


def merge(world: World, inbox: Inbox, kept: str, merged: str) -> int:
    if world.crm.data.contacts.find(merged) is not None:
        world.crm.data.contacts.merge(kept, merged)
    return inbox.take("contact.merged", kept_id=kept, merged_id=merged)


def test_who_is_deleted_is_mailed_no_more(world: World, inbox: Inbox, zoe: str) -> None:
    event = delete(world, inbox, zoe)
    [run_id] = inbox.handle()
    assert inbox.outcome(event) is Outcome.UPDATED
    assert on(world, zoe) == set()
    assert not is_active(world, zoe)
    assert link(zoe).linked_at is None
    assert world.status(zoe).status is Status.INACTIVE
    run = db.session.get_one(Run, run_id)
    assert (run.kind, run.state, run.updated) == (RunKind.PARTING, RunState.FINISHED, 1)
    item = db.session.scalars(select(RunItem).where(RunItem.run_id == run_id)).one()
    assert item.before is not None and item.before.permissions == {MONTHLY: True}
    # The consent log is as it was.
    assert [(act.bit, act.enabled) for act in db.session.scalars(select(Act))] == [(MONTHLY, True)]


def test_one_that_may_not_be_closed_halts_its_run(world: World, inbox: Inbox, zoe: str) -> None:
    """Its permissions are off by then."""
    world.fault("forbidden", path="/contact/inactivate/*")
    delete(world, inbox, zoe)
    [run_id] = inbox.handle()
    run = db.session.get_one(Run, run_id)
    assert (run.state, run.halted_because) == (RunState.HALTED, Reason.CREDENTIALS_REFUSED)
    assert len(world.calls("PUT", "/contact/inactivate/*")) == 1
    assert on(world, zoe) == set()


def test_the_feed_does_not_tie_who_was_deleted(world: World, inbox: Inbox, zoe: str) -> None:
    delete(world, inbox, zoe)
    inbox.handle()
    read_feed(world)
    assert link(zoe).linked_at is None
    # Switching it off was ours: nobody signed off.
    own = select(Act.source).where(Act.contact_id == zoe)
    assert set(db.session.scalars(own)) == {Source.MODAL}


def test_twice_deleted_is_once(world: World, inbox: Inbox, zoe: str) -> None:
    delete(world, inbox, zoe)
    inbox.handle()
    again = inbox.take("contact.deleted", contact_id=zoe)
    late = inbox.take("contact.changed", contact_id=zoe, version=10**6)
    assert inbox.handle() == []
    assert {inbox.outcome(again), inbox.outcome(late)} == {EventOutcome.NOT_LINKED}


def test_who_was_never_linked_is_left_alone(world: World, inbox: Inbox) -> None:
    noor = world.person("noor@example.nl")
    event = delete(world, inbox, noor)
    assert inbox.handle() == []
    assert inbox.outcome(event) is EventOutcome.NOT_LINKED


def test_who_opted_out_stays_so(world: World, inbox: Inbox, zoe: str) -> None:
    world.spotler.contacts.inactivate(zoe)
    before = len(world.calls("PUT")) + len(world.calls("POST"))
    event = delete(world, inbox, zoe)
    inbox.handle()
    assert inbox.outcome(event) is Outcome.UNCHANGED
    assert link(zoe).linked_at is None
    assert len(world.calls("PUT")) + len(world.calls("POST")) == before


def test_who_is_gone_in_spotler_too(world: World, inbox: Inbox, zoe: str) -> None:
    requests.delete(f"{world.sandbox.url}/_sandbox/contacts/{zoe}", timeout=5)
    event = delete(world, inbox, zoe)
    inbox.handle()
    assert inbox.outcome(event) is Outcome.UNCHANGED
    assert link(zoe).linked_at is None


@pytest.mark.parametrize("path", ["*contact/list*", "*inactivate*"])
def test_spotler_away_is_tried_again(world: World, inbox: Inbox, zoe: str, path: str) -> None:
    world.control("PUT", "/settings", check_clock=False)
    world.fault("unavailable", path=path, times=1)
    event = delete(world, inbox, zoe)
    [run_id] = inbox.handle()
    assert inbox.view(event).standing is EventStanding.WAITING
    with time_machine.travel(datetime.now(UTC) + timedelta(minutes=5)):
        world.work(run_id)
    assert inbox.outcome(event) is Outcome.UPDATED
    assert on(world, zoe) == set()
    assert not is_active(world, zoe)
    assert link(zoe).linked_at is None


def test_many_at_once(world: World, inbox: Inbox, zoe: str, double: str) -> None:
    events = [delete(world, inbox, zoe), delete(world, inbox, double)]
    assert len(inbox.handle()) == 1
    assert [inbox.outcome(event) for event in events] == [Outcome.UPDATED] * 2
    assert not is_active(world, zoe) and not is_active(world, double)


def test_of_merged_contacts_the_strictest_counts(
    world: World, inbox: Inbox, zoe: str, double: str
) -> None:
    event = merge(world, inbox, double, zoe)
    inbox.handle()
    assert inbox.outcome(event) is Outcome.UPDATED
    assert on(world, double) == {MONTHLY}
    assert on(world, zoe) == set()
    assert link(zoe).linked_at is None and link(zoe).merged_into == double
    assert link(double).linked_at is not None
    [act] = db.session.scalars(select(Act).where(Act.source == Source.CRM))
    assert (act.contact_id, act.bit, act.enabled) == (double, QUARTERLY, False)
    assert act.applied_at is not None
    switches = permission_switches(
        world.environment.id,
        double,
        find_mirrored(world.environment.id, [double])[double].permissions,
    )
    notes = {switch.bit: permission_note(switch) for switch in switches}
    assert notes[QUARTERLY].startswith("Uit sinds") and notes[QUARTERLY].endswith("samenvoegen")


@pytest.mark.parametrize("first", ["merged", "deleted", "together"])
def test_merged_and_deleted_in_any_order(
    world: World, inbox: Inbox, zoe: str, double: str, first: str
) -> None:
    if first == "deleted":
        inbox.take("contact.deleted", contact_id=zoe)
        inbox.handle()
    merge(world, inbox, double, zoe)
    if first == "merged":
        inbox.handle()
    if first != "deleted":
        inbox.take("contact.deleted", contact_id=zoe)
    inbox.handle()
    assert on(world, double) == {MONTHLY}
    assert is_active(world, double)
    assert on(world, zoe) == set()
    assert not is_active(world, zoe)
    assert link(zoe).linked_at is None and link(zoe).merged_into == double


def test_what_was_signed_off_under_the_merged_one_counts(
    world: World, inbox: Inbox, zoe: str, double: str
) -> None:
    world.sign_off(zoe, MONTHLY)
    read_feed(world)
    merge(world, inbox, double, zoe)
    inbox.handle()
    assert on(world, double) == set()
    of_zoe = select(Act).where(Act.contact_id == zoe)
    history = db.session.scalars(of_zoe.order_by(Act.id)).all()
    assert [(act.source, act.enabled) for act in history] == [
        (Source.MODAL, True),
        (Source.SPOTLER, False),
    ]


def test_the_kept_one_is_not_linked(world: World, inbox: Inbox, zoe: str) -> None:
    noor = world.person("noor@example.nl")
    event = merge(world, inbox, noor, zoe)
    inbox.handle()
    assert inbox.outcome(event) is EventOutcome.NOT_LINKED
    assert on(world, zoe) == set()
    assert is_active(world, zoe)
    assert link(noor).linked_at is None


def test_the_merged_one_opted_out(world: World, inbox: Inbox, zoe: str, double: str) -> None:
    world.spotler.contacts.inactivate(zoe)
    read_feed(world)
    merge(world, inbox, double, zoe)
    inbox.handle()
    assert on(world, double) == set()
    assert is_active(world, double)


@pytest.mark.parametrize("is_together", [True, False])
@pytest.mark.parametrize("is_late", [True, False])
def test_a_chain_of_three_in_any_order(
    world: World, inbox: Inbox, zoe: str, double: str, is_late: bool, is_together: bool
) -> None:
    """Who signed off was merged into somebody who is merged as well."""
    third = world.person("zoe@werk.example")
    world.save(third, {MONTHLY: True, QUARTERLY: True})
    world.sign_off(zoe, MONTHLY)
    read_feed(world)
    world.crm.data.contacts.merge(double, zoe)
    world.crm.data.contacts.merge(third, double)
    pairs = [(double, zoe), (third, double)]
    for kept, merged in reversed(pairs) if is_late else pairs:
        inbox.take("contact.merged", kept_id=kept, merged_id=merged)
        if not is_together:
            # The run that follows is not carried out before the other event comes.
            inbox.turn()
    inbox.handle()
    for run_id in db.session.scalars(select(Run.id).where(Run.state == RunState.OPEN)).all():
        world.work(run_id)
    assert MONTHLY not in on(world, third)
    assert (on(world, zoe), on(world, double)) == (set(), set())
    assert {link(each).merged_into for each in (zoe, double)} == {third}


def test_merges_in_a_circle_end(world: World, inbox: Inbox, zoe: str, double: str) -> None:
    for kept, merged in ((zoe, double), (double, zoe)):
        inbox.take("contact.merged", kept_id=kept, merged_id=merged)
    inbox.handle()
    assert inbox.turn().handled == 0
