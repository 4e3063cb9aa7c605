"""contact.changed: late, twice, out of order and in bursts, the newest wins, and once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from sqlalchemy import select

from spotler_plugin.extensions import db
from spotler_plugin.models import Connection, EventOutcome, EventStanding, Link, Outcome, Run
from spotler_plugin.planning.reason import Reason
from spotler_plugin.services.account.proof import note_refusal
from spotler_plugin.services.event import turn
from spotler_plugin.services.event.inbox import holding
from spotler_plugin.services.event.turn import take_turn
from tests.services.event.conftest import Inbox
from tests.world.world import World


@pytest.fixture
def zoe(world: World) -> str:
    zoe = world.person("zoe@example.nl")
    world.save(zoe)
    return zoe


def rename(world: World, contact_id: str, name: str) -> int:
    """In the CRM; its version then."""
    row = world.crm.data.contacts.change(contact_id, {"first_name": name}, silent=True)
    return int(row.version)


def writes(world: World) -> int:
    return len(world.calls("POST", "*contact*")) + len(world.calls("PUT", "*contact*"))


def calls(world: World) -> int:
    """All that arrived at Spotler."""
    return sum(len(world.calls(method)) for method in ("GET", "POST", "PUT"))


def link(contact_id: str) -> Link:
    return db.session.scalars(select(Link).where(Link.contact_id == contact_id)).one()


def test_a_mapped_value_that_differs_goes_along(world: World, inbox: Inbox, zoe: str) -> None:
    version = rename(world, zoe, "Zoetje")
    event = inbox.changed(zoe)
    inbox.handle()
    assert world.first_name(zoe) == "Zoetje"
    assert inbox.outcome(event) is Outcome.UPDATED
    assert link(zoe).crm_version == str(version)


def test_nothing_leaves_where_no_mapped_value_differs(world: World, inbox: Inbox, zoe: str) -> None:
    world.crm.data.contacts.change(zoe, {"note": "Nieuw"}, silent=True)
    before = writes(world)
    event = inbox.changed(zoe)
    inbox.handle()
    assert inbox.outcome(event) is Outcome.UNCHANGED
    assert writes(world) == before


def test_only_linked_contacts(world: World, inbox: Inbox) -> None:
    noor = world.person("noor@example.nl")
    before = calls(world)
    events = [inbox.changed(noor), inbox.changed("nobody")]
    assert inbox.handle() == []
    assert [inbox.outcome(event) for event in events] == [EventOutcome.NOT_LINKED] * 2
    assert calls(world) == before


def test_an_older_version_is_known(world: World, inbox: Inbox, zoe: str) -> None:
    rename(world, zoe, "Zes")
    newer = rename(world, zoe, "Zeven")
    first = inbox.changed(zoe, newer)
    inbox.handle()
    before = calls(world)
    second, again = inbox.changed(zoe, newer - 1), inbox.changed(zoe, newer)
    assert inbox.handle() == []
    assert inbox.outcome(first) is Outcome.UPDATED
    assert {inbox.outcome(second), inbox.outcome(again)} == {EventOutcome.KNOWN}
    assert world.first_name(zoe) == "Zeven"
    # But for our own question about the name.
    assert calls(world) == before + 1


def test_five_in_a_second_are_one_write(world: World, inbox: Inbox, zoe: str) -> None:
    before = writes(world)
    versions = [rename(world, zoe, f"Naam {number}") for number in range(5)]
    events = [inbox.changed(zoe, version) for version in reversed(versions)]
    assert len(inbox.handle()) == 1
    assert world.first_name(zoe) == "Naam 4"
    assert {inbox.outcome(event) for event in events} == {Outcome.UPDATED}
    assert writes(world) == before + 1


def test_one_that_comes_before_the_run_has_begun_goes_along(
    world: World, inbox: Inbox, zoe: str
) -> None:
    first = inbox.changed(zoe, rename(world, zoe, "Een"))
    [run_id] = inbox.turn().run_ids
    second = inbox.changed(zoe, rename(world, zoe, "Twee"))
    assert inbox.turn().run_ids == []
    world.work(run_id)
    assert inbox.view(first).event.run_id == inbox.view(second).event.run_id == run_id
    assert world.first_name(zoe) == "Twee"


def test_a_change_while_the_contact_is_being_linked(world: World, inbox: Inbox) -> None:
    noor = world.person("noor@example.nl")
    run_id = world.ask(noor)
    event = inbox.changed(noor, rename(world, noor, "Noortje"))
    inbox.handle()
    assert inbox.outcome(event) is EventOutcome.WAITING
    world.work(run_id)
    assert world.first_name(noor) == "Noortje"
    with time_machine.travel(datetime.now(UTC) + timedelta(seconds=15)):
        inbox.handle()
    assert inbox.outcome(event) is EventOutcome.KNOWN


def test_many_contacts_are_one_run(world: World, inbox: Inbox, zoe: str) -> None:
    noor = world.person("noor@example.nl")
    world.save(noor)
    for contact_id in (zoe, noor):
        inbox.changed(contact_id, rename(world, contact_id, "Anders"))
    [run_id] = inbox.handle()
    assert db.session.get_one(Run, run_id).updated == 2


def test_one_that_is_gone_by_now(world: World, inbox: Inbox, zoe: str) -> None:
    event = inbox.changed(zoe, rename(world, zoe, "Weg"))
    world.crm.data.contacts.delete(zoe, silent=True)
    inbox.handle()
    view = inbox.view(event)
    assert (view.outcome, view.reason) == (Outcome.BLOCKED, Reason.GONE)
    assert view.standing is EventStanding.FAILED


def test_a_key_that_is_refused_lets_events_wait(world: World, inbox: Inbox, zoe: str) -> None:
    note_refusal(world.environment.id, datetime.now(UTC))
    db.session.commit()
    event = inbox.changed(zoe, rename(world, zoe, "Zoetje"))
    assert inbox.handle() == []
    view = inbox.view(event)
    assert (view.event.outcome, view.reason) == (
        EventOutcome.WAITING,
        Reason.CREDENTIALS_REFUSED,
    )
    db.session.execute(db.update(Connection).values(state="connected"))
    db.session.commit()
    world.control("PUT", "/settings", check_clock=False)
    with time_machine.travel(datetime.now(UTC) + timedelta(minutes=6)):
        inbox.handle()
    assert inbox.outcome(event) is Outcome.UPDATED


def test_a_disabled_environment_stands_still(world: World, inbox: Inbox, zoe: str) -> None:
    event = inbox.changed(zoe, rename(world, zoe, "Zoetje"))
    world.environment.disabled_at = datetime.now(UTC)
    db.session.commit()
    assert inbox.handle() == []
    assert inbox.outcome(event) is EventOutcome.WAITING


def test_two_workers_take_turns(world: World, inbox: Inbox, zoe: str) -> None:
    inbox.changed(zoe, rename(world, zoe, "Zoetje"))
    with holding(world.environment.id) as held:
        assert held is not None
        assert take_turn(world.environment.id).run_ids == []
    assert len(inbox.handle()) == 1


def test_an_event_on_which_workers_keep_ending_is_given_up(
    world: World, inbox: Inbox, zoe: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = inbox.take("relation.changed", relation_id="r-1", changed_fields=["uren module"])
    whole = inbox.changed(zoe, rename(world, zoe, "Zoetje"))

    def fail(*_arguments: object) -> None:
        raise RuntimeError("a bug of ours")

    monkeypatch.setattr(turn, "read_primaries", fail)
    for _ in range(turn.POISON):
        with pytest.raises(RuntimeError):
            inbox.turn()
    inbox.turn()
    view = inbox.view(broken)
    assert (view.event.outcome, view.reason) == (EventOutcome.FAILED, Reason.UNEXPECTED)
    inbox.handle()
    assert inbox.outcome(whole) is Outcome.UPDATED


def test_a_halted_run_is_told(world: World, inbox: Inbox, zoe: str) -> None:
    event = inbox.changed(zoe, rename(world, zoe, "Zoetje"))
    [run_id] = inbox.turn().run_ids
    world.fault("unauthorized")
    world.work(run_id)
    view = inbox.view(event)
    assert (view.standing, view.reason) == (EventStanding.WAITING, Reason.CREDENTIALS_REFUSED)
