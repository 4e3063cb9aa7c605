"""What is told as cancelled did not leave, and what left is not told as cancelled."""

from __future__ import annotations

from uuid import UUID

import pytest
from sqlalchemy import select

from spotler_plugin.extensions import db
from spotler_plugin.models import Outcome, Run, RunItem, RunKind, RunState
from spotler_plugin.planning.reason import Reason
from spotler_plugin.services.run.close import cancel_open_items, close_if_done
from spotler_plugin.services.run.control import cancel_run
from spotler_plugin.services.run.items import Filter
from spotler_plugin.services.run.retry import retry_items
from spotler_plugin.services.sync.advance import advance_run
from tests.two import Two
from tests.world.crowd import gather
from tests.world.world import MONTHLY, World


def cancel(world: World, run_id: UUID) -> None:
    cancel_run(world.environment.id, run_id)
    db.session.commit()


def ask_many(world: World) -> tuple[UUID, list[str]]:
    """A run of many, each of whom changed in the CRM."""
    crowd = gather(world, 5)
    crowd.change(0, 5, first_name="Anders")
    return crowd.ask(RunKind.SYNC), crowd.ids


def told(run_id: UUID) -> dict[str, Outcome]:
    db.session.expire_all()
    rows = select(RunItem.contact_id, RunItem.outcome).where(RunItem.run_id == run_id)
    return {contact_id: outcome for contact_id, outcome in db.session.execute(rows)}


def test_what_is_claimed_while_it_is_cancelled_is_told_as_written(world: World, two: Two) -> None:
    run_id, ids = ask_many(world)
    items = select(RunItem.id).where(RunItem.run_id == run_id)
    # The first worker has leased the contacts and waits to write that down …
    with two.stopped(items) as thread:
        first = two.begin(thread, lambda: advance_run(run_id))
        two.until_waiting(first)
        cancel(world, run_id)
        # … while the second one cancels what is open.
        second = two.begin(thread, lambda: advance_run(run_id))
        two.until_waiting(first, second)
    for each in (first, second):
        each.result()
    advance_run(run_id)
    written = {id_ for id_ in ids if world.first_name(id_) == "Anders"}
    outcomes = told(run_id)
    assert {id_ for id_, outcome in outcomes.items() if outcome is Outcome.UPDATED} == written
    assert set(outcomes.values()) <= {Outcome.UPDATED, Outcome.CANCELLED}
    assert db.session.get_one(Run, run_id).state is RunState.CANCELLED


def test_what_is_cancelled_first_is_not_written(world: World, two: Two) -> None:
    run_id, ids = ask_many(world)
    cancel(world, run_id)
    run = db.session.get_one(Run, run_id)

    def stop() -> None:
        cancel_open_items(run)
        close_if_done(run)

    two.at_once(stop, lambda: advance_run(run_id))
    assert set(told(run_id).values()) == {Outcome.CANCELLED}
    assert {world.first_name(id_) for id_ in ids}.isdisjoint({"Anders"})


def test_a_run_that_was_opened_again_is_not_cancelled(world: World) -> None:
    """A worker saw that it was to be cancelled; meanwhile another closed it, a person retried."""
    zoe = world.person("zoe@example.nl")
    run_id = world.ask(zoe, {MONTHLY: True})
    cancel(world, run_id)
    advance_run(run_id)
    retry_items(world.environment.id, run_id, Filter(outcome=Outcome.CANCELLED))
    db.session.commit()
    cancel_open_items(db.session.get_one(Run, run_id))
    db.session.commit()
    assert told(run_id) == {zoe: Outcome.OPEN}


@pytest.mark.parametrize("when", ["before", "after"])
def test_what_was_sent_without_an_answer_is_not_told_as_cancelled(world: World, when: str) -> None:
    zoe = world.person("zoe@example.nl")
    world.fault("drop", when=when, path="/contact/list", times=2)
    run_id = world.ask(zoe, {MONTHLY: True})
    world.work(run_id)
    cancel(world, run_id)
    world.work(run_id)
    view = world.view(run_id, zoe)
    assert (view.outcome, view.reason) == (Outcome.FAILED, Reason.STOPPED_MIDWAY)
    assert view.state is RunState.CANCELLED


def test_what_surely_was_not_sent_is_told_as_cancelled(world: World) -> None:
    """The key was refused: the write was planned, and did not leave."""
    zoe = world.person("zoe@example.nl")
    world.fault("unauthorized", path="/contact/list")
    run_id = world.ask(zoe, {MONTHLY: True})
    world.work(run_id)
    assert world.view(run_id, zoe).state is RunState.HALTED
    cancel(world, run_id)
    world.work(run_id)
    assert world.view(run_id, zoe).outcome is Outcome.CANCELLED
    item = db.session.scalars(select(RunItem)).one()
    assert (item.before, item.after) == (None, None)
    assert world.in_spotler(zoe) is None
