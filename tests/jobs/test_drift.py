"""Comparisons by themselves: each night where that is switched on, and until they are ready."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from spotler_plugin.extensions import db
from spotler_plugin.jobs import drift as jobs
from spotler_plugin.models import Drift, DriftState, Environment
from spotler_plugin.services.drift import request
from spotler_plugin.services.drift.setting import choose_setting
from tests.jobs.test_catalogue import waiting_jobs
from tests.jobs.test_run import work


@pytest.fixture
def night(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tonight's hour began a moment ago, for every environment."""
    began = datetime.now(UTC) - timedelta(hours=1)
    monkeypatch.setattr(request, "NIGHT_HOUR", began.hour)
    monkeypatch.setattr(request, "NIGHT", timedelta(hours=26))


def test_each_night_where_it_is_switched_on(
    acme: Environment, bolt: Environment, night: None
) -> None:
    choose_setting(acme.id, nightly=True, threshold=0)
    choose_setting(bolt.id, nightly=False, threshold=0)
    db.session.commit()
    for _ in range(2):
        jobs.compare_nightly()
    [row] = db.session.scalars(select(Drift))
    assert (row.environment_id, row.actor_name) == (acme.id, None)
    assert waiting_jobs() == [(f"{jobs.__name__}.advance", [acme.id, str(row.id)])]
    work()
    db.session.refresh(row)
    assert row.state is DriftState.READY
    jobs.compare_nightly()
    assert db.session.scalars(select(Drift.id)).all() == [row.id], "once a night"


def test_one_that_was_lost_is_enqueued_again(acme: Environment) -> None:
    row = request.request_drift(acme, None)
    row.enqueued_at = datetime.now(UTC) - request.ENQUEUE_AGAIN * 2
    db.session.commit()
    jobs.sweep()
    assert waiting_jobs() == [(f"{jobs.__name__}.advance", [acme.id, str(row.id)])]
