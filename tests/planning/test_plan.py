"""The plan is pure: desired state against mirror gives the change; carried out, nothing is left."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spotler_plugin.planning.block import Terms
from spotler_plugin.planning.plan import ADDRESS, Change, ChangeKind, plan, plan_all
from spotler_plugin.planning.reason import Reason
from spotler_plugin.planning.state import Observed, Wanted
from spotler_plugin.planning.values.types import PropertyType

TYPES = {
    "email": PropertyType.EMAIL,
    "firstName": PropertyType.STRING,
    "lastName": PropertyType.STRING,
    "phoneNumber": PropertyType.STRING,
}
ZOE = Wanted("zoe", "zoe@example.nl", {"firstName": "Zoë", "lastName": "Österbaan"})


def observed(
    external_id: str | None = "zoe",
    *,
    active: bool = True,
    permissions: Mapping[int, bool] | None = None,
    **properties: Any,
) -> Observed:
    return Observed(external_id, active, permissions or {}, properties)


def change(wanted: Wanted, known: Observed | None, **terms: Any) -> Change:
    return plan(wanted, known, Terms(**terms), TYPES)


def test_who_is_missing_is_gone_and_who_is_unreadable_is_not() -> None:
    changes = plan_all(["gone", "odd"], {}, {}, lambda _: Terms(), TYPES,
                       {"odd": Reason.CRM_UNREADABLE})  # fmt: skip
    assert {id_: (each.kind, each.reason) for id_, each in changes.items()} == {
        "gone": (ChangeKind.BLOCKED, Reason.GONE),
        "odd": (ChangeKind.BLOCKED, Reason.CRM_UNREADABLE),
    }


def test_a_contact_that_spotler_does_not_know_is_linked() -> None:
    result = change(ZOE, None)
    assert result.kind is ChangeKind.LINK
    assert result.sets == {ADDRESS: "zoe@example.nl", "firstName": "Zoë", "lastName": "Österbaan"}
    assert result.permissions == {}, "no switch is on by default"


def test_only_what_differs_is_sent_with_what_was_there_before() -> None:
    known = observed(email="zoe@example.nl", firstName="Zoe", lastName="Österbaan", city="Delft")
    result = change(ZOE, known)
    assert result.kind is ChangeKind.UPDATE
    assert result.sets == {ADDRESS: "zoe@example.nl", "firstName": "Zoë"}
    assert result.before is not None and result.before.properties == {"firstName": "Zoe"}


def test_what_is_the_same_is_unchanged() -> None:
    known = observed(email="ZOE@example.nl", firstName="Zoë", lastName="Österbaan")
    assert change(ZOE, known).kind is ChangeKind.UNCHANGED


def test_an_emptied_field_empties_its_property() -> None:
    wanted = Wanted("zoe", "zoe@example.nl", {"firstName": None})
    result = change(wanted, observed(email="zoe@example.nl", firstName="Zoë"))
    assert result.clears == {"firstName"}
    assert result.sets == {ADDRESS: "zoe@example.nl"}


def test_a_first_link_leaves_what_spotler_had() -> None:
    wanted = Wanted("zoe", "zoe@example.nl", {"firstName": None, "lastName": "Österbaan"})
    known = observed(None, email="zoe@example.nl", firstName="Zoë")
    first = change(wanted, known)
    assert (first.kind, first.clears, first.is_batched) == (ChangeKind.LINK, frozenset(), True)
    assert first.detail.kept == ("firstName",)
    assert first.before is not None and first.before.properties == {"lastName": None}


def test_a_first_link_whose_answer_was_lost_leaves_it_too() -> None:
    wanted = Wanted("zoe", "zoe@example.nl", {"firstName": None})
    result = change(wanted, observed(email="zoe@example.nl", firstName="Zoë"), is_first=True)
    assert (result.kind, result.clears) == (ChangeKind.UNCHANGED, frozenset())


def test_the_address_goes_along_when_a_contact_is_found_by_it() -> None:
    known = observed(None, email="zoe@example.nl", firstName="Zoë", lastName="Österbaan")
    result = change(ZOE, known)
    assert result.kind is ChangeKind.LINK
    assert result.sets == {ADDRESS: "zoe@example.nl"}


@pytest.mark.parametrize(
    ("wanted", "known", "terms", "reason"),
    [
        (Wanted("zoe", None), None, {}, Reason.NO_ADDRESS),
        (ZOE, observed(active=False), {}, Reason.INACTIVE),
        (ZOE, observed(None, active=False), {}, Reason.INACTIVE),
        (ZOE, observed("another"), {}, Reason.ADDRESS_OF_ANOTHER),
        (ZOE, None, {"rival": "another"}, Reason.ADDRESS_DOUBLED),
        (ZOE, None, {"adds": False}, Reason.NOT_LINKED),
        (Wanted("zoe", "zoe@example.nl", active=False), None, {}, Reason.CRM_INACTIVE),
    ],
)
def test_blocked(
    wanted: Wanted, known: Observed | None, terms: dict[str, Any], reason: Reason
) -> None:
    result = change(wanted, known, **terms)
    assert (result.kind, result.reason) == (ChangeKind.BLOCKED, reason)
    assert not result.writes


def test_an_inactive_contact_stays_blocked_also_when_taken_over() -> None:
    known = observed("another", active=False)
    assert change(ZOE, known, take_over=True).reason is Reason.INACTIVE


def test_a_person_may_say_whose_the_address_is() -> None:
    assert change(ZOE, observed("another"), take_over=True).kind is ChangeKind.LINK


def test_what_changed_since_somebody_saw_it_is_asked_again() -> None:
    seen = {1: True, 2: False, 9: True}
    there = observed(email="zoe@example.nl", permissions={1: False, 2: False, 3: True})
    result = change(ZOE, there, seen=seen)
    assert (result.kind, result.reason) == (ChangeKind.BLOCKED, Reason.SWITCHED_SINCE)
    assert result.detail.moved == (1,), "nothing is known of a permission that is gone"
    assert change(ZOE, there, seen={1: False}).kind is ChangeKind.UPDATE
    assert change(ZOE, None, seen=seen).detail.moved == (1, 9), "nor is it there at all"


def test_a_sign_off_that_won_is_told_and_the_rest_goes() -> None:
    wanted = Wanted("zoe", "zoe@example.nl", {"firstName": "Zoë"}, bars={1: None})
    result = change(wanted, observed(email="zoe@example.nl"))
    assert result.kind is ChangeKind.UPDATE
    assert result.detail.signed_off == (1,)


def test_a_sign_off_that_won_blocks_when_there_is_nothing_else() -> None:
    wanted = Wanted("zoe", "zoe@example.nl", bars={1: None})
    result = change(wanted, observed(email="zoe@example.nl"))
    assert (result.kind, result.reason) == (ChangeKind.BLOCKED, Reason.SIGNED_OFF)


values = st.none() | st.text(max_size=12)
wanteds = st.builds(
    Wanted,
    contact_id=st.just("zoe"),
    address=st.none() | st.sampled_from(["zoe@example.nl", "z@example.com"]),
    values=st.dictionaries(st.sampled_from(["firstName", "lastName", "phoneNumber"]), values),
    permissions=st.dictionaries(st.sampled_from([1, 2, 4]), st.booleans()),
    active=st.booleans(),
)
observeds = st.none() | st.builds(
    Observed,
    external_id=st.sampled_from([None, "zoe", "another"]),
    active=st.booleans(),
    permissions=st.dictionaries(st.sampled_from([1, 2, 4]), st.booleans()),
    properties=st.dictionaries(st.sampled_from([*TYPES, "city"]), st.text(min_size=1, max_size=9)),
)
termses = st.builds(Terms, adds=st.booleans(), take_over=st.booleans())


def carried_out(change: Change, known: Observed | None) -> Observed:
    """What Spotler has after taking a change."""
    before = known or Observed(None, True, {}, {})
    kept = {name: value for name, value in before.properties.items() if name not in change.clears}
    return Observed(
        "zoe", True, {**before.permissions, **change.permissions}, {**kept, **change.sets}
    )


@given(wanteds, observeds, termses)
def test_after_carrying_out_there_is_nothing_left_to_do(
    wanted: Wanted, known: Observed | None, terms: Terms
) -> None:
    first = plan(wanted, known, terms, TYPES)
    if first.writes:
        later = replace(terms, is_first=first.kind is ChangeKind.LINK)
        assert plan(wanted, carried_out(first, known), later, TYPES).kind is ChangeKind.UNCHANGED
    else:
        assert first.kind in (ChangeKind.UNCHANGED, ChangeKind.BLOCKED)


@given(wanteds, observeds, termses)
def test_nothing_is_sent_that_is_not_wanted(
    wanted: Wanted, known: Observed | None, terms: Terms
) -> None:
    result = plan(wanted, known, terms, TYPES)
    assert result.sets.keys() | result.clears <= wanted.values.keys() | {ADDRESS}
    assert result.permissions.items() <= dict(wanted.permissions).items()
    for name, value in result.sets.items():
        assert value == {ADDRESS: wanted.address, **wanted.values}[name]
