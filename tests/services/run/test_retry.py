"""Trying contacts of a run again."""

from __future__ import annotations

import pytest

from spotler_plugin.extensions import db
from spotler_plugin.models import (
    Environment,
    Outcome,
    Run,
    RunItem,
    RunState,
)
from spotler_plugin.planning.reason import Reason
from spotler_plugin.services.run.close import cancel_open_items, close_if_done
from spotler_plugin.services.run.control import cancel_run
from spotler_plugin.services.run.items import Filter, causes_of, page_of_items
from spotler_plugin.services.run.report import find_report
from spotler_plugin.services.run.retry import retry_items
from tests.services.run.ledger import close, counts


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
