"""The catalogue is read by the clock: what is new, renamed or gone in Spotler shows by itself."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from flask import Flask

from demo.crm.faults import Fault
from spotler_plugin.extensions import db
from spotler_plugin.jobs import catalogue as jobs
from spotler_plugin.jobs.queue.enqueue import queue
from spotler_plugin.jobs.schedule import scheduler
from spotler_plugin.models import ConnectionState
from spotler_plugin.services.account.client import find_connection
from spotler_plugin.services.account.proof import note_refusal
from spotler_plugin.services.catalogue.automations import listed_automations
from spotler_plugin.services.catalogue.due import INTERVAL, SOON, overdue_catalogues
from spotler_plugin.services.catalogue.permissions import permission_labels
from spotler_plugin.services.catalogue.properties import account_properties
from spotler_plugin.services.connection.credentials import refresh
from tests.world.world import MONTHLY, QUARTERLY, World

LATER = 1.2 * INTERVAL + timedelta(seconds=1)
"""The longest that jitter makes of an hour."""


def waiting_jobs() -> list[tuple[str, list[int]]]:
    found = [queue().fetch_job(id_) for id_ in queue().job_ids]
    return [(str(job.func_name), list(job.args)) for job in found if job is not None]


def state_of(world: World) -> ConnectionState:
    db.session.expire_all()
    row = find_connection(world.environment.id)
    assert row is not None
    return row.state


def test_the_clock_knows_the_job(app: Flask) -> None:
    names = [job.func_name for job in scheduler().get_jobs()]
    assert f"{jobs.__name__}.enqueue_all" in names


def test_each_account_is_read_once_an_hour(world: World) -> None:
    jobs.enqueue_all()
    assert waiting_jobs() == [], "connecting read it"
    with time_machine.travel(datetime.now(UTC) + LATER, tick=True):
        jobs.enqueue_all()
        jobs.enqueue_all()
    assert waiting_jobs() == [(f"{jobs.__name__}.read", [world.environment.id])], "once"
    with time_machine.travel(datetime.now(UTC) + 3 * LATER, tick=True):
        assert overdue_catalogues() == [world.environment.id], "also when that job was lost"


def test_a_crm_that_was_away_is_read_soon(world: World) -> None:
    world.crm.data.faults.add(Fault("503", path="/fields"))
    jobs.read(world.environment.id)
    world.crm.data.faults.clear()
    with time_machine.travel(datetime.now(UTC) + 1.2 * SOON + timedelta(seconds=1), tick=True):
        assert overdue_catalogues() == [world.environment.id]


def test_what_changed_in_spotler_appears(world: World) -> None:
    world.control("POST", "/permissions", description="Nieuw")
    world.control("PUT", f"/permissions/{MONTHLY}", description="Hernoemd")
    world.control("DELETE", f"/permissions/{QUARTERLY}")
    world.control("POST", "/automations", name="Nieuwe flow")
    world.control("PUT", "/properties/infix", visible=False)
    world.control("PUT", "/properties/extra", type="string", description="Extra")
    jobs.read(world.environment.id)
    labels = permission_labels(world.environment.id)
    assert labels[MONTHLY] == "Hernoemd" and "Nieuw" in labels.values()
    assert QUARTERLY not in labels
    assert "Nieuwe flow" in {each.label for each in listed_automations(world.environment.id)}
    names = {each.name for each in account_properties(world.environment.id)}
    assert "extra" in names and "infix" not in names


@pytest.mark.parametrize("why", ["disabled", "refused"])
def test_an_account_that_stands_still_is_not_read(world: World, why: str) -> None:
    if why == "disabled":
        world.environment.disabled_at = datetime.now(UTC)
    else:
        note_refusal(world.environment.id, datetime.now(UTC))
    db.session.commit()
    with time_machine.travel(datetime.now(UTC) + LATER, tick=True):
        assert overdue_catalogues() == []


def test_a_job_that_waited_does_not_read_a_disabled_environment(world: World) -> None:
    world.environment.disabled_at = datetime.now(UTC)
    db.session.commit()
    world.control("DELETE", "/calls")
    refresh(world.environment.id)
    assert world.calls("GET") == []


def test_a_refused_key_is_noted_and_an_outage_changes_nothing(world: World) -> None:
    world.fault("backend_exception", path="/contact/properties/list", times=1)
    jobs.read(world.environment.id)
    assert account_properties(world.environment.id)
    assert state_of(world) is ConnectionState.CONNECTED

    world.fault("unauthorized")
    jobs.read(world.environment.id)
    assert state_of(world) is ConnectionState.REFUSED
