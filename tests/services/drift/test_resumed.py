"""A worker dies at any step, a side is away, somebody stops it or saves another mapping."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, update

from demo.crm.faults import Fault
from spotler_plugin.extensions import db
from spotler_plugin.models import (
    Connection,
    ConnectionState,
    Drift,
    DriftItem,
    DriftKind,
    DriftStage,
    DriftState,
)
from spotler_plugin.planning.reason import Reason
from spotler_plugin.services.backoff import ATTEMPTS
from spotler_plugin.services.drift import advance, asking, comparing, others
from spotler_plugin.services.drift.advance import advance_drift
from spotler_plugin.services.drift.report import differing_linked, progress_of
from spotler_plugin.services.drift.request import cancel_drift, overdue_drifts
from spotler_plugin.services.mapping.store import save_mapping, saved_mapping
from tests.services.drift.test_compare import asked, compared, edit_in_spotler, found, worked
from tests.world.crowd import Crowd
from tests.world.death import Killed, killed_at_call, killed_at_commit
from tests.world.world import World

pytestmark = pytest.mark.people(7)

STEPS = 60
"""More than a comparison of this many has."""


@pytest.fixture
def crowd(crowd: Crowd, monkeypatch: pytest.MonkeyPatch) -> Crowd:
    """Seven that are linked, of whom one differs, one is gone and one is missing; small steps."""
    for module in (comparing, others):
        monkeypatch.setattr(module, "CHUNK", 3)
    edit_in_spotler(crowd.world, crowd.ids[1], firstName="Elders")
    crowd.world.crm.data.contacts.delete(crowd.ids[3], silent=True)
    crowd.world.control("DELETE", f"/contacts/{crowd.ids[5]}")
    return crowd


def leases_end(row: Drift) -> None:
    db.session.rollback()
    db.session.execute(
        update(Drift)
        .where(Drift.environment_id == row.environment_id, Drift.lease.is_not(None))
        .values(leased_until=datetime.now(UTC) - timedelta(seconds=1))
    )
    db.session.commit()


@pytest.mark.parametrize(
    "kill",
    [
        lambda world, step: killed_at_call(world, step, after=False),
        lambda world, step: killed_at_call(world, step, after=True),
        lambda _world, step: killed_at_commit(step),
    ],
    ids=["before a call", "after a call", "at a commit"],
)
def test_killed_at_every_step(crowd: Crowd, kill: Callable[[World, int], Any]) -> None:
    """One comparison, whose worker dies at its first step, the next one at its second …"""
    row = asked(crowd.world)
    deaths = 0
    for step in range(1, STEPS):
        with kill(crowd.world, step):
            try:
                while advance_drift(row.environment_id, row.id):
                    pass
            except Killed:
                deaths += 1
        leases_end(row)
        # Nobody gives up on it meanwhile, as people would after so many deaths.
        db.session.execute(
            update(Drift).where(Drift.environment_id == row.environment_id).values(attempts=0)
        )
        db.session.commit()
        db.session.refresh(row)
        if row.state is not DriftState.OPEN:
            break
    assert row.state is DriftState.READY and deaths > 3
    assert (row.compared, row.equal, differing_linked(row)) == (7, 4, 3)
    assert found(row, DriftKind.DIFFERENT).keys() == {crowd.ids[1]}
    rows = db.session.scalar(select(func.count()).select_from(DriftItem))
    assert rows == sum(row.counts.values())


def test_turns_follow_each_other(crowd: Crowd, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever a turn gets done, others get theirs in between."""
    monkeypatch.setattr(advance, "TURN_SECONDS", 0)
    row = asked(crowd.world)
    turns, shown = 0, []
    while advance_drift(row.environment_id, row.id):
        turns += 1
        db.session.refresh(row)
        shown.append((row.stage, progress_of(row)))
    db.session.refresh(row)
    assert row.state is DriftState.READY and turns > 5
    assert {stage for stage, _ in shown} == set(DriftStage)
    assert all(0 <= each.done <= each.total for _, each in shown)


def test_another_mapping_meanwhile(crowd: Crowd, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was compared by the one before is compared again."""
    monkeypatch.setattr(advance, "TURN_SECONDS", 0)
    owner = crowd.world.environment
    row = asked(crowd.world)
    while row.compared < 3:
        advance_drift(row.environment_id, row.id)
        db.session.refresh(row)
    save_mapping(owner, {k: v for k, v in saved_mapping(owner.id).items() if v != "firstName"})
    db.session.commit()
    row = worked(row)
    assert row.mapping_version == owner.mapping_version
    assert (row.compared, row.equal) == (7, 5), "what is not mapped any more cannot differ"


def test_a_side_that_is_away(crowd: Crowd) -> None:
    world = crowd.world
    row = asked(world)
    world.fault("unavailable")
    assert not advance_drift(row.environment_id, row.id)
    db.session.refresh(row)
    assert (row.state, row.reason) == (DriftState.OPEN, Reason.SPOTLER_AWAY)
    assert row.due_at > datetime.now(UTC) and row.lease is None
    world.control("DELETE", "/faults")
    row.due_at, row.enqueued_at = datetime.now(UTC), None
    db.session.commit()
    assert overdue_drifts() == [(row.environment_id, row.id)]
    db.session.commit()
    assert worked(row).state is DriftState.READY


def test_a_key_that_is_refused(crowd: Crowd) -> None:
    """It may be right after all; one that stays wrong ends it, as an outage does."""
    row = asked(crowd.world)
    db.session.execute(update(Connection).values(key="another"))
    db.session.commit()
    assert not advance_drift(row.environment_id, row.id)
    db.session.refresh(row)
    assert (row.state, row.reason) == (DriftState.OPEN, Reason.CREDENTIALS_REFUSED)
    assert db.session.scalar(select(Connection.state)) is ConnectionState.REFUSED
    row.attempts, row.due_at = ATTEMPTS - 1, datetime.now(UTC)
    db.session.commit()
    row = worked(row)
    assert (row.state, row.reason) == (DriftState.FAILED, Reason.CREDENTIALS_REFUSED)


@pytest.mark.parametrize("side", ["spotler", "crm"])
def test_one_stray_refusal_ends_no_comparison(crowd: Crowd, side: str) -> None:
    """It had failed, and waited for a person or the next night."""
    row = asked(crowd.world)
    if side == "spotler":
        crowd.world.fault("forbidden", times=1)
    else:
        crowd.world.crm.data.faults.add(Fault("401", calls=1, path="/contacts"))
    assert not advance_drift(row.environment_id, row.id)
    db.session.refresh(row)
    assert row.state is DriftState.OPEN and row.due_at > datetime.now(UTC)
    row.due_at = datetime.now(UTC)
    db.session.commit()
    assert worked(row).state is DriftState.READY


def test_stopped(crowd: Crowd, monkeypatch: pytest.MonkeyPatch) -> None:
    """It ends, and the report before it stays."""
    before = compared(crowd.world)
    row = asked(crowd.world)
    monkeypatch.setattr(advance, "TURN_SECONDS", 0)
    while not row.counts:
        advance_drift(row.environment_id, row.id)
        db.session.refresh(row)
    cancel_drift(row.environment_id, row.id)
    db.session.commit()
    assert not advance_drift(row.environment_id, row.id)
    db.session.refresh(row)
    assert row.state is DriftState.CANCELLED
    assert found(row, DriftKind.GONE) == {}, "values of people are kept for a report only"
    assert found(before, DriftKind.DIFFERENT).keys() == {crowd.ids[1]}


def test_many_that_are_missing_are_not_all_asked_for(
    crowd: Crowd, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asking, "MOST", 0)
    monkeypatch.setattr(comparing, "MOST", 0)
    row = compared(crowd.world)
    assert row.asked == 0
    assert found(row, DriftKind.MISSING).keys() == {crowd.ids[5]}
