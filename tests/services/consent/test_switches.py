"""A permission in the modal: how it is, by what, and what waits."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import update

from spotler_plugin.extensions import db
from spotler_plugin.models import Act, Environment, Outcome, RunState, Source
from spotler_plugin.planning.reason import Reason
from spotler_plugin.services.consent.switches import (
    PermissionSwitch,
    permission_switches,
    sign_offs_of,
)
from tests.world.rows import OVER, Rows

FIRST, BIT, LAST = 3, 2, 1
"""In the order of the account; those beside it are others."""
ZOE = "m"
BESIDE = ("a", "z")
"""Contacts, before and after it."""


@pytest.fixture
def rows(environment: Environment) -> Rows:
    rows = Rows.of(environment)
    rows.permissions(FIRST, BIT, LAST)
    return rows


def shown(
    rows: Rows, known: dict[int, bool] | None = None, sign_offs: dict[int, Act] | None = None
) -> PermissionSwitch:
    """The one in the middle."""
    switches = permission_switches(rows.environment.id, ZOE, known or {}, sign_offs)
    assert [each.bit for each in switches] == [FIRST, BIT, LAST]
    [found] = [each for each in switches if each.bit == BIT]
    return found


def ground(switch: PermissionSwitch) -> str | None:
    """Of the act that explains it."""
    assert switch.origin is not None
    return switch.origin.ground


def test_it_is_as_spotler_has_it(rows: Rows) -> None:
    switches = permission_switches(rows.environment.id, ZOE, {FIRST: True, BIT: False})
    assert [(each.bit, each.description, each.enabled) for each in switches] == [
        (FIRST, "Permissie 3", True),
        (BIT, "Permissie 2", False),
        (LAST, "Permissie 1", False),
    ]
    for each in switches:
        assert (each.origin, each.is_waiting, each.signed_off) == (None, False, None)
        assert (each.reason, each.until) == (None, None)


def test_the_newest_act_that_took_effect_explains_it(rows: Rows) -> None:
    run = rows.run(5, source=Source.MODAL, **OVER)
    rows.act(ZOE, BIT, True, 3, run, actor_name="Alice", ground="verzoek")
    for minutes, enabled in ((1, True), (2, False)):
        rows.act(ZOE, BIT, enabled, minutes)
    rows.act(ZOE, BIT, False, 4, run, applied=False)
    for beside in (FIRST, LAST):
        rows.act(ZOE, beside, True, 5)
    for contact_id in BESIDE:
        rows.act(contact_id, BIT, True, 6)
    origin = shown(rows, {BIT: True}).origin
    assert origin is not None
    assert (origin.enabled, origin.at, origin.source) == (True, rows.at(3), Source.MODAL)
    assert (origin.by, origin.ground, origin.contact_id) == ("Alice", "verzoek", ZOE)
    assert shown(rows, {BIT: False}).origin is None, "it was switched in Spotler since"
    rows.act(ZOE, BIT, False, 7)
    assert shown(rows, {BIT: True}).origin is None, "and so it was here"


def test_of_two_at_one_moment_the_later_written_counts(rows: Rows) -> None:
    rows.act(ZOE, BIT, True, 1, ground="first")
    rows.act(ZOE, BIT, True, 1, ground="second")
    assert ground(shown(rows, {BIT: True})) == "second"


@pytest.mark.parametrize("enabled", [True, False])
def test_what_waits_is_shown_as_asked(rows: Rows, enabled: bool) -> None:
    low, run, high = (rows.run(number, source=Source.MODAL) for number in (3, 5, 7))
    rows.act(ZOE, BIT, not enabled, 1)
    asked = rows.act(ZOE, BIT, enabled, 2, run, applied=False)
    due = rows.at(99)
    rows.item(run, ZOE, due_at=due)
    for contact_id in BESIDE:
        rows.item(run, contact_id, reason=Reason.SPOTLER_AWAY, due_at=due)
    for other in (low, high):
        rows.item(other, ZOE, reason=Reason.SPOTLER_AWAY, due_at=due)
    switch = shown(rows, {BIT: not enabled})
    assert (switch.enabled, switch.is_waiting) == (enabled, True)
    assert switch.origin is not None and switch.origin.at == asked.at
    assert (switch.reason, switch.until) == (None, None), "it was not tried yet"


def test_why_it_waits_and_until_when(rows: Rows) -> None:
    run, due = rows.run(5, source=Source.MODAL), rows.at(99)
    rows.act(ZOE, BIT, True, 2, run, applied=False)
    item = rows.item(run, ZOE, reason=Reason.SPOTLER_AWAY, due_at=due)
    switch = shown(rows)
    assert (switch.reason, switch.until) == (Reason.SPOTLER_AWAY, due)
    run.state, run.halted_because = RunState.HALTED, Reason.CREDENTIALS_REFUSED
    db.session.flush()
    switch = shown(rows)
    assert (switch.is_waiting, switch.reason) == (True, Reason.CREDENTIALS_REFUSED)
    assert switch.until is None, "a person repairs it, not the clock"
    run.state, item.reason = RunState.OPEN, None
    db.session.flush()
    assert (shown(rows).reason, shown(rows).until) == (None, None)


def test_only_what_still_comes_waits(rows: Rows) -> None:
    comes: dict[str, bool] = {}
    for number, state in enumerate([*RunState, *reversed(RunState)]):
        run = rows.run(number, state=state)
        for outcome in Outcome:
            contact_id = f"{state} {outcome} {number}"
            rows.act(contact_id, BIT, True, 2, run, applied=False)
            rows.item(run, contact_id, outcome=outcome)
            is_under_way = state in (RunState.OPEN, RunState.HALTED)
            comes[contact_id] = is_under_way and outcome is Outcome.OPEN
    for contact_id, expected in comes.items():
        _, switch, _ = permission_switches(rows.environment.id, contact_id, {})
        assert switch.is_waiting is switch.enabled is expected


def test_another_environment_has_its_own(rows: Rows, other_environment: Environment) -> None:
    there = Rows.of(other_environment)
    there.permissions(FIRST, BIT, LAST)
    rows.act(ZOE, BIT, True, 1, ground="here")
    there.act(ZOE, BIT, True, 2, ground="there")
    assert ground(shown(rows, {BIT: True})) == "here"
    rows.act(ZOE, BIT, True, 3, ground="here, later")
    assert ground(shown(there, {BIT: True})) == "there"


def test_what_was_marked_meanwhile_counts(rows: Rows) -> None:
    """Past the session, which has the act as it was."""
    act = rows.act(ZOE, BIT, True, 1, applied=False)
    db.session.commit()
    assert act.applied_at is None and shown(rows, {BIT: True}).origin is None
    marked = update(Act).where(Act.id == act.id).values(applied_at=rows.at(2))
    db.session.execute(marked, execution_options={"synchronize_session": False})
    assert shown(rows, {BIT: True}).origin is not None


def test_what_was_done_since_is_not_waited_for(rows: Rows) -> None:
    run = rows.run(5)
    rows.item(run, ZOE)
    rows.act(ZOE, BIT, True, 2, run, applied=False)
    rows.act(ZOE, BIT, False, 3)
    assert not shown(rows).is_waiting


def test_a_sign_off_explains_what_is_off_where_it_is_the_newer(rows: Rows) -> None:
    off = rows.act("other", BIT, False, 3, ground="bounce")
    rows.act(ZOE, BIT, False, 2)
    switch = shown(rows, sign_offs={BIT: off, FIRST: off})
    assert switch.origin is not None and switch.signed_off is not None
    assert switch.origin == switch.signed_off
    assert (switch.origin.contact_id, switch.origin.at) == ("other", rows.at(3))
    assert (switch.origin.ground, switch.origin.enabled) == ("bounce", False)
    rows.act(ZOE, BIT, False, 3, ground="own")
    switch = shown(rows, sign_offs={BIT: off})
    assert switch.origin is not None and switch.origin.ground == "own"
    assert switch.signed_off is not None and switch.signed_off.contact_id == "other"


def test_a_sign_off_is_not_told_of_what_is_on_or_asked(rows: Rows) -> None:
    off = rows.act("other", BIT, False, 3)
    switch = shown(rows, {BIT: True}, {BIT: off})
    assert (switch.origin, switch.signed_off) == (None, None)
    run = rows.run(5, source=Source.MODAL)
    rows.item(run, ZOE)
    rows.act(ZOE, BIT, False, 9, run, applied=False)
    switch = shown(rows, {BIT: True}, {BIT: off})
    assert switch.is_waiting and not switch.enabled and switch.signed_off is None
    assert switch.origin is not None and switch.origin.source is Source.MODAL


def test_only_what_was_seen_in_spotler_is_gone_against(rows: Rows) -> None:
    for source in Source:
        off = rows.act("other", BIT, False, 3, source=source)
        switch = shown(rows, sign_offs={BIT: off})
        assert switch.origin is not None and switch.origin.source is source
        assert (switch.signed_off is not None) == (source is Source.SPOTLER)


def test_the_last_sign_off_of_the_person(rows: Rows) -> None:
    for minutes in (1, 2):
        rows.act(ZOE, BIT, False, minutes)
    rows.act("a", FIRST, False, 2)
    found = sign_offs_of(rows.environment.id, ZOE, ())
    assert {bit: act.at - rows.began for bit, act in found.items()} == {BIT: timedelta(minutes=2)}
