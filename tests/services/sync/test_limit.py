"""What was agreed to is the limit: the run halts before it empties or switches off more."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from threading import Barrier, Thread
from uuid import UUID

import pytest
import time_machine
from flask import Flask

from spotler_plugin.extensions import db, redis_server
from spotler_plugin.models import Outcome, Preview, Run, RunItem, RunKind, RunState, Whom
from spotler_plugin.planning.adjustment import Adjustment
from spotler_plugin.planning.image import Loss
from spotler_plugin.planning.reason import Reason
from spotler_plugin.services.mapping.store import saved_mapping
from spotler_plugin.services.preview.approve import confirm_preview
from spotler_plugin.services.preview.compute import advance_preview
from spotler_plugin.services.preview.request import request_preview, tally_of
from spotler_plugin.services.preview.rest import request_rest
from spotler_plugin.services.run.control import cancel_run, resume_halted_runs, resume_run
from spotler_plugin.services.run.limit import BeyondAgreed, count_loss
from spotler_plugin.services.sync import send
from spotler_plugin.services.sync.advance import advance_run
from tests.world.accounts import ALICE
from tests.world.crowd import Crowd, gather, work
from tests.world.mutation import foreseen, of_crm, saved, worked_out
from tests.world.world import REFUSED, World


def preview(world: World) -> Preview:
    now = saved_mapping(world.environment.id)
    made = request_preview(world.environment, Whom.LINKED, RunKind.SYNC, now, ALICE)
    db.session.commit()
    while advance_preview(made.environment_id, made.id):
        pass
    db.session.refresh(made)
    return made


def agreed(world: World, row: Preview) -> Run:
    run_id = confirm_preview(world.environment, row.id, ALICE, tally_of(row).emptied)
    db.session.commit()
    return db.session.get_one(Run, run_id)


def halted(run: Run) -> Run:
    while advance_run(run.id):
        pass
    db.session.refresh(run)
    assert (run.state, run.halted_because) == (RunState.HALTED, Reason.BEYOND_AGREED)
    return run


def emptied_in_spotler(crowd: Crowd) -> int:
    found = [crowd.world.in_spotler(contact_id) for contact_id in crowd.ids]
    return sum(each is not None and "phoneNumber" not in each.properties for each in found)


@pytest.mark.people(120)
def test_nobody_agreed_so_nobody_is_emptied(world: World, crowd: Crowd) -> None:
    run = agreed(world, preview(world))
    crowd.change(0, 120, phone=None)
    halted(run)
    assert emptied_in_spotler(crowd) == 0
    assert (
        db.session.scalars(db.select(RunItem.after).where(RunItem.run_id == run.id)).all()
        == [None] * 120
    )


@pytest.mark.people(120)
def test_it_goes_as_far_as_was_agreed_to(world: World, crowd: Crowd) -> None:
    crowd.change(0, 3, phone=None)
    run = agreed(world, preview(world))
    assert (run.may_empty, run.may_switch_off) == (3, 0)
    crowd.change(110, 112, phone=None)
    halted(run)
    assert (run.emptied, emptied_in_spotler(crowd)) == (3, 3)


@pytest.mark.people(2)
def test_values_are_counted_and_not_only_whom(world: World, crowd: Crowd) -> None:
    crowd.change(0, 2, phone=None)
    run = agreed(world, preview(world))
    crowd.change(0, 1, first_name=None)
    halted(run)
    assert emptied_in_spotler(crowd) == 0


def test_only_a_new_preview_lets_it_go_on(world: World) -> None:
    crowd = gather(world, 5)
    run = agreed(world, preview(world))
    crowd.change(0, 5, phone=None)
    halted(run)
    assert resume_halted_runs(world.environment.id) == []
    resume_run(world.environment.id, run.id)
    db.session.commit()
    halted(run)
    assert work(agreed(world, preview(world)).id).updated == 5
    assert not advance_run(run.id)
    db.session.refresh(run)
    assert (run.state, run.cancelled) == (RunState.CANCELLED, 5)


def rest(world: World, run: Run) -> Preview:
    """What the rest of it would do."""
    made = request_rest(world.environment, run.id, ALICE)
    db.session.commit()
    return worked_out(made)


@pytest.mark.people(120)
def test_agreed_with_anew_the_rest_of_it_goes_on(world: World, crowd: Crowd) -> None:
    crowd.change(0, 3, phone=None)
    run = agreed(world, preview(world))
    crowd.change(110, 112, phone=None)
    done = halted(run).emptied
    row = rest(world, run)
    assert (row.total, tally_of(row).emptied) == (20, 2)
    assert agreed(world, row).id == run.id
    finished = work(run.id)
    assert (finished.updated, finished.may_empty, finished.emptied) == (5, done + 2, 5)
    assert emptied_in_spotler(crowd) == 5


@pytest.mark.people(4)
def test_a_mutation_goes_on_as_the_mutation_that_it_is(world: World, crowd: Crowd) -> None:
    row = foreseen(world, crowd.ids, Adjustment(fields={"last_name": "Directeur"}))
    run = saved(world, row)
    crowd.change(0, 4, phone=None)
    halted(run)
    assert saved(world, rest(world, run), 4).id == run.id
    assert work(run.id).updated == 4
    assert {of_crm(world, id_, "last_name") for id_ in crowd.ids} == {"Directeur"}
    assert emptied_in_spotler(crowd) == 4


@pytest.mark.people(4)
def test_who_was_stopped_meanwhile_does_not_go_on(world: World, crowd: Crowd) -> None:
    run = agreed(world, preview(world))
    crowd.change(0, 4, phone=None)
    halted(run)
    row = rest(world, run)
    cancel_run(world.environment.id, run.id)
    agreed(world, row)
    while advance_run(run.id):
        pass
    db.session.refresh(run)
    assert (run.state, run.emptied) == (RunState.CANCELLED, 0)
    assert emptied_in_spotler(crowd) == 0


@pytest.mark.people(4)
def test_what_is_tried_again_is_counted_once(
    world: World, crowd: Crowd, monkeypatch: pytest.MonkeyPatch
) -> None:
    crowd.change(0, 4, phone=None)
    row = preview(world)
    monkeypatch.setattr(send, "SINGLE_SECONDS", 0.0)
    run = work(agreed(world, row).id)
    assert (run.updated, run.emptied) == (4, 4)


@pytest.mark.people(4)
def test_what_is_sent_again_as_its_answer_was_lost_is_counted_once(
    world: World, crowd: Crowd
) -> None:
    crowd.change(0, 4, phone=None)
    run = agreed(world, preview(world))
    world.fault("drop", when="after", method="PUT", path="/contact/*", times=2)
    while advance_run(run.id):
        pass
    assert emptied_in_spotler(crowd) == 4
    world.control("PUT", "/settings", check_clock=False)
    redis_server.queue.flushdb()
    with time_machine.travel(datetime.now(UTC) + timedelta(hours=1), tick=True):
        done = work(run.id)
    assert (done.updated, done.emptied) == (4, 4)


@pytest.mark.people(3)
def test_what_spotler_refused_is_given_back(world: World, crowd: Crowd) -> None:
    crowd.change(0, 2, phone=None)
    crowd.change(0, 1, email=REFUSED)
    run = work(agreed(world, preview(world)).id)
    assert (run.rejected, run.updated, run.emptied) == (1, 1, 1)


def test_one_contact_has_no_limit(world: World) -> None:
    crowd = gather(world, 1)
    crowd.change(0, 1, phone=None)
    assert world.save(crowd.ids[0]).outcome is Outcome.UPDATED


def test_two_workers_at_once_do_not_pass_it(app: Flask, world: World) -> None:
    """Both count two of the three that are left, at the same moment."""
    run = agreed(world, preview(world))
    run.may_empty, run.may_switch_off = 3, 3
    db.session.commit()
    barrier, passed = Barrier(2), []

    def count(run_id: UUID) -> None:
        with app.app_context():
            mine = db.session.get_one(Run, run_id)
            db.session.rollback()
            barrier.wait(10)
            try:
                count_loss(mine, Loss(2, 1))
                db.session.commit()
                passed.append(True)
            except BeyondAgreed:
                db.session.rollback()
                passed.append(False)

    workers = [Thread(target=count, args=[run.id]) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(30)
    db.session.refresh(run)
    assert sorted(passed) == [False, True]
    assert (run.emptied, run.switched_off) == (2, 1)
