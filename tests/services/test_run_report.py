"""What is told of runs: the list, one run, its contacts and causes; and trying again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from spotler_plugin.extensions import db
from spotler_plugin.models import (
    Environment,
    MirrorContact,
    Outcome,
    Run,
    RunItem,
    RunKind,
    RunState,
    Source,
)
from spotler_plugin.planning.detail import Detail
from spotler_plugin.planning.reason import Reason
from spotler_plugin.services.pagination import SIZE
from spotler_plugin.services.run import items
from spotler_plugin.services.run.close import cancel_open_items, close_if_done
from spotler_plugin.services.run.control import cancel_run, resume_run
from spotler_plugin.services.run.create import create_run
from spotler_plugin.services.run.items import Filter, causes_of, every_item, page_of_items
from spotler_plugin.services.run.report import Pace, find_report, list_runs, pace_of
from spotler_plugin.services.run.retry import retry_items
from tests.services.accounts import ALICE
from tests.services.test_run_linked import ask, link


@pytest.fixture
def made(environment: Environment) -> Run:
    """Ten contacts: four fine, three refused for two causes, one failed, one blocked, one open."""
    link(environment, 10)
    made = ask(environment)
    values: list[tuple[Outcome, Reason | None, str]] = [
        (Outcome.UPDATED, None, ""),
        (Outcome.UPDATED, None, ""),
        (Outcome.UNCHANGED, None, ""),
        (Outcome.UNCHANGED, None, ""),
        (Outcome.REJECTED, Reason.VALUE_REFUSED, "no city"),
        (Outcome.REJECTED, Reason.VALUE_REFUSED, "no city"),
        (Outcome.REJECTED, Reason.VALUE_REFUSED, "no postcode"),
        (Outcome.FAILED, Reason.SPOTLER_AWAY, ""),
        (Outcome.BLOCKED, Reason.NO_ADDRESS, ""),
    ]
    rows = db.session.query(RunItem).order_by(RunItem.id).all()
    for item, (outcome, reason, message) in zip(rows, values, strict=False):
        item.outcome, item.reason, item.attempts = outcome, reason, 3
        item.detail = Detail(message=message)
        item.settled_at = datetime.now(UTC)
    db.session.commit()
    return made


def close(made: Run) -> None:
    db.session.execute(
        db.update(RunItem).where(RunItem.outcome == Outcome.OPEN).values(outcome=Outcome.UPDATED)
    )
    close_if_done(made)
    db.session.commit()


def counts(made: Run) -> dict[Outcome, int]:
    report = find_report(made.environment_id, made.id)
    assert report is not None
    assert sum(report.counts.values()) == report.selected
    return report.counts


def test_while_it_is_under_way_it_is_counted(made: Run) -> None:
    assert counts(made) == {
        Outcome.OPEN: 1,
        Outcome.UPDATED: 2,
        Outcome.UNCHANGED: 2,
        Outcome.BLOCKED: 1,
        Outcome.REJECTED: 3,
        Outcome.FAILED: 1,
    }


def test_pace_and_time_left(made: Run) -> None:
    made.created_at = datetime.now(UTC) - timedelta(seconds=30)
    report = find_report(made.environment_id, made.id)
    assert report is not None
    pace = pace_of(report, made.environment_id)
    assert pace.per_second == pytest.approx(9 / 30, rel=0.1)
    assert pace.seconds_left == pytest.approx(30 / 9, rel=0.1)


def test_what_was_long_ago_says_nothing_about_the_pace(made: Run) -> None:
    hour = timedelta(hours=1)
    made.created_at -= hour
    db.session.execute(
        db.update(RunItem)
        .where(RunItem.settled_at.is_not(None))
        .values(settled_at=datetime.now(UTC) - hour)
    )
    report = find_report(made.environment_id, made.id)
    assert report is not None
    assert pace_of(report, made.environment_id) == Pace(0, None)


def test_the_newest_run_comes_first_and_pages_hold_fifty(environment: Environment) -> None:
    for number in range(SIZE + 2):
        create_run(
            environment.id,
            [f"c-{number}"],
            kind=RunKind.CONTACT if number == 0 else RunKind.BULK,
            source=Source.MODAL,
            actor=ALICE,
            request_token=uuid4(),
        )
    db.session.commit()
    first, last = (list_runs(environment.id, n, single=False) for n in (1, 99))
    assert (first.total, first.pages, len(first.rows)) == (SIZE + 1, 2, SIZE)
    assert (last.number, len(last.rows), last.first, last.last) == (2, 1, SIZE + 1, SIZE + 1)
    moments = [report.created_at for report in (*first.rows, *last.rows)]
    assert moments == sorted(moments, reverse=True)
    assert list_runs(environment.id, 1, single=True).total == SIZE + 2


def test_causes_are_grouped_and_what_went_wrong_comes_first(made: Run) -> None:
    found = causes_of(made.environment_id, made.id)
    assert [(each.reason, each.message, each.number) for each in found] == [
        (Reason.SPOTLER_AWAY, "", 1),
        (Reason.VALUE_REFUSED, "no city", 2),
        (Reason.VALUE_REFUSED, "no postcode", 1),
        (Reason.NO_ADDRESS, "", 1),
    ]


@pytest.mark.parametrize(
    ("chosen", "found"),
    [
        (Filter(), 10),
        (Filter(outcome=Outcome.REJECTED), 3),
        (Filter(reason=Reason.VALUE_REFUSED, message="no city"), 2),
        (Filter(query="C-4"), 1),
        (Filter(query="zoe@"), 1),
        (Filter(query="%"), 0),
        (Filter(outcome=Outcome.REJECTED, query="zoe"), 0),
    ],
)
def test_contacts_are_found_by_outcome_cause_number_and_address(
    made: Run, chosen: Filter, found: int
) -> None:
    db.session.add(
        MirrorContact(
            environment_id=made.environment_id,
            external_id="c-1",
            address="zoe@example.nl",
            active=True,
            permissions={},
            properties={"firstName": "Zoë", "infix": "van", "lastName": "Österbaan"},
            observed_at=datetime.now(UTC),
        )
    )
    page = page_of_items(made.environment_id, made.id, chosen, 1)
    assert (page.total, len(page.rows)) == (found, found)
    if chosen.query == "zoe@":
        assert page.rows[0].name == "Zoë van Österbaan"


def test_all_are_read_some_at_a_time(made: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(items, "AT_ONCE", 3)
    every = list(every_item(made.environment_id, made.id, Filter()))
    assert [item.contact_id for item in every] == [f"c-{number}" for number in range(10)]


class TestRetry:
    """Contacts that were not written come back, and the run with them."""

    @pytest.mark.parametrize(
        ("chosen", "opened"),
        [
            (Filter(), 4),
            (Filter(outcome=Outcome.BLOCKED), 1),
            (Filter(outcome=Outcome.REJECTED, reason=Reason.VALUE_REFUSED, message="no city"), 2),
            (Filter(outcome=Outcome.UPDATED), 0),
        ],
    )
    def test_some_of_a_run_that_is_over(self, made: Run, chosen: Filter, opened: int) -> None:
        close(made)
        assert made.state is RunState.FINISHED
        before = counts(made)
        assert retry_items(made.environment_id, made.id, chosen) == opened
        assert made.state is (RunState.OPEN if opened else RunState.FINISHED)
        assert counts(made).get(Outcome.OPEN, 0) == opened
        db.session.expire_all()
        for item in db.session.query(RunItem).filter_by(outcome=Outcome.OPEN):
            assert (item.attempts, item.crashes, item.reason, item.detail) == (0, 0, None, None)
            assert item.settled_at is None
        close(made)
        assert counts(made).get(Outcome.UPDATED, 0) == before[Outcome.UPDATED] + opened

    def test_one_contact(self, made: Run) -> None:
        item = db.session.query(RunItem).filter_by(outcome=Outcome.FAILED).one()
        assert retry_items(made.environment_id, made.id, Filter(item=item.id)) == 1

    def test_one_that_was_written_stays_so(self, made: Run) -> None:
        item = db.session.query(RunItem).filter_by(outcome=Outcome.UPDATED).first()
        assert item is not None
        assert retry_items(made.environment_id, made.id, Filter(item=item.id)) == 0

    def test_what_was_cancelled_goes_on(self, made: Run) -> None:
        cancel_run(made.environment_id, made.id)
        db.session.refresh(made)
        cancel_open_items(made)
        close_if_done(made)
        assert made.state is RunState.CANCELLED
        assert retry_items(made.environment_id, made.id, Filter(outcome=Outcome.CANCELLED)) == 1
        assert (made.state, made.cancel_asked_at) == (RunState.OPEN, None)

    def test_a_run_that_is_being_stopped_is_left_alone(self, made: Run) -> None:
        cancel_run(made.environment_id, made.id)
        assert retry_items(made.environment_id, made.id, Filter()) == 0

    def test_a_halted_run_stays_halted(self, made: Run) -> None:
        made.state, made.halted_because = RunState.HALTED, Reason.NOT_CONNECTED
        assert retry_items(made.environment_id, made.id, Filter()) == 4
        assert made.state is RunState.HALTED

    def test_not_of_another_environment(self, made: Run, other_environment: Environment) -> None:
        assert retry_items(other_environment.id, made.id, Filter()) == 0
        assert find_report(other_environment.id, made.id) is None
        assert page_of_items(other_environment.id, made.id, Filter(), 1).total == 0
        assert causes_of(other_environment.id, made.id) == []


def test_a_halted_run_is_resumed_by_a_person(made: Run, other_environment: Environment) -> None:
    made.state, made.halted_because = RunState.HALTED, Reason.CRM_REFUSED
    db.session.flush()

    def standing() -> tuple[RunState, Reason | None]:
        report = find_report(made.environment_id, made.id)
        assert report is not None
        return report.state, report.halted

    resume_run(other_environment.id, made.id)
    db.session.expire_all()
    assert standing() == (RunState.HALTED, Reason.CRM_REFUSED)
    resume_run(made.environment_id, made.id)
    db.session.expire_all()
    assert standing() == (RunState.OPEN, None)
