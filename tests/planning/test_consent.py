"""The consent rules: nobody who signed off is signed on again (rules.md rule 2)."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spotler_plugin.planning.consent import (
    EVERYTHING,
    Bar,
    Other,
    Switching,
    decide,
    offs_elsewhere,
    standing_offs,
    strictest_bar,
)
from spotler_plugin.planning.reason import Reason

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
NEWSLETTER = 1


def at(minutes: int, enabled: bool, **more: Any) -> Switching:
    return Switching(more.pop("bit", NEWSLETTER), enabled, moment(minutes), **more)


def moment(minutes: int) -> datetime:
    return NOON + timedelta(minutes=minutes)


def seen(minutes: int, later: int = 0, **more: Any) -> Switching:
    """A sign-off in Spotler, seen a while later."""
    return at(minutes, False, seen_at=moment(minutes + later), **more)


def test_an_act_switches() -> None:
    verdict = decide([at(0, True)], [])
    assert verdict.permissions == {NEWSLETTER: True}
    assert not verdict.signed_off


def test_without_an_act_nothing_is_switched() -> None:
    assert decide([], [at(0, True), at(1, False)]).permissions == {}


def test_a_newer_sign_off_wins() -> None:
    verdict = decide([at(0, True, personal=True)], [at(1, False)])
    assert verdict.permissions == {}
    assert verdict.signed_off == {NEWSLETTER}


def test_an_older_sign_off_stops_a_bulk_mutation() -> None:
    verdict = decide([at(0, True)], [at(-60 * 24 * 400, False)])
    assert verdict.permissions == {}
    assert verdict.signed_off == {NEWSLETTER}


def test_a_person_who_looks_at_the_contact_may_lift_an_older_sign_off() -> None:
    assert decide([at(0, True, personal=True)], [at(-1, False)]).permissions == {NEWSLETTER: True}


def test_a_bulk_mutation_may_repeat_what_a_person_lifted() -> None:
    history = [at(-2, False), at(-1, True, personal=True)]
    assert decide([at(0, True)], history).permissions == {NEWSLETTER: True}


def test_switching_off_needs_no_grounds() -> None:
    assert decide([at(0, False)], [at(-1, True)]).permissions == {NEWSLETTER: False}


def test_an_act_that_comes_late_does_not_undo_a_newer_one() -> None:
    verdict = decide([at(0, False)], [at(1, True, personal=True)])
    assert verdict.permissions == {}
    assert not verdict.signed_off


def test_what_may_still_be_cancelled_stands_in_for_no_other() -> None:
    newer_on = at(1, True, personal=True, pending=True)
    assert decide([at(0, True, personal=True)], [newer_on]).permissions == {NEWSLETTER: True}
    assert decide([at(0, False)], [newer_on]).permissions == {NEWSLETTER: False}


def test_what_may_still_be_cancelled_lifts_no_sign_off() -> None:
    history = [at(-2, False), at(-1, True, personal=True, pending=True)]
    assert decide([at(0, True)], history).signed_off == {NEWSLETTER}


def test_a_sign_off_that_is_on_its_way_counts() -> None:
    verdict = decide([at(0, True, personal=True)], [at(1, False, pending=True)])
    assert verdict.signed_off == {NEWSLETTER}


def test_of_two_at_one_moment_the_sign_off_counts() -> None:
    assert decide([at(0, True), at(0, False)], []).permissions == {NEWSLETTER: False}


switchings = st.builds(
    Switching,
    bit=st.sampled_from([1, 2, 4]),
    enabled=st.booleans(),
    at=st.integers(0, 20).map(lambda minutes: NOON + timedelta(minutes=minutes)),
    personal=st.booleans(),
    pending=st.booleans(),
)


@given(asked=st.lists(switchings), history=st.lists(switchings))
def test_on_is_only_written_for_an_act_that_no_sign_off_stands_against(
    asked: list[Switching], history: list[Switching]
) -> None:
    verdict = decide(asked, history)
    for bit, enabled in verdict.permissions.items():
        acts = [act for act in asked if act.bit == bit and act.enabled == enabled]
        assert acts, "nothing is written without an act"
        act = max(acts, key=lambda each: each.at)
        past = [each for each in history if each.bit == bit]
        if enabled:
            assert not any(not each.enabled and each.at > act.at for each in past)
        settled = [each for each in past if not (each.enabled and each.pending)]
        latest = max(settled, key=lambda each: (each.at, not each.enabled), default=None)
        if enabled and latest is not None and not latest.enabled:
            assert any(each.personal for each in acts)
    assert not verdict.signed_off & verdict.permissions.keys()


@given(asked=st.lists(switchings), history=st.lists(switchings))
def test_it_is_the_same_whether_a_pending_on_is_cancelled_or_not(
    asked: list[Switching], history: list[Switching]
) -> None:
    without = [each for each in history if not (each.enabled and each.pending)]
    assert decide(asked, history) == decide(asked, without)


@given(asked=st.lists(switchings), history=st.lists(switchings))
def test_the_order_in_which_history_is_told_does_not_matter(
    asked: list[Switching], history: list[Switching]
) -> None:
    # Two that differ in `personal` alone are no different history: their bit, state and moment are.
    assert decide(asked, history) == decide(asked, list(reversed(history)))


def test_what_was_signed_off_under_another_id_counts() -> None:
    others = [Other([at(-9, True), at(-5, False)], since=moment(-9))]
    assert decide([at(0, True)], [], others).signed_off == {NEWSLETTER}
    assert decide([at(0, True)], [at(-7, True)], others).signed_off == {NEWSLETTER}
    assert decide([at(0, True, personal=True)], [], others).permissions == {NEWSLETTER: True}
    assert decide([at(-6, True, personal=True)], [], others).signed_off == {NEWSLETTER}


def test_what_a_person_lifted_here_since_is_not_signed_off_elsewhere() -> None:
    own = [at(-1, True, personal=True)]
    others = [Other([at(-5, False)], since=moment(-1))]
    assert decide([at(0, True)], own, others).permissions == {NEWSLETTER: True}


def test_what_went_on_before_the_two_were_one_lifts_nothing() -> None:
    own, off = [at(-1, True, personal=True)], [at(-5, False)]
    for since in (moment(0), None):
        assert decide([at(0, True)], own, [Other(off, since)]).signed_off == {NEWSLETTER}


def test_what_went_on_under_another_id_lifts_nothing_here() -> None:
    there = Other([at(-1, True, personal=True)], since=moment(-9))
    verdict = decide([at(0, True)], [at(-5, False)], [there])
    assert verdict.signed_off == {NEWSLETTER}


def test_a_newer_sign_off_elsewhere_does_not_keep_this_one_on() -> None:
    assert decide([at(0, False)], [], [Other([at(1, False)])]).permissions == {NEWSLETTER: False}


histories = st.lists(
    st.builds(at, st.integers(-9, 9), st.booleans(), personal=st.booleans()), max_size=4
)


@given(histories, histories, st.lists(histories, max_size=3))
def test_other_ids_only_ever_make_it_stricter(
    asked: list[Switching], history: list[Switching], others: list[list[Switching]]
) -> None:
    alone = decide(asked, history)
    together = decide(asked, history, [Other(acts, NOON) for acts in others])
    assert together.permissions.items() <= alone.permissions.items()
    off = {bit for bit, enabled in alone.permissions.items() if not enabled}
    assert off <= together.permissions.keys(), "what is to go off goes off"


def test_a_sign_off_is_lifted_only_where_that_is_allowed() -> None:
    verdict = decide([at(0, True, personal=True)], [seen(-1)])
    assert verdict.bars == {NEWSLETTER: Bar(Reason.NOT_AGAIN, moment(-1))}
    allowed = decide([at(0, True, personal=True, lifts=True)], [seen(-1)])
    assert allowed.permissions == {NEWSLETTER: True}


def test_a_later_switch_off_by_a_colleague_hides_no_sign_off() -> None:
    history = [seen(-3), at(-1, False)]
    assert decide([at(0, True, personal=True)], history).signed_off == {NEWSLETTER}
    lifted = [seen(-3), at(-2, True), at(-1, False)]
    assert decide([at(0, True, personal=True)], lifted).permissions == {NEWSLETTER: True}


def test_a_sign_off_that_was_seen_after_the_act_was_made_wins() -> None:
    asked = [at(0, True, personal=True, lifts=True)]
    assert decide(asked, [seen(-1, later=1)]).bars[NEWSLETTER].reason is Reason.SIGNED_OFF
    assert decide([at(1, True, personal=True, lifts=True)], [seen(-1, later=1)]).permissions
    # Nor does what went on before it was seen lift it.
    assert decide([at(1, True)], [seen(-2, later=2), at(-1, True)]).signed_off == {NEWSLETTER}


def test_who_came_back_may_be_switched_on_again() -> None:
    came_back = at(-1, True, seen_at=moment(-1))
    assert decide([at(0, True)], [seen(-2), came_back]).permissions == {NEWSLETTER: True}
    assert decide([at(0, True)], [came_back, seen(0)]).signed_off == {NEWSLETTER}


def test_who_signed_off_from_everything_did_so_from_each_permission() -> None:
    everything = seen(-3, bit=EVERYTHING)
    for asked in (at(0, True), at(0, True, personal=True)):
        assert decide([asked], [everything]).signed_off == {NEWSLETTER}
        assert decide([asked], [at(-4, True), everything]).signed_off == {NEWSLETTER}
    back = at(-2, True, bit=EVERYTHING, seen_at=moment(-2))
    assert decide([at(0, True)], [everything, back]).permissions == {NEWSLETTER: True}
    # Coming back says nothing about one permission, nor one permission about the others.
    assert decide([at(0, True)], [seen(-4), everything, back]).signed_off == {NEWSLETTER}
    lifted = at(-1, True, personal=True, lifts=True)
    assert decide([at(0, True)], [everything, lifted]).permissions == {NEWSLETTER: True}
    assert decide([at(0, True, bit=2)], [everything, lifted]).signed_off == {2}


def test_what_stands_is_told_with_who_did_it() -> None:
    own, there = seen(-2, id=1), seen(-1, id=2)
    others = [Other([there, at(-3, True)])]
    assert [act.id for act in standing_offs(NEWSLETTER, [own], others)] == [1, 2]
    assert [act.id for act in offs_elsewhere(NEWSLETTER, [own], others)] == [2]
    assert standing_offs(2, [own], others) == []


def test_of_several_reasons_the_gravest_is_told_with_its_newest_moment() -> None:
    before = [Bar(Reason.SIGNED_OFF_BEFORE, moment(9)), Bar(Reason.NOT_AGAIN, moment(-9))]
    assert strictest_bar(before) == (Reason.NOT_AGAIN, moment(-9))
    newer = [Bar(Reason.SIGNED_OFF, moment(each)) for each in (-1, 3, 2)]
    assert strictest_bar([*newer, Bar(Reason.NOT_AGAIN, moment(9))])[1] == moment(3)
    assert strictest_bar([*before, *newer]) == (Reason.SIGNED_OFF, moment(3))
    assert strictest_bar([None]) == (Reason.SIGNED_OFF, None)
    assert strictest_bar([]) == (None, None)


def test_what_stands_for_everything_is_kept_and_never_changes() -> None:
    assert EVERYTHING == 0, "acts in databases have it"
    assert [act.id for act in standing_offs(NEWSLETTER, [at(-1, False)])] == [0]


@pytest.mark.parametrize(("back", "goes_on"), [(-1, True), (0, False), (1, False)])
def test_what_was_taken_back_since_does_not_come_late(back: int, goes_on: bool) -> None:
    taken = at(back, False, takes_back=True)
    verdict = decide([at(0, True)], [taken])
    assert (NEWSLETTER in verdict.permissions) is goes_on
    assert verdict.bars == ({} if goes_on else {NEWSLETTER: Bar(Reason.SIGNED_OFF, moment(back))})


@pytest.mark.parametrize(("off", "stands"), [(-1, False), (0, True), (1, True)])
def test_who_signs_off_from_everything_after_coming_back_is_off(off: int, stands: bool) -> None:
    back = at(0, True, bit=EVERYTHING, seen_at=moment(0))
    assert bool(standing_offs(NEWSLETTER, [back, seen(off, bit=EVERYTHING)])) is stands


def test_at_one_moment_what_went_off_stands() -> None:
    on = at(-1, True)
    assert standing_offs(NEWSLETTER, [on, at(-1, False)])
    assert standing_offs(NEWSLETTER, [on], [Other([at(-1, False)], since=moment(-1))])
    assert not standing_offs(NEWSLETTER, [on], [Other([at(-2, False)], since=moment(-3))])


@pytest.mark.parametrize(("on", "counts"), [(-3, False), (-2, False), (-1, True)])
def test_what_went_on_before_something_was_taken_back_lifts_nothing(on: int, counts: bool) -> None:
    lifting = at(on, True, personal=True, lifts=True)
    back = at(-2, False, takes_back=True)
    history = [seen(-5), lifting, back, at(-2, False, bit=2, takes_back=True)]
    assert (decide([at(0, True)], history).permissions == {NEWSLETTER: True}) is counts
    of_another = [seen(-5), lifting, at(0, False, bit=2, takes_back=True)]
    assert decide([at(0, True)], of_another).permissions == {NEWSLETTER: True}


@pytest.mark.parametrize(("newer", "switches"), [(-1, True), (0, True), (1, False)])
def test_what_was_asked_later_counts(newer: int, switches: bool) -> None:
    for enabled in (True, False):
        last = at(newer, enabled=True)
        assert bool(decide([at(0, enabled, personal=True)], [last]).permissions) is switches


def test_each_permission_is_judged_by_itself() -> None:
    high = int("4096")
    asked = [at(-1, False), at(0, True, bit=high), at(0, True, bit=high * 2)]
    verdict = decide(asked, [at(-2, True, bit=int("4096")), seen(-1, bit=int("4096"))])
    assert verdict.permissions == {NEWSLETTER: False, high * 2: True}
    assert verdict.signed_off == {high}
    lifted = [seen(-3, bit=int("4096")), at(-2, True, bit=int("4096"))]
    assert decide([at(0, True, bit=high)], lifted).permissions == {high: True}
    own, everything = seen(-3, bit=int("4096")), at(-2, True, bit=EVERYTHING)
    assert standing_offs(high, [own, everything]) == [own]
