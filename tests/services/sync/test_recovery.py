"""Nothing is lost and nothing hangs: dead workers, silent parties, revoked keys, poison."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
import time_machine
from sqlalchemy import select

from demo.crm.faults import Fault as CrmFault
from demo.crm.faults import Kind as CrmKind
from spotler_plugin.extensions import db, redis_server
from spotler_plugin.models import ConnectionState, Link, Outcome, RunItem, RunState
from spotler_plugin.planning.reason import Reason
from spotler_plugin.services.account.client import find_connection
from spotler_plugin.services.backoff import ATTEMPTS
from spotler_plugin.services.connection import credentials
from spotler_plugin.services.contact.view import refresh_contact
from spotler_plugin.services.link.lease import LEASE, claim_leases, renew_leases
from spotler_plugin.services.link.status import Status
from spotler_plugin.services.run.control import resume_halted_runs
from spotler_plugin.services.run.due import overdue_runs
from spotler_plugin.services.sync.claim import POISON
from tests.world.world import MONTHLY, World


def later(world: World, run_id: UUID, seconds: float = 3600) -> None:
    """The worker comes back after a while."""
    world.control("PUT", "/settings", check_clock=False)
    # The clock of Redis goes on too: what was paused or broken is over.
    redis_server.queue.flushdb()
    with time_machine.travel(datetime.now(UTC) + timedelta(seconds=seconds), tick=True):
        world.work(run_id)


@pytest.mark.parametrize(
    "kind", ["rate_limit", "backend_exception", "unavailable", "drop", "html", "half_json"]
)
@pytest.mark.parametrize("when", ["before", "after"])
def test_a_fault_of_spotler_is_sat_out(world: World, kind: str, when: str) -> None:
    zoe = world.person("zoe@example.nl")
    world.fault(kind, when=when, path="/contact/list", times=2)
    run_id = world.ask(zoe, {MONTHLY: True})
    world.work(run_id)
    view = world.view(run_id, zoe)
    assert (view.outcome, view.attempts) == (Outcome.OPEN, 1)
    assert view.reason in (Reason.SPOTLER_AWAY, Reason.BUSY)
    assert world.status(zoe).status is Status.PENDING

    later(world, run_id)
    later(world, run_id, 7200)
    assert world.view(run_id, zoe).outcome is Outcome.LINKED, "also if the first call did arrive"
    found = world.in_spotler(zoe)
    assert found is not None and found.permissions[MONTHLY]
    assert len(world.spotler.contacts.search("email", "zoe@example.nl")) == 1


def test_what_was_overwritten_is_known_also_when_the_answer_is_lost(world: World) -> None:
    zoe = world.person("zoe@example.nl")
    world.save(zoe)
    world.crm.data.contacts.change(zoe, {"first_name": "Zoé"}, silent=True)
    world.fault("drop", when="after", path="/contact/list", times=1)
    run_id = world.ask(zoe)
    world.work(run_id)
    # The mirror learns meanwhile that the write arrived.
    refresh_contact(world.environment, zoe)
    later(world, run_id)
    item = db.session.scalars(select(RunItem).where(RunItem.run_id == run_id)).one()
    assert item.outcome is Outcome.UPDATED
    assert item.before is not None and item.before.properties["firstName"] == "Zoë"
    assert item.after is not None and item.after.properties["firstName"] == "Zoé"


@pytest.mark.parametrize("is_lost", [False, True])
def test_a_first_link_empties_nothing_also_when_the_answer_is_lost(
    world: World, is_lost: bool
) -> None:
    person = world.person("nieuw@example.nl", phone=None, infix=None)
    there = {"email": "nieuw@example.nl", "properties": {"phoneNumber": "010 1", "infix": "de"}}
    world.control("POST", "/contacts", contacts=[there])
    if is_lost:
        world.fault("drop", when="after", path="/contact/list", times=1)
    run_id = world.ask(person)
    world.work(run_id)
    if is_lost:
        later(world, run_id)
    view, found = world.view(run_id, person), world.in_spotler(person)
    assert view.outcome is Outcome.LINKED
    assert found is not None and found.properties["lastName"] == "Bakker"
    assert (found.properties["phoneNumber"], found.properties["infix"]) == ("010 1", "de")
    assert world.calls("PUT") == []


@pytest.mark.parametrize("kind", ["drop", "backend_exception", "html", "half_json", "rate_limit"])
def test_a_fault_while_reading_is_sat_out_too(world: World, kind: str) -> None:
    zoe = world.person("zoe@example.nl")
    world.fault(kind, method="GET", path="/contact/*", times=1)
    run_id = world.ask(zoe)
    world.work(run_id)
    assert world.view(run_id, zoe).outcome is Outcome.OPEN
    later(world, run_id)
    assert world.view(run_id, zoe).outcome is Outcome.LINKED


@pytest.mark.parametrize("kind", ["409", "429", "500", "503", "html", "half", "empty", "drop"])
def test_a_fault_of_the_crm_is_sat_out(world: World, kind: CrmKind) -> None:
    zoe = world.person("zoe@example.nl")
    world.crm.data.faults.add(CrmFault(kind, calls=1, path="/contacts"))
    run_id = world.ask(zoe)
    world.work(run_id)
    assert world.view(run_id, zoe).reason is Reason.CRM_AWAY
    later(world, run_id)
    assert world.view(run_id, zoe).outcome is Outcome.LINKED


def test_it_is_given_up_in_the_end_and_says_so(world: World) -> None:
    zoe = world.person("zoe@example.nl")
    world.fault("backend_exception", path="/contact/list")
    run_id = world.ask(zoe)
    for attempt in range(ATTEMPTS):
        later(world, run_id, 3600 * (attempt + 1))
    view = world.view(run_id, zoe)
    assert (view.outcome, view.reason, view.state) == (
        Outcome.FAILED,
        Reason.SPOTLER_AWAY,
        RunState.FINISHED,
    )
    assert world.status(zoe).status is Status.ERROR


def test_a_refusal_of_a_key_that_was_replaced_meanwhile_stops_nothing(world: World) -> None:
    zoe = world.person("zoe@example.nl")
    world.fault("unauthorized", times=1)
    row = find_connection(world.environment.id)
    assert row is not None
    # An administrator proves the new key while the call with the old one is under way.
    row.proved_at = datetime.now(UTC) + timedelta(minutes=1)
    run_id = world.ask(zoe, {MONTHLY: True})
    world.work(run_id)
    assert world.view(run_id, zoe).outcome is Outcome.LINKED
    assert row.state is ConnectionState.CONNECTED


@pytest.mark.parametrize("kind", ["unauthorized", "forbidden"])
def test_a_revoked_key_halts_until_it_is_proved_again(world: World, kind: str) -> None:
    zoe = world.person("zoe@example.nl")
    world.fault(kind)
    run_id = world.ask(zoe, {MONTHLY: True})
    world.work(run_id)
    view = world.view(run_id, zoe)
    assert (view.state, view.halted) == (RunState.HALTED, Reason.CREDENTIALS_REFUSED)
    row = find_connection(world.environment.id)
    assert row is not None and row.state is ConnectionState.REFUSED
    assert overdue_runs() == [], "nobody enqueues it"

    world.control("DELETE", "/faults")
    credentials.test(world.environment)
    assert list(resume_halted_runs(world.environment.id)) == [run_id]
    db.session.commit()
    world.work(run_id)
    assert world.view(run_id, zoe).outcome is Outcome.LINKED


def test_a_wrong_token_of_the_crm_halts(world: World) -> None:
    zoe = world.person("zoe@example.nl")
    world.crm.data.faults.add(CrmFault("401"))
    run_id = world.ask(zoe)
    world.work(run_id)
    assert world.view(run_id, zoe).halted is Reason.CRM_REFUSED


def test_a_disconnected_account_halts(world: World) -> None:
    zoe = world.person("zoe@example.nl")
    run_id = world.ask(zoe)
    credentials.disconnect(world.environment)
    db.session.commit()
    world.work(run_id)
    assert world.view(run_id, zoe).halted is Reason.NOT_CONNECTED


class TestDeadWorker:
    """A worker that was killed holds its leases until their time is over, and no longer."""

    @pytest.fixture
    def zoe(self, world: World) -> str:
        return world.person("zoe@example.nl")

    @pytest.fixture
    def run_id(self, world: World, zoe: str) -> UUID:
        run_id = world.ask(zoe, {MONTHLY: True})
        claim_leases(world.environment.id, [zoe], UUID(int=7))
        db.session.commit()
        return run_id

    def test_nobody_else_writes_meanwhile(self, world: World, zoe: str, run_id: UUID) -> None:
        world.work(run_id)
        assert world.view(run_id, zoe).outcome is Outcome.OPEN
        assert world.calls("POST", "/contact/*") == []

    def test_another_takes_over_within_a_minute(self, world: World, zoe: str, run_id: UUID) -> None:
        later(world, run_id, LEASE.total_seconds() + 1)
        assert world.view(run_id, zoe).outcome is Outcome.LINKED

    def test_the_sweeper_enqueues_when_the_lease_is_free(self, run_id: UUID) -> None:
        assert overdue_runs() == []
        with time_machine.travel(datetime.now(UTC) + LEASE + timedelta(seconds=1)):
            assert overdue_runs() == [run_id]
            assert overdue_runs() == [], "not twice in a row"

    def test_one_that_wakes_up_too_late_writes_nothing_down(
        self, world: World, zoe: str, run_id: UUID
    ) -> None:
        later(world, run_id, LEASE.total_seconds() + 1)
        assert renew_leases(world.environment.id, [zoe], UUID(int=7)) == set()


def test_a_contact_on_which_workers_die_is_set_aside(world: World) -> None:
    zoe, other = world.person("zoe@example.nl"), world.person("bestaand@example.nl")
    run_id = world.ask(zoe)
    item = db.session.scalars(select(RunItem).where(RunItem.run_id == run_id)).one()
    item.crashes = 5
    db.session.commit()
    world.work(run_id)
    view = world.view(run_id, zoe)
    assert (view.outcome, view.reason) == (Outcome.FAILED, Reason.UNEXPECTED)
    assert world.save(other).outcome is Outcome.LINKED


def test_lanes_are_given_back(world: World) -> None:
    world.save(world.person("zoe@example.nl"))
    assert db.session.scalars(select(Link.lease)).all() == [None]


def test_what_halts_is_no_strike_against_a_contact(world: World) -> None:
    zoe = world.person("zoe@example.nl")
    world.fault("unauthorized")
    run_id = world.ask(zoe, {MONTHLY: True})
    for _ in range(POISON + 2):
        world.work(run_id)
        assert world.view(run_id, zoe).state is RunState.HALTED
        resume_halted_runs(world.environment.id)
        db.session.commit()
    world.control("DELETE", "/faults")
    world.work(run_id)
    assert world.view(run_id, zoe).outcome is Outcome.LINKED


def test_the_images_of_two_tries_are_what_was_there_first_and_what_came_last(world: World) -> None:
    """The first try fails; then the CRM changes again."""
    zoe = world.person("zoe@example.nl")
    world.save(zoe)
    world.crm.data.contacts.change(zoe, {"first_name": "Eerst"}, silent=True)
    world.fault("backend_exception", path="/contact/list", times=1)
    run_id = world.ask(zoe)
    world.work(run_id)
    world.crm.data.contacts.change(zoe, {"first_name": "Dan"}, silent=True)
    later(world, run_id)
    item = db.session.scalars(db.select(RunItem).where(RunItem.run_id == run_id)).one()
    assert item.outcome is Outcome.UPDATED
    assert item.before is not None and item.before.properties["firstName"] == "Zoë"
    assert item.after is not None and item.after.properties["firstName"] == "Dan"
