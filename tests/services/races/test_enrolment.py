"""An automation is started once, whoever asks for it at the same moment."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import cast
from uuid import UUID, uuid4

import pytest
import time_machine
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from spotler_plugin.extensions import db
from spotler_plugin.models import Enrolment, EnrolmentState, Run
from spotler_plugin.services.contact.save import decide_start, save_contact
from spotler_plugin.services.enrolment.start import settle_lost_starts, start_next
from spotler_plugin.spotler import SpotlerClient, TriggerResult
from tests.two import Two
from tests.world.accounts import ALICE
from tests.world.world import World

EBOOK = "download e-book"


def states(world: World) -> list[EnrolmentState]:
    db.session.expire_all()
    rows = select(Enrolment.state).where(Enrolment.environment_id == world.environment.id)
    return sorted(db.session.scalars(rows))


def started(world: World, contact_id: str) -> int:
    """How many times Spotler says the contact was enrolled."""
    total: int = world.control("GET", f"/enrolments?externalId={contact_id}")["total"]
    return total


@pytest.fixture
def zoe(world: World) -> str:
    """Linked."""
    zoe = world.person("zoe@example.nl")
    world.save(zoe)
    return zoe


def test_two_tabs_ask_for_the_same_automation(world: World, zoe: str, two: Two) -> None:
    owner, ebook = world.environment, world.automation(EBOOK)

    def save() -> UUID:
        return save_contact(
            owner,
            zoe,
            actor=ALICE,
            request_token=uuid4(),
            permissions={},
            automations=[ebook],
        )

    runs = two.at_once(save, save)
    for run_id in runs:
        world.work(run_id)
    assert states(world) == [EnrolmentState.STARTED]
    assert started(world, zoe) == 1


@pytest.mark.parametrize(
    ("answers", "left"),
    [
        ((False, False), [EnrolmentState.DROPPED, EnrolmentState.STARTED]),
        ((True, False), [EnrolmentState.STARTED]),
        ((False, True), [EnrolmentState.DROPPED, EnrolmentState.STARTED]),
    ],
)
def test_two_people_decide_on_an_unknown_start(
    world: World, zoe: str, two: Two, answers: tuple[bool, bool], left: list[EnrolmentState]
) -> None:
    world.fault("drop", path="/automation/trigger/*", when="before", times=1)
    world.work(world.ask(zoe, automations=[world.automation(EBOOK)]))
    assert states(world) == [EnrolmentState.UNKNOWN]
    owner, unknown = world.environment, db.session.scalars(select(Enrolment.id)).one()

    def decide(answer: bool) -> UUID | None:
        return decide_start(owner, zoe, unknown, started=answer, actor=ALICE, request_token=uuid4())

    runs = two.at_once(lambda: decide(answers[0]), lambda: decide(answers[1]))
    assert [run_id is not None for run_id in runs] == [not answers[0], False]
    for run_id in filter(None, runs):
        world.work(run_id)
    assert states(world) == left
    assert started(world, zoe) == (0 if answers[0] else 1)


def test_the_database_forbids_a_second_one_on_sqlite_too(world: World, zoe: str) -> None:
    world.ask(zoe, automations=[world.automation(EBOOK)])
    first = db.session.scalars(select(Enrolment)).one()
    same = {
        column.key: getattr(first, column.key)
        for column in Enrolment.__table__.columns
        if column.key not in ("id", "run_id")
    }
    db.session.add(Enrolment(**same, id=uuid4(), run_id=world.ask(zoe)))
    with pytest.raises(IntegrityError):
        db.session.flush()
    db.session.rollback()


@dataclass
class Slow:
    """A client whose automation call takes so long that something else happens meanwhile."""

    spotler: SpotlerClient
    meanwhile: Callable[[], None]

    @property
    def automations(self) -> Slow:
        return self

    def trigger(self, code: str, contact_id: str) -> TriggerResult:
        result = self.spotler.automations.trigger(code, contact_id)
        self.meanwhile()
        return result


def test_an_answer_that_comes_after_a_person_decided_changes_nothing(
    world: World, zoe: str
) -> None:
    """The call was taken for lost and somebody asked for it again; then it is answered."""
    run = db.session.get_one(Run, world.ask(zoe, automations=[world.automation(EBOOK)]))
    world.work(run.id)
    first = db.session.scalars(select(Enrolment)).one()
    first.state, first.settled_at = EnrolmentState.WAITING, None
    db.session.commit()

    def meanwhile() -> None:
        with time_machine.travel(datetime.now(UTC) + timedelta(minutes=1)):
            settle_lost_starts()
            decide_start(
                world.environment, zoe, first.id, started=False, actor=ALICE, request_token=uuid4()
            )
            db.session.commit()

    assert start_next(run, cast(SpotlerClient, Slow(world.spotler, meanwhile)))
    db.session.commit()
    assert states(world) == [EnrolmentState.DROPPED, EnrolmentState.WAITING]
