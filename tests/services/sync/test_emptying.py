"""Values that are emptied, contact by contact: the longest that a chunk can take."""

from __future__ import annotations

from uuid import uuid4

import pytest
from sqlalchemy import select

from spotler_plugin.extensions import db
from spotler_plugin.models import Outcome, Run, RunItem, RunKind, RunState, Whom
from spotler_plugin.services.run.create import create_run_for
from spotler_plugin.services.sync import send
from spotler_plugin.services.sync.advance import advance_run
from tests.world.accounts import ALICE
from tests.world.crowd import Crowd, work
from tests.world.world import World

REFUSED_FROM_THE_SECOND = 94
"""A seed whose chances are above a half once, and below it five times."""


@pytest.mark.people(4)
def test_what_takes_too_long_comes_back_and_is_no_failure(
    world: World, crowd: Crowd, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(send, "SINGLE_SECONDS", 0.0)
    crowd.change(0, 3, phone=None)
    world.control("DELETE", "/calls")
    made = create_run_for(
        world.environment, Whom.LINKED, kind=RunKind.SYNC, actor=ALICE, request_token=uuid4()
    )
    db.session.commit()
    done = work(made.id)
    assert (done.updated, done.unchanged) == (3, 1)
    assert len(world.calls("PUT")) == 3, "each once"
    assert not world.calls("POST"), "who is ours is not written twice"
    tries = db.session.scalars(db.select(RunItem.attempts).where(RunItem.run_id == made.id))
    assert set(tries) == {0}
    for contact_id in crowd.ids[:3]:
        found = world.in_spotler(contact_id)
        assert found is not None and not found.properties.get("phoneNumber")
        assert found.properties["lastName"] == "Bakker"


@pytest.mark.people(3)
def test_what_was_emptied_before_the_key_was_refused_is_told(world: World, crowd: Crowd) -> None:
    crowd.change(0, 3, phone=None)
    # The second of the calls is refused, and those that follow.
    world.fault("unauthorized", method="PUT", probability=0.5, seed=REFUSED_FROM_THE_SECOND)
    run_id = crowd.ask(RunKind.SYNC)
    while advance_run(run_id):
        pass
    db.session.expire_all()
    assert db.session.get_one(Run, run_id).state is RunState.HALTED
    items = db.session.scalars(select(RunItem).where(RunItem.run_id == run_id).order_by(RunItem.id))
    first, *others = items
    assert first.outcome is Outcome.UPDATED
    assert [(each.outcome, each.after) for each in others] == [(Outcome.OPEN, None)] * 2
