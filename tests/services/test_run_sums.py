"""Whatever happens to a run: what was selected is what is told, to the last contact."""

from __future__ import annotations

import random
from collections import Counter
from uuid import uuid4

from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from spotler_plugin.extensions import db
from spotler_plugin.models import Environment, Link, Outcome, Run, RunItem, RunKind, RunState
from spotler_plugin.planning.reason import Reason
from spotler_plugin.services import closing, retry, run, run_items, run_report
from spotler_plugin.services.run_items import Filter
from tests.services.accounts import ALICE
from tests.services.test_run_linked import link

NUMBER = 12
SETTLED = [outcome for outcome in Outcome if outcome not in (Outcome.OPEN, Outcome.CANCELLED)]
STEPS = st.one_of(
    st.tuples(st.just("settle"), st.lists(st.sampled_from(SETTLED), max_size=NUMBER)),
    st.tuples(st.just("cancel"), st.none()),
    st.tuples(st.just("supersede"), st.none()),
    st.tuples(st.just("retry"), st.sampled_from([None, *run_items.UNWRITTEN])),
    st.tuples(st.just("retry one"), st.integers(0, NUMBER - 1)),
)


@given(steps=st.lists(STEPS, max_size=10), seed=st.integers(0, 999))
@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_the_sums_add_up_whatever_happens(
    app: Flask, environment: Environment, steps: list[tuple[str, object]], seed: int
) -> None:
    chance = random.Random(seed)
    _anew(environment)
    made = _ask(environment)
    for kind, value in steps:
        if kind == "settle":
            assert isinstance(value, list)
            _settle(made, value, chance)
        elif kind == "cancel":
            run.cancel(environment.id, made.id)
        elif kind == "supersede":
            _ask(environment)
        elif kind == "retry":
            chosen = Filter(outcome=value) if isinstance(value, Outcome) else Filter()
            retry.retry(environment.id, made.id, chosen)
        else:
            assert isinstance(value, int)
            retry.retry(environment.id, made.id, Filter(item=_items(made)[value].id))
        _worker_looks(made)
        _check(environment, made)


def _anew(environment: Environment) -> None:
    """Every example begins with nothing but the linked contacts."""
    db.session.rollback()
    db.session.query(RunItem).delete()
    db.session.query(Run).delete()
    db.session.commit()
    if not db.session.query(Link).count():
        link(environment, NUMBER)


def _ask(environment: Environment) -> Run:
    made = run.create_for_linked(environment, kind=RunKind.SYNC, actor=ALICE, request_token=uuid4())
    db.session.commit()
    return made


def _items(made: Run) -> list[RunItem]:
    return db.session.query(RunItem).filter_by(run_id=made.id).order_by(RunItem.id).all()


def _settle(made: Run, outcomes: list[Outcome], chance: random.Random) -> None:
    waiting = [item for item in _items(made) if item.outcome is Outcome.OPEN]
    for item, outcome in zip(chance.sample(waiting, len(waiting)), outcomes, strict=False):
        item.outcome = outcome
        if outcome in run_items.UNWRITTEN:
            item.reason = Reason.VALUE_REFUSED
    db.session.commit()


def _worker_looks(made: Run) -> None:
    """What `advancing` does around the chunks."""
    db.session.refresh(made)
    if made.state is RunState.OPEN and made.cancel_asked_at is not None:
        closing.cancel_open(made)
    closing.close_if_done(made)
    db.session.commit()


def _check(environment: Environment, made: Run) -> None:
    db.session.expire_all()
    report = run_report.find(environment.id, made.id)
    assert report is not None
    counts = Counter(item.outcome for item in _items(made))
    assert report.counts == counts
    assert report.selected == sum(counts.values()) == NUMBER
    assert report.is_over == (Outcome.OPEN not in counts)
    told = sum(cause.number for cause in run_items.causes(environment.id, made.id))
    assert told == sum(counts[outcome] for outcome in run_items.UNWRITTEN)
    if report.is_over:
        kept = {outcome: getattr(made, outcome.value) for outcome in counts}
        assert kept == counts
