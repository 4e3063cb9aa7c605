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
    Source,
)
from spotler_plugin.planning.reason import Reason
from spotler_plugin.services.pagination import SIZE
from spotler_plugin.services.run import items
from spotler_plugin.services.run.create import create_run
from spotler_plugin.services.run.items import Filter, causes_of, every_item, page_of_items
from spotler_plugin.services.run.report import Pace, find_report, list_runs, pace_of
from tests.services.run.ledger import counts
from tests.world.accounts import ALICE


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
