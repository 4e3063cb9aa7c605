"""An automatic action fires once, is carried out in order, and goes on after whatever happens."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
import time_machine
from sqlalchemy import select

from demo.crm.faults import Fault, Kind
from spotler_plugin.extensions import db
from spotler_plugin.jobs import automatic_action as jobs
from spotler_plugin.models import (
    Act,
    AutomaticAction,
    Automation,
    EnrolmentState,
    Firing,
    FiringState,
    Outcome,
    Permission,
    Run,
    RunKind,
    RunState,
    Source,
)
from spotler_plugin.planning.adjustment import Adjustment, Switch
from spotler_plugin.planning.detail import Since
from spotler_plugin.planning.draft import Draft
from spotler_plugin.planning.plan import ChangeKind
from spotler_plugin.planning.reason import Reason
from spotler_plugin.services.automatic_action import advance
from spotler_plugin.services.automatic_action.advance import advance_firing
from spotler_plugin.services.automatic_action.edit import add_action, delete_action, switch_action
from spotler_plugin.services.automatic_action.fire import NoAction, Transition, fire_action
from spotler_plugin.services.automatic_action.history import FiringView, page_of_firings
from spotler_plugin.services.automatic_action.retry import (
    due_firings,
    overdue_firings,
    reopen_firing,
    retry_run,
)
from spotler_plugin.services.automatic_action.try_out import foresee
from spotler_plugin.services.contact.view import refresh_contact
from spotler_plugin.services.health.figures import figures_by_environment
from spotler_plugin.services.lease import claim
from spotler_plugin.wording.automatic_action.told import skipped_points
from tests.world.accounts import ALICE
from tests.world.death import Killed, killed_at_call
from tests.world.undo import items_of, undone
from tests.world.world import MONTHLY, QUARTERLY, REFUSED, World

ON = Adjustment(note="Offerte gestuurd", switches={MONTHLY: Switch(True, "toestemming gegeven")})
LATER = timedelta(hours=1)


def action(world: World, adjustment: Adjustment = ON) -> AutomaticAction:
    made = add_action(world.environment.id, Draft("Welkom", "", adjustment), ALICE)
    db.session.commit()
    return made


def fire(world: World, made: AutomaticAction, contact_id: str, transition: str = "t-1") -> UUID:
    firing_id = fire_action(
        world.environment.id,
        str(made.id),
        contact_id,
        Transition(transition, "s-1", "Lead", "Offerte", datetime.now(UTC)),
    )
    db.session.commit()
    assert firing_id is not None
    return firing_id


def work(world: World, firing_id: UUID) -> FiringView:
    """What workers do with it; how it stands then."""
    run_id = advance_firing(world.environment.id, firing_id)
    if run_id is not None:
        world.work(run_id)
    return seen(world, firing_id)


def seen(world: World, firing_id: UUID) -> FiringView:
    db.session.expire_all()
    firing = db.session.get_one(Firing, firing_id)
    page = page_of_firings(world.environment.id, firing.action_id, 1)
    return next(view for view in page.rows if view.id == firing_id)


def note(world: World, contact_id: str) -> object:
    contact = world.crm.data.contacts.find(contact_id)
    assert contact is not None
    return contact.fields["note"]


def writes(world: World) -> int:
    """Calls that reached the CRM to change a contact."""
    return sum(call.method == "PATCH" for call in world.crm.data.calls.all())


def test_it_writes_the_note_links_and_switches_on(world: World) -> None:
    zoe = world.person("zoe@example.nl")
    view = work(world, fire(world, action(world), zoe))
    assert (view.state, view.outcome) == (FiringState.HANDED_OVER, Outcome.LINKED)
    assert view.told and view.switched == {MONTHLY: True}
    assert note(world, zoe) == "Offerte gestuurd"
    found = world.in_spotler(zoe)
    assert found is not None and found.permissions[MONTHLY]
    run = db.session.scalars(select(Run)).one()
    assert (run.kind, run.source) == (RunKind.ACTION, Source.AUTOMATIC_ACTION)
    act = db.session.scalars(select(Act)).one()
    assert (act.source, act.actor_name) == (Source.AUTOMATIC_ACTION, "Welkom")


@pytest.mark.parametrize("dies", [False, True])
def test_note_and_status_go_back_with_the_undo_of_its_run(world: World, dies: bool) -> None:
    zoe = world.person("zoe@example.nl", note="Belt graag")
    made = action(world, Adjustment(note="Offerte gestuurd", active=False))
    firing_id = fire(world, made, zoe)
    if dies:
        # Its worker, right after the CRM did it: what was there before is known all the same.
        with killed_at_call(world, 2, after=True), pytest.raises(Killed):
            advance_firing(world.environment.id, firing_id)
        with time_machine.travel(datetime.now(UTC) + LATER):
            view = work(world, firing_id)
    else:
        view = work(world, firing_id)
    assert view.state is FiringState.HANDED_OVER and note(world, zoe) == "Offerte gestuurd"
    run = db.session.scalars(select(Run)).one()
    undone(world, run)
    contact = world.crm.data.contacts.find(zoe)
    assert contact is not None and contact.active
    assert contact.fields["note"] == "Belt graag"


def test_a_note_that_the_crm_made_something_else_of_stays(world: World) -> None:
    zoe = world.person("zoe@example.nl", note="Belt graag")
    work(world, fire(world, action(world, Adjustment(note="Offerte gestuurd")), zoe))
    appended = "Belt graag\nOfferte gestuurd"
    world.crm.data.contacts.change(zoe, {"note": appended}, silent=True)
    back = undone(world, db.session.scalars(select(Run)).one())
    assert note(world, zoe) == appended
    told = items_of(back)[zoe].detail
    since = Since("note", "Offerte gestuurd", appended, in_crm=True)
    assert told is not None and told.since == (since,)


def test_a_transition_fires_it_once(world: World) -> None:
    zoe, made = world.person("zoe@example.nl"), action(world)
    fire(world, made, zoe)
    again = Transition("t-1")
    assert fire_action(world.environment.id, str(made.id), zoe, again) is None
    fire(world, made, zoe, "t-2")
    fire(world, made, world.person("bestaand@example.nl"))
    assert len(db.session.scalars(select(Firing)).all()) == 3


@pytest.mark.parametrize("action_id", ["", "7", "8f14e45f-ceea-467a-9575-2b7d1c3c1b2a"])
def test_an_action_that_is_none_does_nothing(world: World, action_id: str) -> None:
    with pytest.raises(NoAction):
        fire_action(world.environment.id, action_id, "c-1", Transition("t-1"))


def test_the_status_goes_to_the_crm(world: World) -> None:
    zoe = world.person("zoe@example.nl")
    world.save(zoe)
    view = work(world, fire(world, action(world, Adjustment(active=False)), zoe))
    contact = world.crm.data.contacts.find(zoe)
    assert contact is not None and not contact.active
    assert view.outcome is Outcome.UNCHANGED


def test_who_signed_off_is_linked_and_stays_off(world: World) -> None:
    zoe = world.person("zoe@example.nl")
    world.save(zoe, {MONTHLY: True})
    world.sign_off(zoe, MONTHLY)
    refresh_contact(world.environment, zoe)
    world.crm.data.contacts.change(zoe, {"first_name": "Zoë Marie"}, silent=True)
    switches = {MONTHLY: Switch(True, "klant"), QUARTERLY: Switch(True, "klant")}
    view = work(world, fire(world, action(world, Adjustment(switches=switches)), zoe))
    assert view.outcome is Outcome.UPDATED
    assert view.detail.signed_off == (MONTHLY,) and view.switched == {QUARTERLY: True}
    found = world.in_spotler(zoe)
    assert found is not None and not found.permissions[MONTHLY] and found.permissions[QUARTERLY]


def test_an_automation_starts_once(world: World) -> None:
    zoe = world.person("zoe@example.nl")
    made = action(world, Adjustment(automations=(world.automation("Onboarding nieuwe klant"),)))
    first, second = (work(world, fire(world, made, zoe, each)) for each in ("t-1", "t-2"))
    assert [start.state for start in first.starts] == [EnrolmentState.STARTED]
    assert second.starts == ()


def test_what_vanished_from_spotler_is_skipped_and_the_history_says_so(world: World) -> None:
    zoe, label = world.person("zoe@example.nl"), "Onboarding nieuwe klant"
    welcome = world.automation(label)
    switches = {MONTHLY: Switch(True, "klant"), QUARTERLY: Switch(True, "klant")}
    made = action(world, Adjustment(switches=switches, automations=(welcome,)))
    firing_id = fire(world, made, zoe)
    gone = db.session.scalars(
        select(Permission).where(
            Permission.environment_id == world.environment.id, Permission.bit == QUARTERLY
        )
    ).one()
    gone.gone_at = db.session.get_one(Automation, welcome).gone_at = datetime.now(UTC)
    db.session.commit()
    foreseen = foresee(world.environment, made.adjustment, zoe)
    view = work(world, firing_id)
    assert view.skipped == foreseen.skipped
    said = f"{label} bestaat niet meer in Spotler, overgeslagen"
    assert skipped_points(view.skipped)[1] == said
    assert skipped_points(view.skipped)[0].startswith(gone.description)
    assert view.outcome is Outcome.LINKED and view.switched == {MONTHLY: True}
    assert view.starts == ()


def test_an_automation_that_is_not_active_is_skipped_too(world: World) -> None:
    zoe, welcome = world.person("zoe@example.nl"), world.automation("Onboarding nieuwe klant")
    made = action(world, Adjustment(automations=(welcome,)))
    firing_id = fire(world, made, zoe)
    db.session.get_one(Automation, welcome).active = False
    db.session.commit()
    [said] = skipped_points(work(world, firing_id).skipped)
    assert said == "Onboarding nieuwe klant is niet meer actief in Spotler, overgeslagen"


@pytest.mark.parametrize("status", ["503", "401"])
def test_while_the_crm_is_away_it_waits(world: World, status: Kind) -> None:
    zoe = world.person("zoe@example.nl")
    world.crm.data.faults.add(Fault(status, calls=1, path="/contacts"))
    firing_id = fire(world, action(world), zoe)
    view = work(world, firing_id)
    reason = Reason.CRM_REFUSED if status == "401" else Reason.CRM_AWAY
    assert (view.state, view.reason, view.told) == (FiringState.OPEN, reason, False)
    assert overdue_firings() == set()
    db.session.commit()
    with time_machine.travel(datetime.now(UTC) + LATER, tick=True):
        assert overdue_firings() == {world.environment.id}
        db.session.commit()
        assert work(world, firing_id).outcome is Outcome.LINKED


def test_what_the_crm_declines_is_retried_by_hand(world: World) -> None:
    gone = world.person("weg@example.nl")
    world.crm.data.contacts.delete(gone, silent=True)
    firing_id = fire(world, action(world), gone)
    view = work(world, firing_id)
    assert (view.state, view.reason) == (FiringState.FAILED, Reason.GONE)
    assert db.session.scalars(select(Run)).all() == [] and view.may_retry
    world.crm.data.contacts.add({"email": "weg@example.nl"}, contact_id=gone, silent=True)
    assert reopen_firing(world.environment.id, firing_id)
    db.session.commit()
    assert work(world, firing_id).outcome is Outcome.LINKED
    assert not reopen_firing(world.environment.id, firing_id)


def test_what_spotler_refused_is_retried_in_its_run(world: World) -> None:
    person = world.person(REFUSED)
    firing_id = fire(world, action(world), person)
    assert work(world, firing_id).outcome is Outcome.REJECTED
    world.crm.data.contacts.change(person, {"email": "wel@example.nl"}, silent=True)
    run_id = retry_run(world.environment.id, firing_id)
    db.session.commit()
    assert run_id is not None
    world.work(run_id)
    assert seen(world, firing_id).outcome is Outcome.LINKED
    assert writes(world) == 1, "the CRM has its note already"


@pytest.mark.parametrize("step", ["_hand_over", "create_run", "record_acts", "_keep_patch"])
def test_a_worker_that_dies_between_the_steps_leaves_nothing_undone(
    world: World, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    zoe = world.person("zoe@example.nl")
    firing_id = fire(world, action(world), zoe)

    def die(*_: Any, **__: Any) -> None:
        raise Killed

    with monkeypatch.context() as patch, pytest.raises(Killed):
        patch.setattr(advance, step, die)
        advance_firing(world.environment.id, firing_id)
    db.session.rollback()
    version = contact_version(world, zoe)
    assert advance_firing(world.environment.id, firing_id) is None, "its lease lasts"
    with time_machine.travel(datetime.now(UTC) + LATER, tick=True):
        assert len(overdue_firings()) == 1
        db.session.commit()
        assert work(world, firing_id).outcome is Outcome.LINKED
    assert contact_version(world, zoe) == version, "the note is not written twice"
    assert len(db.session.scalars(select(Run)).all()) == 1
    assert len(db.session.scalars(select(Act)).all()) == 1


def contact_version(world: World, contact_id: str) -> int:
    contact = world.crm.data.contacts.find(contact_id)
    assert contact is not None
    return contact.version


@pytest.mark.parametrize("stop", [lambda made: switch_action(made, False), delete_action])
def test_one_that_was_switched_off_meanwhile_does_nothing(
    world: World, stop: Callable[[AutomaticAction], None]
) -> None:
    zoe, made = world.person("zoe@example.nl"), action(world)
    firing_id = fire(world, made, zoe)
    stop(made)
    db.session.commit()
    view = work(world, firing_id)
    assert (view.state, view.reason) == (FiringState.FAILED, Reason.ACTION_OFF)
    assert note(world, zoe) != "Offerte gestuurd" and world.in_spotler(zoe) is None


def test_one_of_another_account_does_nothing(world: World) -> None:
    zoe, made = world.person("zoe@example.nl"), action(world)
    world.environment.account_since = datetime.now(UTC)
    db.session.commit()
    view = work(world, fire(world, made, zoe))
    assert (view.state, view.reason) == (FiringState.FAILED, Reason.FORMER_ACCOUNT)
    assert not view.may_retry and not reopen_firing(world.environment.id, view.id)


def test_a_disabled_environments_stands_still(world: World) -> None:
    firing_id = fire(world, action(world), world.person("zoe@example.nl"))
    world.environment.disabled_at = datetime.now(UTC)
    db.session.commit()
    assert advance_firing(world.environment.id, firing_id) is None
    assert overdue_firings() == set()
    db.session.commit()
    world.environment.disabled_at = None
    db.session.commit()
    assert work(world, firing_id).outcome is Outcome.LINKED


def test_one_job_carries_out_all_that_fired_with_its_runs(world: World) -> None:
    made = action(world)
    for address in ("zoe@example.nl", "jan@example.nl"):
        fire(world, made, world.person(address))
    jobs.start(world.environment.id)
    jobs.advance(world.environment.id)
    assert set(db.session.scalars(select(Firing.state))) == {FiringState.HANDED_OVER}
    assert list(db.session.scalars(select(Run.state))) == [RunState.FINISHED] * 2
    assert due_firings(world.environment.id) == []


def test_a_firing_that_a_worker_has_is_left_to_it(world: World) -> None:
    firing_id = fire(world, action(world), world.person("zoe@example.nl"))
    assert claim(Firing, Firing.id == firing_id, timedelta(seconds=60))
    db.session.commit()
    assert due_firings(world.environment.id) == []
    jobs.advance(world.environment.id)
    assert db.session.scalars(select(Run)).all() == []


class TestTryingOut:
    def test_it_tells_what_would_happen_and_does_nothing(self, world: World) -> None:
        zoe, made = world.person("zoe@example.nl"), action(world)
        foreseen = foresee(world.environment, made.adjustment, zoe)
        assert foreseen.change is not None and foreseen.name
        assert foreseen.change.kind is ChangeKind.LINK
        assert foreseen.change.permissions == {MONTHLY: True}
        assert note(world, zoe) != "Offerte gestuurd" and writes(world) == 0
        assert db.session.scalars(select(Act)).all() == []
        assert db.session.scalars(select(Run)).all() == []

    def test_the_crm_may_change_where_spotler_does_not(self, world: World) -> None:
        zoe = world.person("zoe@example.nl")
        world.save(zoe)
        foreseen = foresee(world.environment, Adjustment(note="Gebeld", active=True), zoe)
        assert foreseen.change is not None and foreseen.change.kind is ChangeKind.UNCHANGED
        [note_] = foreseen.in_crm
        assert (note_.field, note_.after) == ("note", "Gebeld"), "active it is already"

    def test_a_sign_off_is_foreseen(self, world: World) -> None:
        zoe, made = world.person("zoe@example.nl"), action(world)
        world.save(zoe, {MONTHLY: True})
        world.sign_off(zoe, MONTHLY)
        refresh_contact(world.environment, zoe)
        change = foresee(world.environment, made.adjustment, zoe).change
        assert change is not None and change.permissions == {}
        assert change.detail.signed_off == (MONTHLY,)
        assert change.reason is Reason.SIGNED_OFF_BEFORE
        assert work(world, fire(world, made, zoe)).reason is change.reason

    def test_who_may_not_be_written_is_told(self, world: World) -> None:
        made = action(world, Adjustment(active=False))
        change = foresee(world.environment, made.adjustment, world.person("zoe@example.nl")).change
        assert change is not None and change.reason is Reason.CRM_INACTIVE
        change = foresee(world.environment, made.adjustment, "nobody").change
        assert change is not None and change.reason is Reason.GONE

    def test_without_the_crm_it_says_so(self, world: World) -> None:
        world.crm.data.faults.add(Fault("503", calls=1, path="/contacts"))
        foreseen = foresee(world.environment, ON, world.person("zoe@example.nl"))
        assert (foreseen.change, foreseen.trouble) == (None, Reason.CRM_AWAY)


def test_the_operator_sees_how_long_one_waits(world: World) -> None:
    fire(world, action(world), world.person("zoe@example.nl"))
    with time_machine.travel(datetime.now(UTC) + LATER, tick=True):
        waiting = figures_by_environment()["acme"].waiting_seconds
    assert waiting == pytest.approx(3600, abs=60)
