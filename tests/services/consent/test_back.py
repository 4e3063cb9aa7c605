"""What a run switched on goes off again: of its own contacts, where nobody switched it since."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from spotler_plugin.extensions import db
from spotler_plugin.models import Act, Environment, Run, RunKind, Source
from spotler_plugin.planning.undo.order import Undo
from spotler_plugin.services.consent.back import record_acts_back, record_acts_off, standing_acts
from tests.world.rows import Rows

BIT = 2
"""Those beside it are others."""


@pytest.fixture
def rows(environment: Environment) -> Rows:
    rows = Rows.of(environment)
    rows.permissions(1, 2, 3)
    return rows


@pytest.fixture
def run(rows: Rows) -> Run:
    """One between two others."""
    return [rows.run(number) for number in (3, 5, 7)][1]


def others(run: Run) -> list[Run]:
    return list(db.session.scalars(select(Run).where(Run.id != run.id).order_by(Run.id)))


def of_run(run: Run) -> list[tuple[str, int, bool, str | None]]:
    """Contact, permission, whether it is on, and the digest of its acts."""
    acts = db.session.scalars(select(Act).where(Act.run_id == run.id).order_by(Act.id))
    return [(act.contact_id, act.bit, act.enabled, act.address_digest) for act in acts]


def test_what_it_switched_on_stands_until_somebody_else_switches_it(rows: Rows, run: Run) -> None:
    low, high = others(run)
    undo = rows.run(9, source=Source.UNDO)
    restore = rows.run(2, source=Source.RESTORE)
    stands = {
        ("alone", BIT): True,
        ("by low", BIT): False,
        ("by high", BIT): False,
        ("in Spotler", BIT): False,
        ("taken back", BIT): True,
        ("put back", BIT): True,
        ("waits", BIT): True,
        ("by itself", BIT): True,
    }
    for contact_id, _ in [*stands, ("not asked", BIT)]:
        rows.act(contact_id, BIT, True, 10, run)
    for other in (low, high):
        rows.act("alone", BIT, True, 9, other)
        rows.act("alone", BIT, False, 10, other)
        rows.act("aaa", BIT, False, 11, other)
        rows.act("zzz", BIT, False, 11, other)
        for beside in (BIT - 1, BIT + 1):
            rows.act("alone", beside, False, 11, other)
    rows.act("by itself", BIT, False, 11, run)
    rows.act("by low", BIT, False, 11, low)
    rows.act("by high", BIT, True, 11, high)
    rows.act("in Spotler", BIT, False, 11)
    rows.act("taken back", BIT, False, 11, undo)
    rows.act("put back", BIT, False, 11, restore)
    rows.act("waits", BIT, False, 11, high, applied=False)
    # What never took effect, or went off, is not to be taken back.
    rows.act("alone", 1, True, 10, run, applied=False)
    rows.act("alone", 3, False, 10, run)
    asked = [contact_id for contact_id, _ in stands]
    assert standing_acts(rows.environment.id, run.id, asked) == stands


@pytest.mark.parametrize("overrides", [False, True])
def test_an_undo_switches_off_what_stands_of_its_contacts(
    rows: Rows, run: Run, overrides: bool
) -> None:
    low, high = others(run)
    undo = rows.run(6, kind=RunKind.UNDO, source=Source.UNDO, undoes_id=run.id,
                    actor_id="alice", actor_name="Alice", created_at=rows.at(60))  # fmt: skip
    lower, higher = rows.run(4), rows.run(8)
    for contact_id in ("a", "b", "c", "d", "e"):
        rows.act(contact_id, BIT, True, 10, run, address_digest=contact_id)
    rows.act("b", 9, True, 10, run)  # One that the account does not have any more.
    for other in (low, high):
        rows.act("b", 1, True, 10, other)
    rows.act("d", BIT, False, 11, low)
    for contact_id in ("b", "d"):
        rows.item(undo, contact_id)
    for contact_id, other in (("a", lower), ("c", higher), ("e", run)):
        rows.item(other, contact_id)
    assert record_acts_back(undo, Undo(overrides=overrides))
    expected = [("b", BIT, False, "b")] + [("d", BIT, False, "d")] * overrides
    assert of_run(undo) == expected
    recorded = db.session.scalars(select(Act.run_id).where(Act.at == rows.at(60))).all()
    assert set(recorded) == {undo.id}, "no other run has more acts than it had"
    act = db.session.scalars(select(Act).where(Act.run_id == undo.id).limit(1)).one()
    assert (act.at, act.actor_id, act.actor_name) == (rows.at(60), "alice", "Alice")
    assert (act.source, act.applied_at) == (Source.UNDO, None)


def test_where_nothing_stands_there_is_nothing_to_switch(rows: Rows, run: Run) -> None:
    for other in others(run):
        rows.act("b", BIT, True, 10, other)
    undo = rows.run(6, kind=RunKind.UNDO, source=Source.UNDO, undoes_id=run.id)
    rows.act("b", BIT, True, 10, rows.run(8))
    rows.item(undo, "b")
    assert not record_acts_back(undo, Undo())
    assert of_run(undo) == []


def test_a_restore_records_what_it_switches_off_once(rows: Rows, run: Run) -> None:
    run.source, run.actor_id, run.actor_name = Source.RESTORE, "alice", "Alice"
    for other in others(run):
        rows.act("b", 1, False, 0, other)
    rows.act("b", 3, False, 0, run, address_digest="kept")
    rows.act("x", 1, False, 0, run)
    for _ in range(2):
        record_acts_off(run, {"a": [], "b": [3, 1, 9], "c": [1]})
    assert of_run(run) == [
        ("b", 3, False, "kept"),
        ("x", 1, False, None),
        ("b", 1, False, None),
        ("c", 1, False, None),
    ]
    act = db.session.scalars(select(Act).where(Act.contact_id == "c")).one()
    assert (act.at, act.actor_id, act.actor_name) == (run.created_at, "alice", "Alice")
    assert (act.source, act.applied_at) == (Source.RESTORE, None)
