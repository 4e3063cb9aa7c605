"""What is seen in Spotler is somebody's doing there, unless a write of ours can have done it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from spotler_plugin.extensions import db
from spotler_plugin.models import (
    SETTLED,
    Act,
    Environment,
    Outcome,
    Run,
    RunKind,
    RunState,
    Source,
)
from spotler_plugin.planning.consent import EVERYTHING
from spotler_plugin.planning.image import Image
from spotler_plugin.services.consent.digest import digests_of
from spotler_plugin.services.consent.holders import held_by
from spotler_plugin.services.consent.seen import Sighting, note_sightings
from tests.world.rows import OVER, Rows

OFF, ON, BESIDE = 2, 4, 3
SENT = Image(permissions={OFF: False, ON: True})
ADDRESS = "noor@example.nl"


@pytest.fixture
def rows(environment: Environment) -> Rows:
    return Rows.of(environment)


def closed(minutes: float = 1, **values: Any) -> dict[str, Any]:
    """An item of which the last try failed so long ago."""
    ago = timedelta(minutes=minutes)
    return {"outcome": Outcome.FAILED, "ago": ago, "after": SENT} | values


def keep(rows: Rows, run: Run, contact_id: str, ago: timedelta, **values: Any) -> None:
    """What is given to a test was made when the tests were collected, so "ago" counts from here."""
    rows.item(run, contact_id, settled_at=datetime.now(UTC) - ago, **values)


def see(rows: Rows, contact_id: str, *switched: tuple[int, bool]) -> set[tuple[int, bool]]:
    """Each of these in Spotler; return which are told as somebody's doing there."""
    before = set(db.session.scalars(select(Act.id)))
    found = [Sighting(contact_id, bit, on, rows.at(9)) for bit, on in switched]
    note_sightings(rows.environment.id, found)
    db.session.expire_all()
    acts = db.session.scalars(select(Act).where(Act.source == Source.SPOTLER))
    return {(act.bit, act.enabled) for act in acts if act.id not in before}


BOTH = (OFF, False), (ON, True)


def test_what_was_seen_is_kept_as_an_act(rows: Rows) -> None:
    seen = [
        Sighting("a", OFF, False, rows.at(1), ADDRESS, "bounce"),
        Sighting("b", ON, True, rows.at(2)),
    ]
    began = datetime.now(UTC)
    note_sightings(rows.environment.id, seen)
    first, second = db.session.scalars(select(Act).order_by(Act.id))
    [digest] = digests_of(rows.environment.id, [ADDRESS]).values()
    assert (first.contact_id, first.bit, first.enabled, first.at) == ("a", OFF, False, rows.at(1))
    assert (first.source, first.ground, first.address_digest) == (Source.SPOTLER, "bounce", digest)
    assert first.applied_at is not None and first.applied_at >= began, "known since now"
    assert (second.enabled, second.ground, second.address_digest) == (True, None, None)
    assert [each.digest for each in held_by(rows.environment.id, ["a", "b"])] == [digest]
    note_sightings(rows.environment.id, [])
    assert len(db.session.scalars(select(Act.id)).all()) == 2


def test_a_write_that_is_under_way_may_have_done_it(rows: Rows) -> None:
    run = rows.run(5)
    rows.item(run, "a", after=SENT)
    asked = [(OFF, False), (ON, True), (OFF, True), (ON, False), (BESIDE, False)]
    assert see(rows, "a", *asked) == {(OFF, True), (ON, False), (BESIDE, False)}
    rows.item(run, "nothing left for it", after=None)
    assert see(rows, "nothing left for it", *BOTH) == set(BOTH)


@pytest.mark.parametrize("state", [RunState.FINISHED, RunState.CANCELLED])
def test_after_its_run_nothing_of_it_signs_off(rows: Rows, state: RunState) -> None:
    for number in (4, 6):
        rows.run(number)
    rows.item(rows.run(5, state=state), "a", after=SENT)
    assert see(rows, "a", *BOTH) == {(OFF, False)}
    rows.item(rows.run(7, state=RunState.HALTED), "b", after=SENT)
    assert see(rows, "b", *BOTH) == set()


@pytest.mark.parametrize(
    ("values", "asks", "explained"),
    [
        (closed(attempts=1), False, {(ON, True)}),
        (closed(attempts=0), True, {(ON, True)}),
        (closed(attempts=0), False, set()),
        (closed(50, attempts=2), False, {(ON, True)}),
        *((closed(70, attempts=2, outcome=each), True, set()) for each in SETTLED),
        (closed(attempts=1, after=None), False, set()),
        (closed(attempts=1, outcome=Outcome.BLOCKED), False, {(ON, True)}),
        (closed(attempts=1, outcome=Outcome.UPDATED), False, {(ON, True)}),
    ],
)
def test_what_is_over_may_arrive_late_and_switch_on(
    rows: Rows, values: dict[str, Any], asks: bool, explained: set[tuple[int, bool]]
) -> None:
    run = rows.run(5)
    keep(rows, run, "a", **values)
    if asks:
        rows.act("a", BESIDE, True, 0, run, applied=False)
    assert see(rows, "a", *BOTH) == set(BOTH) - explained


def test_who_parted_may_be_closed_by_us(rows: Rows) -> None:
    """That is the one kind of run that closes; no image says so."""
    for number, kind in enumerate(RunKind, 1):
        rows.item(rows.run(number, kind=kind), kind.value, after=SENT)
    every = (EVERYTHING, False), (EVERYTHING, True), (OFF, False)
    for kind in RunKind:
        by_us = {(EVERYTHING, False)} if kind is RunKind.PARTING else set()
        assert see(rows, kind.value, *every) == {(EVERYTHING, False), (EVERYTHING, True)} - by_us


def test_an_act_whose_answer_was_lost_took_effect_and_no_other(rows: Rows) -> None:
    low, run, high = (rows.run(number) for number in (3, 5, 7))
    rows.item(run, "b", after=SENT)
    own = {(bit, on): rows.act("b", bit, on, 0, run, applied=False)
           for bit, on in ((OFF, False), (ON, True), (BESIDE, False), (1, True))}  # fmt: skip
    others = [
        rows.act(contact_id, OFF, False, 0, of, applied=False)
        for contact_id, of in (("a", run), ("c", run), ("b", low), ("b", high))
    ]
    others.append(rows.act("b", ON, True, 0, applied=False, source=Source.MODAL))
    earlier = rows.act("b", OFF, False, -5, run)
    began = datetime.now(UTC)
    assert see(rows, "b", (OFF, False), (BESIDE, False)) == {(BESIDE, False)}
    applied = {key for key, act in own.items() if act.applied_at is not None}
    assert applied == {(OFF, False)}
    moment = own[OFF, False].applied_at
    assert moment is not None and moment >= began
    assert {act.applied_at for act in others} == {None}
    assert earlier.applied_at == rows.at(-5)
    rows.item(run, "bb", after=SENT)  # Which asked for nothing.
    assert see(rows, "bb", (OFF, False)) == set()
    assert {act.applied_at for act in others} == {None}


def test_what_was_asked_the_other_way_round_took_no_effect(rows: Rows) -> None:
    run = rows.run(5)
    rows.item(run, "a", after=SENT)
    asked = rows.act("a", OFF, True, 0, run, applied=False)
    assert see(rows, "a", (OFF, False)) == set()
    assert asked.applied_at is None


def test_of_several_writes_one_is_enough_and_each_contact_has_its_own(
    rows: Rows, other_environment: Environment
) -> None:
    run, over = rows.run(5), rows.run(7, **OVER)
    for contact_id in ("a", "c"):
        rows.item(run, contact_id, after=SENT)
        keep(rows, over, contact_id, **closed(attempts=1))
    elsewhere = Rows.of(other_environment)
    elsewhere.item(elsewhere.run(6), "b", after=SENT)
    assert see(rows, "a", *BOTH) == see(rows, "c", *BOTH) == set()
    assert see(rows, "b", *BOTH) == set(BOTH)
    assert see(elsewhere, "a", *BOTH) == set(BOTH)
