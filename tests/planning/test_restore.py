"""Putting a backup back: each value to the letter, and nobody on who was off."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spotler_plugin.planning.backup.contact import BackedUp
from spotler_plugin.planning.backup.layout import Column, Form, Layout
from spotler_plugin.planning.block import Terms
from spotler_plugin.planning.consent import Consent
from spotler_plugin.planning.plan import plan
from spotler_plugin.planning.reason import Reason, Refusal
from spotler_plugin.planning.restore.kept import Known, same_person, wanted_by
from spotler_plugin.planning.restore.legend import Account, again, legend_of
from spotler_plugin.planning.restore.order import Restore
from spotler_plugin.planning.state import Observed
from spotler_plugin.planning.values.types import PropertyType

ZOE = "zoe@example.nl"
TYPES = {
    "city": PropertyType.STRING,
    "postalCode": PropertyType.POSTCODE,
    "interests": PropertyType.SET,
    "email": PropertyType.EMAIL,
}
BITS = {1: "Evenementen", 2: "Nieuws"}
LAYOUT = Layout(
    (
        Column("email", "E-mailadres", PropertyType.EMAIL),
        Column("city", "Plaats", PropertyType.STRING),
        Column("postalCode", "Postcode", PropertyType.POSTCODE),
        Column("interests", "Interesses", PropertyType.SET, Form.SET, BITS),
        Column("externalId", "External id"),
    ),
    {1: "Maandelijks", 2: "Kwartaal"},
)
LEGEND = legend_of(LAYOUT, Account(TYPES, {"interests": BITS}, LAYOUT.permissions))
sets = st.dictionaries(st.sampled_from([1, 2]), st.booleans())
values = st.fixed_dictionaries(
    {},
    optional={
        "city": st.sampled_from(["Delft", "delft", " Delft ", "=1+1", "0015"]),
        "postalCode": st.sampled_from(["3011 AB", "3011AB"]),
    },
)
names = st.sets(st.sampled_from(["city", "postalCode", "interests"]))


def on(value: Any) -> set[int]:
    return {int(bit) for bit, enabled in dict(value or {}).items() if enabled}


@given(was=values, now=values, set_was=sets, set_now=sets, then=sets, permissions=sets,
       verdict=sets, chosen=names, switches=st.booleans(), is_first=st.booleans())  # fmt: skip
def test_each_chosen_value_is_what_it_was_and_nobody_is_on_who_was_off(
    was: dict[str, Any], now: dict[str, Any], set_was: dict[int, bool], set_now: dict[int, bool],
    then: dict[int, bool], permissions: dict[int, bool], verdict: dict[int, bool],
    chosen: set[str], switches: bool, is_first: bool,
) -> None:  # fmt: skip
    kept = BackedUp("zoe", None, {"email": ZOE, **was, "interests": set_was}, then)
    json_now = {str(bit): enabled for bit, enabled in set_now.items()}
    known = Observed("zoe", True, permissions, {"email": ZOE, **now, "interests": json_now})
    order = Restore(tuple(chosen), switches=switches)
    wanted = wanted_by("zoe", kept, LEGEND, order, ZOE)
    judged = wanted.judged(Consent(verdict))
    for each in (wanted, judged):
        change = plan(each, known, Terms(adds=False, is_first=is_first), TYPES)
        after = {k: v for k, v in known.properties.items() if k not in change.clears}
        after |= change.sets
        for name in ("city", "postalCode"):
            assert after.get(name) == (was if name in chosen else now).get(name)
        assert on(after["interests"]) == on(set_was if "interests" in chosen else set_now)
        assert not any(change.permissions.values()), "never on"
        off = {bit for bit in change.permissions if not change.permissions[bit]}
        assert off <= known.on & {bit for bit in LAYOUT.permissions if not then.get(bit)}
        assert switches or not off


def test_the_address_goes_back_only_where_that_is_chosen() -> None:
    kept = BackedUp("zoe", None, {"email": "oud@example.nl"})
    assert wanted_by("zoe", kept, LEGEND, Restore(("email",)), ZOE).address == "oud@example.nl"
    assert wanted_by("zoe", kept, LEGEND, Restore(("city",)), ZOE).address == ZOE
    none = BackedUp("zoe", None, {})
    assert wanted_by("zoe", none, LEGEND, Restore(("email",)), ZOE).address == ZOE


def test_what_a_backup_never_writes_as_a_value() -> None:
    assert "externalId" not in {each.name for each in LEGEND.columns}


def test_who_is_who() -> None:
    own = BackedUp("zoe", None, {"email": "oud@example.nl"})
    loose, other = BackedUp(None, "e-1", {"email": ZOE}), BackedUp("piet", None, {"email": ZOE})
    zoe, unread = Known("zoe", "e-1", ZOE), Known("zoe", address=ZOE)
    for known in (zoe, unread):
        assert same_person(known, [loose, own]) is own, "the id is surer"
        assert same_person(known, [loose]) is loose
        assert same_person(known, [other]) is None, "somebody else had the address then"
    twin = BackedUp(None, "e-2", {"email": ZOE})
    assert same_person(unread, [loose, twin]) is None, "of two nobody knows which"
    assert same_person(zoe, [loose, twin]) is loose, "but by Spotler's own id"
    assert same_person(zoe, [twin]) is None, "whose the address was, and not this one's"
    moved = BackedUp(None, "e-1", {"email": "oud@example.nl"})
    assert same_person(zoe, [moved]) is moved
    former = BackedUp("piet", "e-1", {"email": ZOE})
    assert same_person(zoe, [former]) is None, "it was another contact of the CRM then"
    assert same_person(Known("zoe"), []) is None


labels = st.dictionaries(st.integers(1, 5), st.sampled_from(["Golf", "golf", "Beurs", "", "3"]))


@given(then=labels, now=labels)
def test_a_bit_is_only_what_has_its_name(then: dict[int, str], now: dict[int, str]) -> None:
    found = again(then, now)
    assert len(set(found.values())) == len(found), "never two for one"
    for bit, other in found.items():
        assert now.get(other, then[bit]).casefold() == then[bit].casefold()
        assert bit == other or then[bit] not in ("", str(bit)), "a number is no name"


@pytest.mark.parametrize(
    ("then", "now", "found"),
    [
        ({1: "Golf", 2: "Beurs"}, {1: "Golf", 2: "Beurs", 4: "Zorg"}, {1: 1, 2: 2}),
        ({1: "Golf", 2: "Beurs"}, {1: "beurs", 2: "GOLF"}, {1: 2, 2: 1}),
        ({1: "Golf"}, {1: "Tennis", 8: "Golf"}, {1: 8}),
        ({1: "Golf"}, {1: "Golfen"}, {}),
        ({1: "Golf"}, {2: "Golf", 4: "Golf"}, {}),
        ({1: "Golf", 2: "Golf"}, {2: "Golf"}, {2: 2}),
        ({1: "1"}, {}, {1: 1}),
        ({1: "1"}, {1: "Golf"}, {}),
        ({1: "1"}, {2: "1"}, {1: 1}),
    ],
)
def test_which_entry_each_is_by_now(
    then: dict[int, str], now: dict[int, str], found: dict[int, int]
) -> None:
    assert again(then, now) == found


def test_what_has_another_name_by_now_is_told_and_left_alone() -> None:
    account = Account(
        {**TYPES, "postalCode": PropertyType.SET},
        {"interests": {1: "Nieuws", 2: "Golf"}},
        {1: "Kwartaal", 2: "Anders"},
    )
    legend = legend_of(LAYOUT, account)
    assert legend.gone == ("Postcode",)
    assert legend.lost_entries == (("Interesses", ("Evenementen",)),)
    assert legend.lost_permissions == ("Maandelijks",)
    kept = BackedUp("zoe", None, {"email": ZOE, "interests": {1: True, 2: True}, "city": "Delft"})
    wanted = wanted_by("zoe", kept, legend, Restore(tuple(TYPES), switches=True), ZOE)
    assert wanted.values == {"interests": {1: True}, "city": "Delft"}
    assert wanted.permissions == {1: False}, "Kwartaal, and not what is called otherwise"
    told = Refusal("Interesses", "interests", Reason.ENTRY_MOVED, ("Evenementen",))
    assert wanted.refusals == (told,)


def test_a_value_of_another_kind_than_the_property_is_told() -> None:
    odd = Column("city", "Plaats", PropertyType.STRING, Form.MIXED)
    legend = legend_of(Layout((odd,)), Account({"city": PropertyType.STRING}))
    wanted = wanted_by("zoe", BackedUp("zoe", None, {"city": {1: True}}), legend,
                       Restore(("city",)), ZOE)  # fmt: skip
    assert wanted.values == {} and [each.property for each in wanted.refusals] == ["city"]
