"""The run does what its preview said, to the last contact; a preview lasts, stops and resumes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
import time_machine
from sqlalchemy import event
from sqlalchemy.engine import Engine
from sqlalchemy.exc import OperationalError

from demo.crm.faults import Fault, Kind
from spotler_plugin.extensions import db
from spotler_plugin.models import (
    Environment,
    Link,
    MappingRow,
    Outcome,
    Preview,
    PreviewState,
    Run,
    RunItem,
    RunKind,
    Whom,
)
from spotler_plugin.planning.reason import Reason
from spotler_plugin.planning.tally import Tally
from spotler_plugin.services.mapping.store import saved_mapping
from spotler_plugin.services.preview import compute
from spotler_plugin.services.preview.add_up import SAMPLES
from spotler_plugin.services.preview.approve import (
    Braked,
    MappingChanged,
    NotReady,
    confirm_preview,
    is_braked,
)
from spotler_plugin.services.preview.compute import advance_preview
from spotler_plugin.services.preview.request import (
    cancel_preview,
    find_preview,
    overdue_previews,
    request_preview,
    tally_of,
)
from tests.world.accounts import ALICE
from tests.world.crowd import Crowd, gather, read_feed, work
from tests.world.world import World

POSTCODE = ("contact", "postcode")


def ask(world: World, kind: RunKind = RunKind.SYNC, **more: str) -> Preview:
    """`more` maps fields of contacts besides those that are mapped already."""
    proposal = saved_mapping(world.environment.id)
    proposal |= {("contact", field): property for field, property in more.items()}
    made = request_preview(world.environment, Whom.LINKED, kind, proposal, ALICE)
    db.session.commit()
    return made


def worked_out(row: Preview) -> Tally:
    while advance_preview(row.environment_id, row.id):
        pass
    db.session.refresh(row)
    assert row.state is PreviewState.READY
    return tally_of(row)


def confirmed(world: World, row: Preview, typed: int | None = None) -> Run:
    run_id = confirm_preview(world.environment, row.id, ALICE, typed)
    db.session.commit()
    return work(run_id)


def calls_at(world: World) -> int:
    return int(world.control("GET", "/calls")["total"])


def blocked_in(run: Run) -> dict[str, int]:
    rows = db.session.execute(
        db.select(RunItem.reason, db.func.count())
        .where(RunItem.run_id == run.id, RunItem.outcome == Outcome.BLOCKED)
        .group_by(RunItem.reason)
    )
    return {reason: number for reason, number in rows}


def emptied_in(run: Run) -> int:
    items = db.session.scalars(db.select(RunItem).where(RunItem.run_id == run.id))
    return sum(bool(item.after and item.after.cleared) for item in items)


@pytest.mark.people(240)
def test_the_run_does_what_the_preview_said(world: World, crowd: Crowd) -> None:
    crowd.change(0, 30, first_name="Anders")
    crowd.change(20, 45, phone=None)
    crowd.change(50, 60, postcode="B-2000")
    crowd.change(60, 80, postcode="3011 AB")
    crowd.change(100, 104, email=None)
    crowd.change(110, 112, email="samen@example.nl")
    crowd.change(112, 113, email="persoon200@example.nl")
    # One leaves its address, another takes it.
    crowd.change(205, 206, email="nieuw205@example.nl")
    crowd.change(206, 207, email="persoon205@example.nl")
    for contact_id in crowd.ids[120:125]:
        world.crm.data.contacts.delete(contact_id)
    for contact_id in crowd.ids[130:133]:
        world.control("POST", f"/contacts/{contact_id}/opt-out")
    read_feed(world)

    calls = calls_at(world)
    row = ask(world, RunKind.MAPPING, postcode="postalCode")
    tally = worked_out(row)
    assert calls_at(world) == calls, "Spotler was not called"
    assert saved_mapping(world.environment.id).get(POSTCODE) is None, "nothing was saved"
    assert (tally.emptied, tally.emptied_by) == (25, {"phoneNumber": 25})
    assert tally.refused_by == {"postalCode": {Reason.FOREIGN_POSTCODE: 10}}
    assert (tally.total, row.total) == (240, 240)

    run = confirmed(world, row)
    assert run.selected == 240 and run.mapping_version == world.environment.mapping_version == 2
    assert (run.updated, run.unchanged, run.blocked) == (
        tally.updated,
        tally.unchanged,
        tally.blocked,
    )
    assert blocked_in(run) == tally.blocked_by
    assert tally.blocked_by.keys() == {
        Reason.NO_ADDRESS,
        Reason.ADDRESS_DOUBLED,
        Reason.GONE,
        Reason.INACTIVE,
    }
    assert emptied_in(run) == tally.emptied
    assert saved_mapping(world.environment.id)[POSTCODE] == "postalCode"
    found = world.in_spotler(crowd.ids[70])
    assert found is not None and found.properties["postalCode"] == "3011 AB"

    again = worked_out(ask(world))
    assert (again.written, again.calls) == (0, 0), "and then there is rest"


@pytest.mark.people(120)
def test_an_address_that_comes_free_later_is_not_free_yet(world: World, crowd: Crowd) -> None:
    crowd.change(5, 6, email="persoon110@example.nl")
    crowd.change(110, 111, email="nieuw@example.nl")
    row = ask(world)
    tally = worked_out(row)
    run = confirmed(world, row)
    assert (run.updated, run.blocked) == (tally.updated, tally.blocked) == (1, 1)
    assert worked_out(ask(world)).updated == 1, "the next time it is"


def test_the_samples_say_before_and_after(world: World) -> None:
    crowd = gather(world, 30)
    crowd.change(0, 25, first_name="Zoë", phone=None)
    row = ask(world)
    worked_out(row)
    assert len(row.samples) == SAMPLES
    assert row.samples[3] == {
        "id": crowd.ids[3],
        "name": "Zoë Bakker",
        "changes": [["firstName", "Persoon 3", "Zoë"], ["phoneNumber", "010 1234567", None]],
    }


@pytest.mark.people(120)
def test_the_calls_are_counted_as_the_run_makes_them(world: World, crowd: Crowd) -> None:
    crowd.change(0, 3, phone=None)
    crowd.change(3, 120, first_name="Anders")
    row = ask(world)
    tally = worked_out(row)
    before = calls_at(world)
    confirmed(world, row)
    assert calls_at(world) - before == tally.calls == 3 * 2 + 2


def test_relation_fields_go_along(world: World) -> None:
    relation_id = world.crm.data.relations.page("", 1, 0)[0].id
    ids = [
        world.crm.data.contacts.add(
            {"email": f"r{n}@example.nl"}, relation_id=relation_id, silent=True
        ).id
        for n in range(2)
    ]
    for contact_id in ids:
        world.save(contact_id)
    proposal = saved_mapping(world.environment.id) | {("relation", "name"): "organisation"}
    row = request_preview(world.environment, Whom.LINKED, RunKind.MAPPING, proposal, ALICE)
    db.session.commit()
    assert worked_out(row).updated == 2
    run = confirmed(world, row)
    assert run.updated == 2


@pytest.mark.people(3)
@pytest.mark.usefixtures("crowd")
def test_confirmed_twice_it_runs_once(world: World) -> None:
    row = ask(world, RunKind.MAPPING, city="city")
    worked_out(row)
    run = confirmed(world, row)
    assert confirm_preview(world.environment, row.id, ALICE, None) == run.id
    assert world.environment.mapping_version == 2


def test_another_mapping_meanwhile_is_not_overwritten(world: World) -> None:
    first, second = ask(world, RunKind.MAPPING, city="city"), None
    worked_out(first)
    second = ask(world, RunKind.MAPPING, title="functie")
    worked_out(second)
    confirmed(world, second)
    with pytest.raises(MappingChanged):
        confirm_preview(world.environment, first.id, ALICE, None)
    assert ("contact", "city") not in saved_mapping(world.environment.id)


@pytest.mark.parametrize("state", [PreviewState.OPEN, PreviewState.CANCELLED, PreviewState.FAILED])
def test_only_what_was_worked_out_can_be_confirmed(world: World, state: PreviewState) -> None:
    row = ask(world)
    row.state = state
    db.session.commit()
    with pytest.raises(NotReady):
        confirm_preview(world.environment, row.id, ALICE, None)


@pytest.mark.people(120)
def test_the_brake_asks_for_the_number(world: World, crowd: Crowd) -> None:
    crowd.change(0, 51, phone=None)
    row = ask(world)
    tally = worked_out(row)
    assert tally.emptied == 51 and is_braked(tally)
    for typed in (None, 50, 120):
        with pytest.raises(Braked):
            confirm_preview(world.environment, row.id, ALICE, typed)
    assert confirmed(world, row, typed=51).updated == 51


@pytest.mark.parametrize(
    ("emptied", "total", "braked"),
    [(50, 60, False), (51, 60, True), (51, 255, False), (52, 255, True), (0, 0, False)],
)
def test_the_brake_needs_more_than_both(
    world: World, emptied: int, total: int, braked: bool
) -> None:
    tally = Tally(updated=emptied, unchanged=total - emptied, emptied=emptied)
    assert is_braked(tally) is braked


@pytest.mark.people(240)
def test_it_stops_between_two_chunks(
    world: World, crowd: Crowd, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compute, "TURN_SECONDS", 0.0001)
    row = ask(world)
    assert advance_preview(row.environment_id, row.id)
    cancel_preview(row.environment_id, row.id)
    db.session.commit()
    assert not advance_preview(row.environment_id, row.id)
    db.session.refresh(row)
    assert row.state is PreviewState.CANCELLED and tally_of(row).total == 100


@pytest.mark.people(240)
def test_a_dead_workers_preview_is_taken_over_where_it_was(
    world: World, crowd: Crowd, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compute, "TURN_SECONDS", 0.0001)
    row = ask(world)
    advance_preview(row.environment_id, row.id)
    row.lease, row.leased_until = UUID(int=1), datetime.now(UTC) + timedelta(seconds=60)
    row.enqueued_at = None
    db.session.commit()
    assert not advance_preview(row.environment_id, row.id), "somebody has it"
    assert overdue_previews() == []
    with time_machine.travel(datetime.now(UTC) + timedelta(seconds=61), tick=True):
        assert overdue_previews() == [(row.environment_id, row.id)]
        assert overdue_previews() == [], "it was enqueued"
        db.session.commit()
        assert worked_out(row).total == 240


@pytest.mark.people(2)
@pytest.mark.usefixtures("crowd")
def test_a_turn_that_fails_keeps_nobody_waiting(world: World) -> None:
    """Until its lease was over, a minute, no worker took the preview up again."""
    row = ask(world)

    def lock(_1: object, _2: object, sql: str, *_more: object) -> None:
        if "FROM mirror_contact" in sql:
            raise OperationalError(sql, {}, Exception("database is locked"))

    event.listen(Engine, "before_cursor_execute", lock)
    with pytest.raises(OperationalError):
        advance_preview(row.environment_id, row.id)
    event.remove(Engine, "before_cursor_execute", lock)
    db.session.refresh(row)
    assert row.lease is None and row.state is PreviewState.OPEN
    assert worked_out(row).total == 2


@pytest.mark.people(2)
@pytest.mark.usefixtures("crowd")
@pytest.mark.parametrize(
    ("status", "reason"), [("503", Reason.CRM_AWAY), ("401", Reason.CRM_REFUSED)]
)
def test_a_crm_that_is_away_is_sat_out_and_then_said(
    world: World, status: Kind, reason: Reason
) -> None:
    world.crm.data.faults.add(Fault(status, path="/contacts"))
    row = ask(world)
    for attempt in range(5):
        with time_machine.travel(datetime.now(UTC) + timedelta(hours=attempt), tick=True):
            advance_preview(row.environment_id, row.id)
        db.session.refresh(row)
        assert row.reason == reason
    assert row.state is PreviewState.FAILED


@pytest.mark.people(2)
@pytest.mark.usefixtures("crowd")
def test_a_token_that_the_crm_refuses_once_is_said_at_once_and_ends_nothing(world: World) -> None:
    world.crm.data.faults.add(Fault("401", calls=1, path="/contacts"))
    row = ask(world)
    advance_preview(row.environment_id, row.id)
    db.session.refresh(row)
    assert (row.state, row.reason) == (PreviewState.OPEN, Reason.CRM_REFUSED)
    with time_machine.travel(datetime.now(UTC) + timedelta(minutes=1), tick=True):
        advance_preview(row.environment_id, row.id)
    db.session.refresh(row)
    assert row.state is PreviewState.READY


def test_asking_again_stops_what_the_same_person_asked_before(world: World) -> None:
    first, second = ask(world), ask(world)
    db.session.refresh(first)
    assert (first.state, second.state) == (PreviewState.CANCELLED, PreviewState.OPEN)


def test_it_sees_its_own_environment_only(world: World, other_environment: Environment) -> None:
    now = datetime.now(UTC)
    db.session.add(Link(environment_id=other_environment.id, contact_id="c-1", linked_at=now))
    db.session.add(
        MappingRow(
            environment_id=other_environment.id, entity="contact", field="city", property="city"
        )
    )
    row = ask(world)
    assert worked_out(row).total == 0
    assert find_preview(other_environment.id, row.id) is None
    assert not advance_preview(other_environment.id, row.id)
