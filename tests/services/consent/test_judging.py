"""What a run's acts may switch is told of its own contacts, by what happened to each of them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from spotler_plugin.extensions import db
from spotler_plugin.models import Act, Environment, Link, Run, Source
from spotler_plugin.planning.consent import Consent
from spotler_plugin.planning.reason import Reason
from spotler_plugin.services.consent.acts import (
    apply_acts,
    contacts_with_acts,
    foresee_acts,
    judge_acts,
    record_acts,
    record_acts_of_all,
    signed_off_with,
)
from tests.world.rows import Rows

LOW, BIT, HIGH, GONE = 1, 2, 3, 9
"""The account has all but the last."""


@pytest.fixture
def rows(environment: Environment) -> Rows:
    rows = Rows.of(environment)
    rows.permissions(LOW, BIT, HIGH)
    return rows


@pytest.fixture
def run(rows: Rows) -> Run:
    """One between two others, which a person asked for in the modal."""
    values = {"source": Source.MODAL, "actor_id": "alice", "actor_name": "Alice"}
    return [rows.run(number, **values) for number in (3, 5, 7)][1]


def others(run: Run) -> list[Run]:
    return list(db.session.scalars(select(Run).where(Run.id != run.id).order_by(Run.id)))


def acts_of(run: Run) -> list[Act]:
    db.session.flush()
    return list(db.session.scalars(select(Act).where(Act.run_id == run.id).order_by(Act.id)))


def test_what_is_asked_is_recorded_of_what_the_account_has(rows: Rows, run: Run) -> None:
    began = datetime.now(UTC)
    record_acts(run, "a", {HIGH: False, GONE: True, LOW: True}, {LOW: "x" * 301, HIGH: ""})
    low, high = acts_of(run)
    assert (low.contact_id, low.bit, low.enabled, low.ground) == ("a", LOW, True, "x" * 300)
    assert (high.contact_id, high.bit, high.enabled, high.ground) == ("a", HIGH, False, None)
    assert (low.actor_id, low.actor_name, low.source) == ("alice", "Alice", Source.MODAL)
    assert low.at >= began and low.applied_at is None and low.address_digest is None


def test_of_many_it_is_recorded_of_the_runs_contacts(rows: Rows, run: Run) -> None:
    for contact_id in ("a", "b"):
        rows.item(run, contact_id)
    for other in others(run):
        rows.item(other, "c")
    record_acts_of_all(run, {HIGH: False, GONE: True, LOW: True}, {LOW: "x" * 301, HIGH: ""})
    found = [(act.bit, act.contact_id, act.enabled, act.ground) for act in acts_of(run)]
    assert found == [
        (LOW, "a", True, "x" * 300),
        (LOW, "b", True, "x" * 300),
        (HIGH, "a", False, None),
        (HIGH, "b", False, None),
    ]
    assert {(act.at, act.actor_name, act.source) for act in acts_of(run)} == {
        (run.created_at, "Alice", Source.MODAL)
    }
    assert len(db.session.scalars(select(Act.id)).all()) == len(found)


def test_whom_a_run_switches_and_whether_anything_is_to_go_on(rows: Rows, run: Run) -> None:
    for bit, enabled in ((LOW, True), (BIT, False)):
        rows.act("first on", bit, enabled, 0, run)
        rows.act("last on", bit, not enabled, 0, run)
        rows.act("not asked", bit, enabled, 0, run)
        rows.act("off", bit, False, 0, run)
        for other in others(run):
            rows.act("off", bit, True, 0, other)
            rows.act("of another", bit, True, 0, other)
    asked = ["first on", "last on", "off", "of another", "nothing"]
    assert contacts_with_acts(run, asked) == {"first on": True, "last on": True, "off": False}


def test_each_is_judged_by_what_happened_to_it(rows: Rows, run: Run) -> None:
    rows.act("a", BIT, True, 5, run, applied=False)
    rows.act("b", BIT, True, 5, run, applied=False)
    rows.act("b", BIT, False, 6)
    rows.act("c", BIT, True, 5, others(run)[0], applied=False)
    found = judge_acts(run, dict.fromkeys("abc", ()))
    assert found["a"].permissions == {BIT: True}
    assert found["b"].bars[BIT].reason is Reason.SIGNED_OFF
    assert found["c"] == Consent({})


def test_what_an_action_would_do_now(rows: Rows) -> None:
    """As nobody looked at the contact, nothing is lifted by it."""
    rows.act("b", BIT, False, 6)
    off_later = datetime.now(UTC) - rows.began + timedelta(hours=1)
    rows.act("c", HIGH, True, off_later.total_seconds() / 60)
    asked = {BIT: True, HIGH: False, GONE: True}
    found = foresee_acts(rows.environment.id, asked, dict.fromkeys("abc", ()))
    assert found["a"] == Consent({BIT: True, HIGH: False})
    assert found["b"].permissions == {HIGH: False}
    assert found["b"].bars[BIT].reason is Reason.SIGNED_OFF_BEFORE
    assert found["c"].permissions == {BIT: True}, "there is an act that is newer"
    assert db.session.scalars(select(Act).where(Act.run_id.is_not(None))).all() == []


ADDRESS = "samen@example.nl"


def test_what_others_signed_off_with_the_address_that_it_gets(rows: Rows, run: Run) -> None:
    owner = rows.environment.id
    for contact_id in ("anna", "cato"):
        db.session.add(Link(environment_id=owner, contact_id=contact_id, address=ADDRESS))
    rows.act("anna", BIT, False, 5)
    rows.act("anna", GONE, False, 5)
    rows.act("cato", HIGH, False, 5, run)
    rows.act("bram", LOW, False, 5)
    gets = {"bram": ADDRESS, "dirk": "alone@example.nl"}
    assert signed_off_with(owner, gets) == {"bram": {BIT}, "dirk": frozenset()}
    assert signed_off_with(owner, {"dirk": "alone@example.nl"}) == {}
    assert signed_off_with(owner, {}) == {}


def test_what_took_effect_is_marked_and_nothing_else(rows: Rows, run: Run) -> None:
    low, high = others(run)
    done = rows.act("a", BIT, True, 0, run, applied=False)
    before = rows.act("a", LOW, True, 0, run)
    barred = rows.act("a", HIGH, True, 0, run, applied=False)
    unasked = rows.act("b", BIT, True, 0, run, applied=False)
    of_others = [rows.act("a", BIT, True, 0, other, applied=False) for other in (low, high)]
    began = datetime.now(UTC)
    apply_acts(run, {"a": Consent({BIT: True, LOW: True})}, ["a"])
    assert done.applied_at is not None and done.applied_at >= began
    assert before.applied_at == rows.at(0)
    assert {each.applied_at for each in (barred, unasked, *of_others)} == {None}
