"""What the CRM changed while no event came: it is asked, and nothing is missed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import responses
import time_machine
from sqlalchemy import select

from spotler_plugin.extensions import db
from spotler_plugin.models import Connection, ConnectionState, Run
from spotler_plugin.models import Inbox as InboxRow
from spotler_plugin.planning.reason import Reason
from spotler_plugin.services.event import catch_up as catching_up
from spotler_plugin.services.event.catch_up import catch_up
from spotler_plugin.services.event.inbox import overdue_inboxes
from tests.services.event.conftest import Inbox
from tests.world.world import World


@pytest.fixture
def zoe(world: World) -> str:
    zoe = world.person("zoe@example.nl")
    world.save(zoe)
    world.control("PUT", "/settings", check_clock=False)
    return zoe


def rename(world: World, contact_id: str, name: str) -> int:
    row = world.crm.data.contacts.change(contact_id, {"first_name": name}, silent=True)
    return int(row.version)


def read(world: World) -> list[int]:
    """Read to the end, and carry out what follows; how many contacts each run had."""
    run_ids = []
    more = True
    while more:
        turn = catch_up(world.environment.id)
        run_ids += turn.run_ids
        more = turn.more
    for run_id in run_ids:
        world.work(run_id)
    return [db.session.get_one(Run, run_id).selected for run_id in run_ids]


def due() -> list[int]:
    return [each.environment_id for each in overdue_inboxes()]


def inbox_row() -> InboxRow:
    db.session.expire_all()
    return db.session.scalars(select(InboxRow)).one()


def test_an_event_that_never_came(world: World, zoe: str) -> None:
    rename(world, zoe, "Zoetje")
    world.person("noor@example.nl")
    assert read(world) == [1]
    assert world.first_name(zoe) == "Zoetje"
    assert read(world) == []


def test_what_an_event_told_is_not_looked_at_again(world: World, inbox: Inbox, zoe: str) -> None:
    inbox.changed(zoe, rename(world, zoe, "Zoetje"))
    inbox.handle()
    assert read(world) == []


def test_it_is_read_every_few_minutes(world: World, zoe: str) -> None:
    assert due() == [world.environment.id]
    db.session.commit()
    read(world)
    assert due() == []
    db.session.commit()
    with time_machine.travel(datetime.now(UTC) + timedelta(minutes=6)):
        assert due() == [world.environment.id]
        db.session.commit()


def test_not_where_nothing_can_be_sent(world: World, zoe: str) -> None:
    db.session.execute(db.update(Connection).values(state=ConnectionState.REFUSED))
    db.session.commit()
    assert due() == []


@responses.activate
def test_a_read_goes_on_where_it_ended(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catching_up, "TURN_SECONDS", -1)
    url = f"{world.crm.api_url}/contacts"
    person: dict[str, Any] = {"id": "c-1", "relation_id": None, "primary": False, "active": True,
                              "version": 1, "fields": {}}  # fmt: skip
    first = responses.get(url, json={"contacts": [person], "next": "p2"})
    assert catch_up(world.environment.id).more
    row = inbox_row()
    since, began = row.changes_since, row.reading_since
    assert (row.cursor, row.read_at) == ("p2", None)
    responses.remove(first)
    away = responses.get(url, status=503)
    assert not catch_up(world.environment.id).more
    row = inbox_row()
    assert (row.cursor, row.error, row.lease) == ("p2", Reason.CRM_AWAY, None)
    responses.remove(away)
    params = {"changed_since": str(since and since.isoformat()), "after": "p2"}
    matcher = responses.matchers.query_param_matcher(params, strict_match=False)
    responses.get(url, json={"contacts": [person, {}], "next": None}, match=[matcher])
    assert not catch_up(world.environment.id).more
    row = inbox_row()
    assert (row.cursor, row.reading_since, row.read_at) == (None, None, began)
    assert row.error is None


@responses.activate
def test_a_cursor_that_the_crm_no_longer_knows(world: World) -> None:
    catch_up(world.environment.id)
    row = inbox_row()
    row.cursor, row.reading_since, row.changes_since = "old", row.due_at, row.due_at
    db.session.commit()
    responses.get(f"{world.crm.api_url}/contacts", status=400)
    catch_up(world.environment.id)
    assert inbox_row().cursor is None


def test_at_night_it_goes_back_further(world: World, zoe: str) -> None:
    read(world)
    row = inbox_row()
    assert row.night_read_at is None
    read(world)
    row = inbox_row()
    assert row.changes_since is not None and row.night_read_at is not None
    assert datetime.now(UTC) - row.changes_since > timedelta(hours=47)
    read(world)
    changes_since = inbox_row().changes_since
    assert changes_since is not None
    assert datetime.now(UTC) - changes_since < timedelta(minutes=11)
