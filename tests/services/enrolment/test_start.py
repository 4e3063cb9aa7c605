"""Automations start at most once per act; of unknown ends a person decides."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
import time_machine
from sqlalchemy import select

from spotler_plugin.extensions import db
from spotler_plugin.models import Enrolment, EnrolmentState, Outcome, RunState
from spotler_plugin.services.contact.save import decide_start
from spotler_plugin.services.enrolment.start import settle_lost_starts
from spotler_plugin.services.run.control import cancel_run
from spotler_plugin.services.sync.advance import advance_run
from tests.world.accounts import ALICE
from tests.world.world import MONTHLY, World

EBOOK = "download e-book"


def the_one(world: World) -> Enrolment:
    return db.session.scalars(
        select(Enrolment).where(Enrolment.environment_id == world.environment.id)
    ).one()


def started(world: World, contact_id: str) -> int:
    """How many times Spotler says the contact was enrolled."""
    total: int = world.control("GET", f"/enrolments?externalId={contact_id}")["total"]
    return total


def ask(world: World, contact_id: str) -> UUID:
    return world.ask(contact_id, automations=[world.automation(EBOOK)])


def test_an_automation_starts_after_the_contact_is_linked(world: World) -> None:
    zoe = world.person("zoe@example.nl")
    world.work(ask(world, zoe))
    assert the_one(world).state is EnrolmentState.STARTED
    assert started(world, zoe) == 1


def test_one_that_was_started_is_not_started_again(world: World) -> None:
    zoe = world.person("zoe@example.nl")
    world.work(ask(world, zoe))
    world.work(ask(world, zoe))
    assert started(world, zoe) == 1
    assert world.status(zoe).automations_started == 1


def test_it_is_not_started_for_a_contact_that_could_not_be_written(world: World) -> None:
    person = world.person("afgemeld@example.nl")
    world.work(ask(world, person))
    assert the_one(world).state is EnrolmentState.DROPPED
    assert world.calls("POST", "/automation/*") == []


@pytest.mark.parametrize("kind", ["drop", "backend_exception", "html", "half_json"])
def test_after_a_call_of_unknown_end_nothing_is_sent_again(world: World, kind: str) -> None:
    zoe = world.person("zoe@example.nl")
    world.fault(kind, path="/automation/trigger/*", when="after")
    run_id = ask(world, zoe)
    world.work(run_id)
    world.work(run_id)
    assert the_one(world).state is EnrolmentState.UNKNOWN
    assert len(world.calls("POST", "/automation/trigger/*")) == 1
    assert world.view(run_id, zoe).state is RunState.FINISHED


def test_a_call_that_surely_did_not_arrive_is_made_again(world: World) -> None:
    zoe = world.person("zoe@example.nl")
    world.fault("rate_limit", path="/automation/trigger/*", times=1, retry_after=1)
    run_id = ask(world, zoe)
    world.work(run_id)
    assert the_one(world).state is EnrolmentState.WAITING
    with time_machine.travel(the_one(world).due_at + timedelta(seconds=1), tick=True):
        world.control("PUT", "/settings", check_clock=False)
        world.work(run_id)
    assert the_one(world).state is EnrolmentState.STARTED
    assert started(world, zoe) == 1


def test_a_worker_that_dies_during_the_call_leaves_an_unknown_end(world: World) -> None:
    zoe = world.person("zoe@example.nl")
    run_id = ask(world, zoe)
    world.work(run_id)
    leaving = the_one(world)
    leaving.state, leaving.settled_at = EnrolmentState.LEAVING, None
    db.session.commit()
    settle_lost_starts()
    assert the_one(world).state is EnrolmentState.LEAVING, "it may still be answered"
    assert leaving.left_at is not None
    with time_machine.travel(leaving.left_at + timedelta(seconds=31)):
        settle_lost_starts()
        db.session.expire_all()
    assert the_one(world).state is EnrolmentState.UNKNOWN


class TestPersonDecides:
    @pytest.fixture
    def zoe(self, world: World) -> str:
        """A contact with an automation of which nobody knows whether it started."""
        zoe = world.person("zoe@example.nl")
        world.fault("drop", path="/automation/trigger/*", when="before", times=1)
        world.work(ask(world, zoe))
        assert the_one(world).state is EnrolmentState.UNKNOWN
        return zoe

    def decide(self, world: World, zoe: str, enrolment_id: UUID, *, started: bool) -> UUID | None:
        run_id = decide_start(
            world.environment,
            zoe,
            enrolment_id,
            started=started,
            actor=ALICE,
            request_token=uuid4(),
        )
        db.session.commit()
        return run_id

    def test_that_it_was_started(self, world: World, zoe: str) -> None:
        assert self.decide(world, zoe, the_one(world).id, started=True) is None
        assert the_one(world).state is EnrolmentState.STARTED
        assert len(world.calls("POST", "/automation/trigger/*")) == 1

    def test_to_start_it_anew(self, world: World, zoe: str) -> None:
        run_id = self.decide(world, zoe, the_one(world).id, started=False)
        assert run_id is not None
        world.work(run_id)
        assert started(world, zoe) == 1

    def test_only_once(self, world: World, zoe: str) -> None:
        unknown = the_one(world).id
        self.decide(world, zoe, unknown, started=True)
        assert self.decide(world, zoe, unknown, started=False) is None

    def test_only_for_this_contact(self, world: World, zoe: str) -> None:
        unknown = the_one(world).id
        assert (
            self.decide(world, world.person("bestaand@example.nl"), unknown, started=True) is None
        )
        assert the_one(world).state is EnrolmentState.UNKNOWN


def test_a_refusal_of_spotler_is_told(world: World) -> None:
    zoe = world.person("zoe@example.nl")
    automation = next(
        each
        for each in world.control("GET", "/automations")["automations"]
        if each["name"] == EBOOK
    )
    world.control("PUT", f"/automations/{automation['id']}", active=False)
    run_id = ask(world, zoe)
    world.work(run_id)
    assert the_one(world).state is EnrolmentState.REFUSED
    assert the_one(world).reason == "AUTOMATION_INACTIVE"
    assert world.view(run_id, zoe).outcome is Outcome.LINKED


def test_cancelling_a_run_drops_what_has_not_left(world: World) -> None:
    zoe = world.person("zoe@example.nl")
    run_id = world.ask(zoe, {MONTHLY: True}, [world.automation(EBOOK)])
    cancel_run(world.environment.id, run_id)
    db.session.commit()
    advance_run(run_id)
    db.session.expire_all()
    assert the_one(world).state is EnrolmentState.DROPPED
    assert world.view(run_id, zoe).state is RunState.CANCELLED
    assert world.in_spotler(zoe) is None
