"""A run over all linked contacts: who is in it, and how a newer one takes its place."""

from __future__ import annotations

from uuid import uuid4

import pytest

from spotler_plugin.extensions import db
from spotler_plugin.models import Environment, Outcome, Run, RunItem, RunKind, RunState
from spotler_plugin.planning.reason import Reason
from spotler_plugin.services.connection import credentials
from spotler_plugin.services.link.lease import claim_leases, release_leases
from spotler_plugin.services.run.control import cancel_run
from spotler_plugin.services.run.create import create_run
from spotler_plugin.services.run.due import overdue_runs
from spotler_plugin.services.sync.advance import advance_run
from tests.services.run.ledger import ask, link
from tests.statements import statements
from tests.world.accounts import ALICE
from tests.world.world import World

OUTCOMES = [each.value for each in Outcome if each is not Outcome.OPEN]


def outcomes(made: Run) -> dict[Outcome, int]:
    rows = db.session.execute(
        db.select(RunItem.outcome, db.func.count())
        .where(RunItem.run_id == made.id)
        .group_by(RunItem.outcome)
    )
    return {outcome: count for outcome, count in rows}


def sums(made: Run) -> bool:
    return bool(made.selected == sum(getattr(made, name) for name in OUTCOMES))


def test_all_linked_contacts_of_the_environment_and_nobody_else(
    environment: Environment, other_environment: Environment
) -> None:
    link(environment, 3)
    link(environment, 2, linked=False, first="unlinked")
    link(other_environment, 4)
    environment.mapping_version = 7
    made = ask(environment, RunKind.MAPPING)
    assert (made.selected, made.mapping_version, made.state) == (3, 7, RunState.OPEN)
    assert (made.actor_name, made.kind) == ("Alice de Vries", RunKind.MAPPING)
    items = db.session.scalars(db.select(RunItem).order_by(RunItem.id)).all()
    assert [item.contact_id for item in items] == ["c-0", "c-1", "c-2"]
    assert {item.environment_id for item in items} == {environment.id}
    assert {(item.outcome, item.attempts, item.crashes) for item in items} == {(Outcome.OPEN, 0, 0)}


def test_asked_twice_it_is_one_run(environment: Environment) -> None:
    link(environment, 1)
    token = uuid4()
    assert ask(environment, token=token).id == ask(environment, token=token).id
    assert db.session.query(RunItem).count() == 1


def test_nobody_is_linked(world: World) -> None:
    made = ask(world.environment)
    world.work(made.id)
    assert (made.selected, made.state) == (0, RunState.FINISHED)


def test_many_are_added_by_as_many_statements_as_few(
    environment: Environment, other_environment: Environment
) -> None:
    taken = []
    for owner, number in ((environment, 2), (other_environment, 5_000)):
        link(owner, number)
        with statements() as seen:
            assert ask(owner).selected == number
        taken.append(len(seen))
    assert taken[0] == taken[1]


class TestSuperseded:
    """A newer run over all linked contacts does what an older one had still to do."""

    @pytest.mark.parametrize("halted", [False, True])
    def test_the_older_is_cancelled_and_its_sums_are_right(
        self, environment: Environment, halted: bool
    ) -> None:
        link(environment, 5)
        older = ask(environment, RunKind.MAPPING)
        if halted:
            older.state, older.halted_because = RunState.HALTED, Reason.NOT_CONNECTED
        db.session.execute(
            db.update(RunItem).where(RunItem.contact_id == "c-0").values(outcome=Outcome.UPDATED)
        )
        newer = ask(environment)
        assert older.id in overdue_runs(), "the sweeper enqueues it"
        db.session.commit()
        advance_run(older.id)
        db.session.expire_all()
        assert (older.state, older.updated, older.cancelled) == (RunState.CANCELLED, 1, 4)
        assert sums(older)
        assert outcomes(newer) == {Outcome.OPEN: 5}

    def test_what_a_worker_is_carrying_out_it_finishes_first(
        self, environment: Environment
    ) -> None:
        link(environment, 3)
        older = ask(environment)
        lease = uuid4()
        claim_leases(environment.id, ["c-1"], lease)
        ask(environment)
        advance_run(older.id)
        assert older.state is RunState.OPEN
        assert outcomes(older) == {Outcome.CANCELLED: 2, Outcome.OPEN: 1}
        db.session.execute(
            db.update(RunItem)
            .where(RunItem.run_id == older.id, RunItem.contact_id == "c-1")
            .values(outcome=Outcome.UNCHANGED)
        )
        release_leases(environment.id, ["c-1"], lease)
        db.session.commit()
        advance_run(older.id)
        db.session.expire_all()
        assert (older.state, older.unchanged, older.cancelled) == (RunState.CANCELLED, 1, 2)
        assert sums(older)

    def test_other_environments_and_runs_of_few_go_on(
        self, environment: Environment, other_environment: Environment
    ) -> None:
        link(environment, 1)
        link(other_environment, 1)
        theirs = ask(other_environment)
        single, _ = create_run(
            environment.id,
            ["c-0"],
            kind=RunKind.CONTACT,
            source=theirs.source,
            actor=ALICE,
            request_token=uuid4(),
        )
        ask(environment)
        assert theirs.cancel_asked_at is None and single.cancel_asked_at is None


def test_a_halted_run_can_be_cancelled_without_a_connection(world: World) -> None:
    zoe = world.person("zoe@example.nl")
    run_id = world.ask(zoe)
    credentials.disconnect(world.environment)
    db.session.commit()
    world.work(run_id)
    cancel_run(world.environment.id, run_id)
    db.session.commit()
    world.work(run_id)
    view = world.view(run_id, zoe)
    assert (view.state, view.outcome) == (RunState.CANCELLED, Outcome.CANCELLED)
