"""Several feeds, or lists of changes, are read at once; one in trouble alone."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from demo.spotler.server import Sandbox
from spotler_plugin.extensions import db, redis_server
from spotler_plugin.jobs import event
from spotler_plugin.jobs import feed as jobs
from spotler_plugin.jobs.queue import together
from spotler_plugin.jobs.queue.enqueue import enqueue, queue
from spotler_plugin.models import Connection, Environment, Feed, Inbox
from spotler_plugin.planning.reason import Reason
from spotler_plugin.services.feed.state import find_feed
from tests.jobs.test_catalogue import waiting_jobs
from tests.jobs.test_run import work

SEVERAL, ALONE = f"{jobs.__name__}.follow_several", f"{jobs.__name__}.follow"


def read_at(environment: Environment) -> datetime | None:
    row = find_feed(environment.id)
    return row.read_at if row else None


def test_one_job_reads_several(acme: Environment, bolt: Environment) -> None:
    began = datetime.now(UTC)
    jobs.enqueue_all()
    assert waiting_jobs() == [(SEVERAL, [acme.id, bolt.id])]
    work()
    for each in (acme, bolt):
        moment = read_at(each)
        assert moment is not None and moment >= began


def test_one_that_failed_is_read_alone(acme: Environment, bolt: Environment) -> None:
    db.session.add(
        Feed(environment_id=acme.id, error=Reason.SPOTLER_AWAY, error_at=datetime.now(UTC))
    )
    db.session.commit()
    jobs.enqueue_all()
    assert waiting_jobs() == [(SEVERAL, [bolt.id]), (ALONE, [acme.id])]


def test_one_that_was_slow_is_read_alone(
    acme: Environment, bolt: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(together, "SLOW", 0)
    jobs.follow_several(acme.id)
    redis_server.queue.delete(queue().key)
    jobs.enqueue_all()
    assert waiting_jobs() == [(SEVERAL, [bolt.id]), (ALONE, [acme.id])]


def test_one_that_fails_stops_no_other(
    acme: Environment, bolt: Environment, sandbox: Sandbox
) -> None:
    db.session.execute(
        db.update(Connection).where(Connection.environment_id == acme.id).values(key="another")
    )
    db.session.commit()
    jobs.follow_several(acme.id, bolt.id)
    db.session.expire_all()
    assert read_at(acme) is None and read_at(bolt) is not None
    row = find_feed(acme.id)
    assert row is not None and row.error is Reason.CREDENTIALS_REFUSED


def test_who_waits_for_a_worker_gets_it_before_the_last_is_read(
    acme: Environment, bolt: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(together, "AT_ONCE", 1)
    enqueue(jobs.follow, acme.id, first=True)
    jobs.follow_several(acme.id, bolt.id)
    assert read_at(acme) is not None, "whatever waits, some are read"
    assert read_at(bolt) is None
    assert waiting_jobs()[-1] == (SEVERAL, [bolt.id])


def test_without_redis_they_are_read_together(acme: Environment) -> None:
    redis_server.connect("unix:///nowhere")
    jobs.enqueue_all()
    jobs.follow_several(acme.id)
    assert read_at(acme) is not None


def test_lists_of_changes_are_read_several_at_once(acme: Environment, bolt: Environment) -> None:
    db.session.add(Inbox(environment_id=bolt.id, error=Reason.CRM_AWAY))
    db.session.commit()
    event.enqueue_all()
    name = f"{event.__name__}.read_changes"
    assert waiting_jobs() == [(f"{name}_of_several", [acme.id]), (name, [bolt.id])]
    work(2)
    assert set(db.session.scalars(db.select(Inbox.error))) == {None}
    assert None not in set(db.session.scalars(db.select(Inbox.read_at)))
