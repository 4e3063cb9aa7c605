"""Spotler refuses one kind of call, as where a licence lacks it, and takes all others."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select

from spotler_plugin.extensions import db
from spotler_plugin.models import Outcome, Run, RunItem, RunKind, RunState, Source
from spotler_plugin.planning.reason import Reason
from spotler_plugin.services.connection import credentials
from spotler_plugin.services.run.control import resume_halted_runs
from spotler_plugin.services.run.create import create_run
from spotler_plugin.services.sync.advance import advance_run
from tests.world.accounts import ALICE
from tests.world.crowd import Crowd
from tests.world.world import World

pytestmark = pytest.mark.people(3)
TURNS = 5
"""More than any of these runs needs."""
Prepare = Callable[[Crowd], list[str]]


def emptied(crowd: Crowd) -> list[str]:
    """One is written by the call for many, each of the others by a call of its own."""
    crowd.change(0, 1, first_name="Anders")
    crowd.change(1, 3, phone=None)
    return crowd.ids


def linked(crowd: Crowd) -> list[str]:
    """The call for many does not know those who are new, so each gets a call of its own."""
    crowd.change(0, 1, first_name="Anders")
    crowd.world.control("PUT", "/settings", list_creates=False)
    return [crowd.ids[0], *(crowd.world.person(f"nieuw{n}@example.nl") for n in range(2))]


def without_a_property(crowd: Crowd) -> list[str]:
    """A value is refused, and what the account offers cannot be read."""
    crowd.change(0, 3, first_name="Anders")
    crowd.change(1, 2, infix="van")
    crowd.world.control("PUT", "/properties/infix", visible=False)
    return crowd.ids


def worked(run_id: UUID) -> Run:
    for _ in range(TURNS):
        if not advance_run(run_id):
            break
    return db.session.get_one(Run, run_id, populate_existing=True)


def settled(run: Run) -> int:
    items = select(func.count()).where(RunItem.run_id == run.id, RunItem.outcome != Outcome.OPEN)
    return db.session.scalar(items) or 0


@pytest.mark.parametrize("kind", ["unauthorized", "forbidden"])
@pytest.mark.parametrize(
    ("prepare", "method", "path"),
    [
        (emptied, "PUT", "/contact/*"),
        (linked, "POST", "/contact"),
        (without_a_property, "GET", "/contact/properties/list"),
    ],
    ids=["a value emptied", "one linked", "the properties read"],
)
def test_the_run_halts_and_goes_on_where_it_was(
    world: World, crowd: Crowd, kind: str, prepare: Prepare, method: str, path: str
) -> None:
    """It asked the same again and again, as fast as it could, for ever."""
    ids = prepare(crowd)
    world.fault(kind, method=method, path=path)
    world.control("DELETE", "/calls")
    made, _ = create_run(world.environment.id, ids, kind=RunKind.BULK, source=Source.BULK,
                         actor=ALICE, request_token=uuid4())  # fmt: skip
    db.session.commit()

    run = worked(made.id)
    assert (run.state, run.halted_because) == (RunState.HALTED, Reason.CREDENTIALS_REFUSED)
    assert len(world.calls(method, path)) == 1
    assert len(world.calls("POST", "/contact/list")) == 1
    assert world.first_name(ids[0]) == "Anders"
    assert settled(run) == (2 if prepare is without_a_property else 1), "it is recorded"

    world.control("DELETE", "/faults")
    credentials.test(world.environment)
    assert list(resume_halted_runs(world.environment.id)) == [run.id]
    db.session.commit()
    run = worked(run.id)
    assert (run.state, run.updated + run.linked) == (RunState.FINISHED, 3)
