"""Whatever happens to a run: what was selected is what is told, to the last contact."""

from __future__ import annotations

import random
from collections import Counter
from uuid import uuid4

from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from spotler_plugin.extensions import db
from spotler_plugin.models import (
    MAY_BE_RETRIED,
    Environment,
    Link,
    Outcome,
    Run,
    RunItem,
    RunKind,
    RunState,
    Whom,
)
from spotler_plugin.planning.reason import Reason
from spotler_plugin.services.run.close import cancel_open_items, close_if_done
from spotler_plugin.services.run.control import cancel_run
from spotler_plugin.services.run.create import create_run_for
from spotler_plugin.services.run.items import Filter, causes_of
from spotler_plugin.services.run.report import find_report
from spotler_plugin.services.run.retry import retry_items
from tests.services.run.ledger import link
from tests.world.accounts import ALICE

NUMBER = 12
SETTLED = [outcome for outcome in Outcome if outcome not in (Outcome.OPEN, Outcome.CANCELLED)]
STEPS = st.one_of(
    st.tuples(st.just("settle"), st.lists(st.sampled_from(SETTLED), max_size=NUMBER)),
    st.tuples(st.just("cancel"), st.none()),
    st.tuples(st.just("supersede"), st.none()),
    st.tuples(st.just("retry"), st.sampled_from([None, *MAY_BE_RETRIED])),
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
            cancel_run(environment.id, made.id)
        elif kind == "supersede":
            _ask(environment)
        elif kind == "retry":
            chosen = Filter(outcome=value) if isinstance(value, Outcome) else Filter()
            retry_items(environment.id, made.id, chosen)
        else:
            assert isinstance(value, int)
            retry_items(environment.id, made.id, Filter(item=_items(made)[value].id))
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
    made = create_run_for(
        environment, Whom.LINKED, kind=RunKind.SYNC, actor=ALICE, request_token=uuid4()
    )
    db.session.commit()
    return made


def _items(made: Run) -> list[RunItem]:
    return db.session.query(RunItem).filter_by(run_id=made.id).order_by(RunItem.id).all()


def _settle(made: Run, outcomes: list[Outcome], chance: random.Random) -> None:
    waiting = [item for item in _items(made) if item.outcome is Outcome.OPEN]
    for item, outcome in zip(chance.sample(waiting, len(waiting)), outcomes, strict=False):
        item.outcome = outcome
        if outcome in MAY_BE_RETRIED:
            item.reason = Reason.VALUE_REFUSED
    db.session.commit()


def _worker_looks(made: Run) -> None:
    """What `advancing` does around the chunks."""
    db.session.refresh(made)
    if made.state is RunState.OPEN and made.cancel_asked_at is not None:
        cancel_open_items(made)
    close_if_done(made)
    db.session.commit()


def _check(environment: Environment, made: Run) -> None:
    db.session.expire_all()
    report = find_report(environment.id, made.id)
    assert report is not None
    counts = Counter(item.outcome for item in _items(made))
    assert report.counts == counts
    assert report.selected == sum(counts.values()) == NUMBER
    assert report.is_over == (Outcome.OPEN not in counts)
    told = sum(cause.number for cause in causes_of(environment.id, made.id))
    assert told == sum(counts[outcome] for outcome in MAY_BE_RETRIED)
    if report.is_over:
        kept = {outcome: getattr(made, outcome.value) for outcome in counts}
        assert kept == counts
