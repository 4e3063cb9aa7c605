"""Whose an address is: a sign-off belongs to the person, not to an id, and the strictest wins."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spotler_plugin.planning.block import Terms
from spotler_plugin.planning.plan import Change, ChangeKind, plan, plan_all
from spotler_plugin.planning.reason import Reason
from spotler_plugin.planning.state import Observed, Wanted, strictest
from spotler_plugin.planning.values.types import PropertyType

TYPES = {"email": PropertyType.EMAIL}
JAN = Observed("jan", True, {1: True, 2: False}, {"email": "jan@example.nl"})
MOVED = Wanted("jan", "weg@example.nl")

BITS = st.dictionaries(st.sampled_from([1, 2, 4]), st.booleans())
records = st.builds(
    Observed,
    external_id=st.sampled_from([None, "a", "b"]),
    active=st.booleans(),
    permissions=BITS,
    properties=st.just({"email": "weg@example.nl"}),
)


def moved(holder: Observed, **more: Any) -> Change:
    permissions = more.pop("permissions", {})
    return plan(replace(MOVED, permissions=permissions), JAN, Terms(holder=holder, **more), TYPES)


def weg(external_id: str | None, *, active: bool = True, **permissions: bool) -> Observed:
    bits = {int(bit.removeprefix("bit")): on for bit, on in permissions.items()}
    return Observed(external_id, active, bits, {"email": "weg@example.nl"})


@pytest.mark.parametrize("external_id", [None, "weg"])
@pytest.mark.parametrize("take_over", [False, True])
def test_an_address_that_is_opted_out_stays_so(external_id: str | None, take_over: bool) -> None:
    result = moved(weg(external_id, active=False), take_over=take_over)
    assert (result.kind, result.reason) == (ChangeKind.BLOCKED, Reason.INACTIVE)
    assert (result.detail.address, result.detail.holder) == ("weg@example.nl", external_id)


def test_the_address_of_another_is_a_persons_choice() -> None:
    result = moved(weg("weg", bit1=True))
    assert (result.kind, result.reason) == (ChangeKind.BLOCKED, Reason.ADDRESS_OF_ANOTHER)
    assert result.detail.holder == "weg"
    assert moved(weg("weg", bit1=True), take_over=True).kind is ChangeKind.UPDATE


def test_nobodys_record_is_taken_in_when_nothing_is_off_there() -> None:
    assert moved(weg(None, bit1=True, bit2=False)).kind is ChangeKind.UPDATE
    for result in (
        moved(weg(None, bit1=False)),
        moved(weg(None, bit2=False), permissions={2: True}),
    ):
        assert (result.kind, result.reason) == (ChangeKind.BLOCKED, Reason.ADDRESS_OF_ANOTHER)


def test_taken_over_what_is_off_there_goes_off_unless_the_person_says_on() -> None:
    holder = weg("weg", bit1=False)
    assert moved(holder, take_over=True).permissions == {1: False}
    assert moved(holder, take_over=True, permissions={1: True}).permissions == {}


def test_an_address_that_is_left_is_free_but_what_is_off_there_stays_off() -> None:
    assert moved(weg("weg"), leaver="weg").kind is ChangeKind.UPDATE
    assert moved(weg("weg", bit1=False), leaver="weg").reason is Reason.ADDRESS_OF_ANOTHER
    two = strictest([weg("weg"), weg("zzz")])
    assert two is not None
    assert moved(two, leaver="weg").detail.holder == "zzz"


@pytest.mark.parametrize("leaves", [True, False])
def test_who_does_not_leave_after_all_keeps_the_address(leaves: bool) -> None:
    """Three in a row: jan goes to weg@, weg to ver@, and ver, perhaps opted out, elsewhere."""
    wanted = {
        "jan": MOVED,
        "weg": Wanted("weg", "ver@example.nl"),
        "ver": Wanted("ver", "elders@example.nl"),
    }
    ver = Observed("ver", leaves, {}, {"email": "ver@example.nl"})
    observed = {"jan": JAN, "weg": weg("weg"), "ver": ver}
    terms = {
        "jan": Terms(holder=weg("weg"), leaver="weg"),
        "weg": Terms(holder=replace(ver, active=True), leaver="ver"),
        "ver": Terms(),
    }
    changes = plan_all(wanted, wanted, observed, terms.__getitem__, TYPES)
    assert {change.writes for change in changes.values()} == {leaves}


@given(
    st.builds(replace, st.just(JAN), permissions=BITS), records, BITS, st.booleans(), st.booleans()
)
def test_nothing_is_on_that_the_address_has_off_without_an_act(
    known: Observed, holder: Observed, acts: dict[int, bool], take_over: bool, adds: bool
) -> None:
    wanted = replace(MOVED, permissions=acts)
    result = plan(wanted, known, Terms(adds=adds, take_over=take_over, holder=holder), TYPES)
    if not holder.active or (holder.external_id and not take_over):
        assert result.kind is ChangeKind.BLOCKED
    if result.writes:
        after = {**known.permissions, **result.permissions}
        on = {bit for bit, enabled in after.items() if enabled}
        by_a_person = {bit for bit, enabled in acts.items() if enabled} if take_over else set()
        assert not (on & holder.off) - by_a_person


def test_of_a_second_record_that_is_opted_out_nothing_goes_on_but_off_goes_off() -> None:
    wanted = Wanted("jan", "jan@example.nl", permissions={1: False, 2: True})
    result = plan(wanted, JAN, Terms(is_out=True), TYPES)
    assert (result.permissions, result.detail.signed_off) == ({1: False}, (2,))


@given(st.lists(records, min_size=1, max_size=3))
def test_of_several_records_no_order_decides(several: list[Observed]) -> None:
    merged = {repr(strictest(order)) for order in permutations(several)}
    assert len(merged) == 1


@given(st.lists(records, min_size=1, max_size=3), BITS)
def test_of_several_records_the_strictest_counts(
    several: list[Observed], acts: dict[int, bool]
) -> None:
    known = strictest(several)
    assert known is not None
    assert known.active is all(each.active for each in several)
    assert known.on <= {bit for each in several for bit in each.on}
    result = plan(replace(MOVED, permissions=acts), known, Terms(take_over=True), TYPES)
    assert result.writes is known.active
    for record in several if result.writes else ():
        after = {**record.permissions, **result.permissions}
        for bit in frozenset().union(*(each.off for each in several)):
            assert not after.get(bit) or acts.get(bit), "whichever record Spotler takes"
