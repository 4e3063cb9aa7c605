"""What is kept long enough goes at night, in small steps; the sums stay, and so do sign-offs."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import func, insert, select, update

from spotler_plugin.extensions import db
from spotler_plugin.models import (
    Act,
    Drift,
    Environment,
    Event,
    EventOutcome,
    EventType,
    Link,
    Outcome,
    Preview,
    Retention,
    Run,
    RunItem,
    RunKind,
    RunState,
    Source,
)
from spotler_plugin.planning.image import Image
from spotler_plugin.services.retention import runs
from spotler_plugin.services.retention.enforce import enforce, overdue_retentions
from spotler_plugin.services.retention.periods import (
    DEFAULTS,
    Periods,
    choose_periods,
    chosen_periods,
    make_rows,
)
from spotler_plugin.services.run.items import Filter
from spotler_plugin.services.run.report import find_report
from spotler_plugin.services.run.retry import retry_items
from spotler_plugin.services.run.undo import find_undoable
from tests.world.death import Killed, killed_at_commit

NOW = datetime.now(UTC)


def ago(days: float) -> datetime:
    return NOW - timedelta(days=days)


def a_run(owner: Environment, ended: datetime, contacts: int = 3, **values: Any) -> Run:
    """One that ended so long ago, with what it overwrote."""
    run = Run(id=uuid4(), environment_id=owner.id, request_token=uuid4(), kind=RunKind.SYNC,
              source=Source.ADMIN, state=RunState.FINISHED, created_at=ended, finished_at=ended,
              selected=contacts, updated=contacts, **values)  # fmt: skip
    db.session.add(run)
    db.session.flush()
    item = {"environment_id": owner.id, "run_id": run.id, "due_at": ended, "settled_at": ended,
            "outcome": Outcome.UPDATED, "before": Image(properties={"city": "Emmen"}),
            "after": Image(properties={"city": "Assen"})}  # fmt: skip
    rows = [item | {"contact_id": f"c-{n}"} for n in range(contacts)]
    db.session.connection().execute(insert(RunItem), rows)
    db.session.commit()
    return run


def night(owner: Environment) -> None:
    """Until nothing is left to do."""
    make_rows([owner.id])
    db.session.execute(update(Retention).values(due_at=NOW, lease=None, leased_until=None))
    db.session.commit()
    while enforce(owner.id):
        pass
    db.session.expire_all()


def count(*which: Any, of: Any = RunItem) -> int:
    return db.session.scalar(select(func.count(of.id)).where(*which)) or 0


def test_images_go_and_cannot_be_taken_back(environment: Environment) -> None:
    old, young = a_run(environment, ago(91)), a_run(environment, ago(89))
    assert find_undoable(environment, old.id) is not None
    night(environment)
    assert count(RunItem.run_id == old.id) == 3, "who it was about stays"
    assert count(RunItem.run_id == old.id, RunItem.before.is_not(None)) == 0
    assert count(RunItem.run_id == young.id, RunItem.before.is_not(None)) == 3
    assert find_undoable(environment, old.id) is None
    assert find_undoable(environment, young.id) is not None
    assert old.images_gone_at is not None and young.images_gone_at is None


def test_items_go_and_the_sums_stay(environment: Environment) -> None:
    old = a_run(environment, ago(401))
    a_run(environment, ago(399))
    night(environment)
    assert count(RunItem.run_id == old.id) == 0 and count() == 3
    report = find_report(environment.id, old.id)
    assert report is not None
    assert (report.selected, report.counts, report.done) == (3, {Outcome.UPDATED: 3}, 3)
    assert retry_items(environment.id, old.id, Filter()) == 0
    assert old.state is RunState.FINISHED


def test_what_is_being_taken_back_waits(environment: Environment) -> None:
    old = a_run(environment, ago(91))
    undo = a_run(environment, ago(1), undoes_id=old.id)
    undo.state = RunState.OPEN
    db.session.commit()
    night(environment)
    assert count(RunItem.run_id == old.id, RunItem.before.is_not(None)) == 3


@pytest.mark.parametrize("number", [1, 2, 3, 5, 8])
def test_small_steps_that_a_dead_worker_leaves_to_the_next(
    environment: Environment, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    monkeypatch.setattr(runs, "STEP", 4)
    many, few = a_run(environment, ago(500), 10), a_run(environment, ago(450), 2)
    a_run(environment, ago(10), 2)
    make_rows([environment.id])
    db.session.commit()
    try:
        with killed_at_commit(number):
            while enforce(environment.id):
                pass
    except Killed:
        db.session.rollback()
    night(environment)
    assert count(RunItem.run_id.in_([many.id, few.id])) == 0
    assert count() == 2


def test_each_environment_chooses(environment: Environment, other_environment: Environment) -> None:
    assert chosen_periods(environment.id) == DEFAULTS
    choose_periods(environment.id, Periods(items=10, images=5))
    db.session.commit()
    of_one, of_other = a_run(environment, ago(11)), a_run(other_environment, ago(11))
    for owner in (environment, other_environment):
        night(owner)
    assert count(RunItem.run_id == of_one.id) == 0
    assert count(RunItem.run_id == of_other.id, RunItem.before.is_not(None)) == 3


def test_previews_and_comparisons(environment: Environment) -> None:
    common: dict[str, Any] = {"environment_id": environment.id, "mapping_version": 0}
    for days in (2, 0.5):
        db.session.add(
            Preview(id=uuid4(), whom="linked", kind="sync", actor_id="a", actor_name="A",
                    catalogue="", base=[], proposal=[], created_at=ago(days), tally={},
                    samples=[], **common)
        )  # fmt: skip
    for days in (15, 13):
        db.session.add(
            Drift(id=uuid4(), created_at=ago(days), read_since=NOW, read_until=NOW, counts={},
                  by_property={}, **common)
        )  # fmt: skip
    db.session.commit()
    night(environment)
    assert (count(of=Preview), count(of=Drift)) == (1, 1)


def test_events_that_wait_are_kept(environment: Environment) -> None:
    def told(days: float, outcome: EventOutcome) -> Event:
        row = Event(environment_id=environment.id, webhook_id=uuid4().hex, outcome=outcome,
                    type=EventType.CONTACT_CHANGED, contact_id="c-1", data={}, sent_at=NOW,
                    received_at=ago(days), due_at=NOW)  # fmt: skip
        db.session.add(row)
        return row

    told(7.1, EventOutcome.KNOWN)
    kept = [told(7.1, EventOutcome.WAITING), told(6.9, EventOutcome.KNOWN)]
    db.session.commit()
    night(environment)
    assert set(db.session.scalars(select(Event.id))) == {each.id for each in kept}


def act(owner: Environment, contact_id: str, at: datetime, enabled: bool, **more: Any) -> Act:
    row = Act(environment_id=owner.id, contact_id=contact_id, bit=1, enabled=enabled, at=at,
              source=Source.MODAL, actor_name="Alice", ground="verzoek", applied_at=at,
              address_digest="d" * 64, **more)  # fmt: skip
    db.session.add(row)
    return row


def test_acts_stay_as_long_as_the_link_and_five_years(environment: Environment) -> None:
    linked = Link(environment_id=environment.id, contact_id="linked", linked_at=NOW)
    recent = Link(environment_id=environment.id, contact_id="recent", synced_at=ago(1000))
    gone = Link(environment_id=environment.id, contact_id="gone", synced_at=ago(1900),
                address="weg@example.nl", former_address="eerder@example.nl")  # fmt: skip
    db.session.add_all([linked, recent, gone])
    for contact_id in ("linked", "recent", "gone"):
        act(environment, contact_id, ago(2500), True)
        act(environment, contact_id, ago(2000), False)
    db.session.commit()
    night(environment)
    left = db.session.execute(select(Act.contact_id, func.count()).group_by(Act.contact_id))
    assert {contact_id: number for contact_id, number in left} == {
        "linked": 2,
        "recent": 2,
        "gone": 1,
    }
    stays = db.session.scalars(select(Act).where(Act.contact_id == "gone")).one()
    assert (stays.enabled, stays.actor_name, stays.ground) == (False, None, None)
    assert stays.address_digest == "d" * 64, "whoever signed off stays signed off"
    assert (gone.address, gone.former_address) == (None, ""), "the id does not tell who it is"


def test_a_colleagues_off_does_not_hide_a_sign_off(environment: Environment) -> None:
    for number, source in enumerate((Source.SPOTLER, Source.MODAL)):
        act(environment, "gone", ago(2500 - number), False).source = source
    db.session.commit()
    night(environment)
    left = select(Act.source).where(Act.environment_id == environment.id)
    assert set(db.session.scalars(left)) == {Source.SPOTLER, Source.MODAL}


@pytest.mark.parametrize("source", [Source.SPOTLER, Source.MODAL])
@pytest.mark.parametrize("is_taken_back", [True, False])
def test_what_was_lifted_and_taken_back_is_still_signed_off(
    environment: Environment, source: Source, is_taken_back: bool
) -> None:
    act(environment, "gone", ago(2500), False).source = source
    act(environment, "gone", ago(2400), True)
    if is_taken_back:
        act(environment, "gone", ago(2300), False).source = Source.UNDO
    db.session.commit()
    night(environment)
    night(environment)
    left = set(db.session.scalars(select(Act.source)))
    assert left == ({source, Source.UNDO} if is_taken_back else set())


def test_what_went_on_before_a_sign_off_was_seen_does_not_outdo_it(
    environment: Environment,
) -> None:
    off = act(environment, "gone", ago(2500), False)
    off.source, off.applied_at = Source.SPOTLER, ago(2300)
    act(environment, "gone", ago(2400), True)
    db.session.commit()
    night(environment)
    assert db.session.scalars(select(Act.enabled)).all() == [False]


def test_it_is_due_once_a_night(environment: Environment) -> None:
    assert list(overdue_retentions()) == [environment.id]
    db.session.commit()
    night(environment)
    assert list(overdue_retentions()) == []
    row = db.session.scalars(select(Retention)).one()
    assert row.enforced_at is not None and row.due_at > NOW
