"""One worker at a time has a row of work, and a dead one loses it by time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from spotler_plugin.extensions import db
from spotler_plugin.models import Environment, Feed
from spotler_plugin.services import lease
from spotler_plugin.sql import insert_new

NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def row(environment: Environment) -> Feed:
    insert_new(Feed, [{"environment_id": environment.id, "due_at": NOON}])
    return db.session.query(Feed).one()


def test_one_has_it_until_its_time_is_over(row: Feed) -> None:
    which = Feed.environment_id == row.environment_id
    with time_machine.travel(NOON, tick=False) as clock:
        first = lease.claim(Feed, which, MINUTE)
        assert first is not None
        assert lease.claim(Feed, which, MINUTE) is None
        clock.shift(2 * MINUTE)
        second = lease.claim(Feed, which, MINUTE)
        assert second is not None
        assert not lease.renew(Feed, which, first, MINUTE, read_at=NOON)
        assert not lease.release(Feed, which, first, attempts=0)
        assert lease.renew(Feed, which, second, MINUTE, read_at=NOON)
        assert lease.release(Feed, which, second, attempts=0)
    db.session.refresh(row)
    assert (row.lease, row.leased_until, row.attempts, row.read_at) == (None, None, 0, NOON)


def test_not_before_its_turn(row: Feed) -> None:
    which = Feed.environment_id == row.environment_id
    with time_machine.travel(NOON - MINUTE, tick=False):
        assert lease.claim(Feed, which, MINUTE) is None
        assert list(lease.overdue(Feed, which, MINUTE, Feed.id)) == []


def test_workers_are_told_again_after_a_while_only(row: Feed) -> None:
    which = Feed.environment_id == row.environment_id
    with time_machine.travel(NOON, tick=False) as clock:
        assert [id_ for (id_,) in lease.overdue(Feed, which, MINUTE, Feed.id)] == [row.id]
        assert list(lease.overdue(Feed, which, MINUTE, Feed.id)) == []
        clock.shift(2 * MINUTE)
        assert [id_ for (id_,) in lease.overdue(Feed, which, MINUTE, Feed.id)] == [row.id]
