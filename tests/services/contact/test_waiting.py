"""What was saved and waits is shown as it was asked, and changed by the next saving."""

from __future__ import annotations

from datetime import UTC, datetime

from spotler_plugin.extensions import db
from spotler_plugin.models import Outcome, RunState
from spotler_plugin.planning.reason import Reason
from spotler_plugin.services.contact.standing import view_contact
from spotler_plugin.services.link.status import Status
from spotler_plugin.services.run.control import hurry_run
from spotler_plugin.services.run.report import find_report
from spotler_plugin.services.run.turn import postponed_of
from tests.world.world import MONTHLY, QUARTERLY, World

ZOE = "zoe@example.nl"


def switches(world: World, contact_id: str) -> dict[int, tuple[bool, bool]]:
    """Whether each is on, and waits."""
    shown = view_contact(world.environment, contact_id).permissions
    return {each.bit: (each.enabled, each.is_waiting) for each in shown}


def test_what_waits_is_shown_as_asked_and_changed_by_the_next_saving(world: World) -> None:
    zoe = world.person(ZOE)
    world.save(zoe, {})
    world.fault("unavailable")
    older = world.ask(zoe, {MONTHLY: True, QUARTERLY: True}, seen={MONTHLY: False})
    world.work(older)
    shown = view_contact(world.environment, zoe)
    [first, *_] = shown.permissions
    assert switches(world, zoe)[MONTHLY] == switches(world, zoe)[QUARTERLY] == (True, True)
    assert first.reason is Reason.SPOTLER_AWAY
    assert first.until is not None and first.until > datetime.now(UTC)
    behind = shown.status.behind
    assert (shown.status.status, shown.status.reason) == (Status.PENDING, Reason.SPOTLER_AWAY)
    assert behind is not None and behind.until == first.until

    # As the screen showed them, which Spotler does not have yet.
    seen = {MONTHLY: True, QUARTERLY: True}
    newer = world.ask(zoe, {MONTHLY: False}, seen=seen)
    assert switches(world, zoe)[MONTHLY] == (False, True)
    assert switches(world, zoe)[QUARTERLY] == (True, True)
    world.control("DELETE", "/faults")
    world.work(older)
    assert world.view(older, zoe).outcome is Outcome.CANCELLED
    world.work(newer)
    assert world.view(newer, zoe).outcome is Outcome.UPDATED
    found = world.in_spotler(zoe)
    assert found is not None
    assert (found.permissions[MONTHLY], found.permissions[QUARTERLY]) == (False, True)
    assert world.status(zoe).status is Status.SYNCED


def test_who_signed_off_meanwhile_stays_off(world: World) -> None:
    zoe = world.person(ZOE)
    world.save(zoe, {MONTHLY: True})
    world.fault("unavailable", path="/contact/list")
    older = world.ask(zoe, {QUARTERLY: True})
    world.work(older)
    world.control("DELETE", "/faults")
    world.control("POST", f"/contacts/{zoe}/permissions", bit=QUARTERLY, enabled=True)
    world.sign_off(zoe, QUARTERLY)
    newer = world.ask(zoe, {MONTHLY: False})
    world.work(newer)
    found = world.in_spotler(zoe)
    assert found is not None
    assert not found.permissions[MONTHLY]


def test_a_start_that_waits_goes_along(world: World) -> None:
    zoe, automation = world.person(ZOE), world.automation("download e-book")
    world.save(zoe, {})
    world.fault("unavailable")
    world.work(world.ask(zoe, {}, [automation]))
    newer = world.ask(zoe, {MONTHLY: True})
    world.control("DELETE", "/faults")
    world.work(newer)
    started = world.control("GET", f"/enrolments?externalId={zoe}")["enrolments"]
    assert len(started) == 1


def test_a_person_lets_it_be_tried_now(world: World) -> None:
    zoe = world.person(ZOE)
    world.fault("unavailable")
    run_id = world.ask(zoe, {MONTHLY: True})
    world.work(run_id)
    waits = postponed_of(world.environment.id, run_id)
    assert waits is not None
    assert (waits.contacts, waits.starts, waits.reason) == (1, 0, Reason.SPOTLER_AWAY)
    world.control("DELETE", "/faults")
    world.work(run_id)
    assert world.view(run_id, zoe).outcome is Outcome.OPEN, "not yet"
    hurry_run(world.environment.id, run_id)
    db.session.commit()
    world.work(run_id)
    assert world.view(run_id, zoe).outcome is Outcome.LINKED
    assert postponed_of(world.environment.id, run_id) is None
    report = find_report(world.environment.id, run_id)
    assert report is not None and report.state is RunState.FINISHED
