"""A proposed mapping: what is wrong with it, how it differs, and two people's changes together."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from spotler_plugin.planning.mapping import Field, Property
from spotler_plugin.planning.proposal import Key, Problem, changed, merged, problems, rows
from spotler_plugin.planning.values.types import FieldType, PropertyType

FIRST, BORN, TEL = ("contact", "first"), ("contact", "born"), ("contact", "tel")
FIELDS = [
    Field("contact", "first", "Voornaam", FieldType.TEXT),
    Field("contact", "born", "Geboren", FieldType.DATE),
    Field("contact", "tel", "Tel.", FieldType.PHONE),
]
PROPERTIES = [
    Property("firstName", "Voornaam", PropertyType.STRING),
    Property("birthday", "Geboortedatum", PropertyType.BIRTHDATE),
    Property("permissions", "Permissies", PropertyType.SET),
    Property("email", "E-mailadres", PropertyType.EMAIL),
]


def wrong(proposal: dict[tuple[str, str], str], **saved: str) -> dict[tuple[str, str], Problem]:
    before = {("contact", field): property for field, property in saved.items()}
    return problems(proposal, before, FIELDS, PROPERTIES)


def test_what_fits_is_fine() -> None:
    assert wrong({FIRST: "firstName", BORN: "birthday"}) == {}


def test_two_onto_one_are_both_told() -> None:
    assert wrong({FIRST: "firstName", TEL: "firstName"}) == {
        FIRST: Problem.DOUBLED,
        TEL: Problem.DOUBLED,
    }


def test_what_does_not_fit_or_does_not_exist_is_told() -> None:
    assert wrong({FIRST: "birthday"}) == {FIRST: Problem.UNFIT}
    assert wrong({FIRST: "nothing"}) == {FIRST: Problem.GONE}
    assert wrong({("contact", "nobody"): "firstName"}) == {("contact", "nobody"): Problem.GONE}


def test_consent_and_identity_are_never_fed() -> None:
    assert wrong({FIRST: "permissions"}) == {FIRST: Problem.GONE}
    assert wrong({FIRST: "email"}) == {FIRST: Problem.GONE}


def test_what_vanished_may_stay_but_cannot_be_chosen() -> None:
    assert wrong({FIRST: "nothing"}, first="nothing") == {}
    assert wrong({("contact", "nobody"): "birthday"}, nobody="birthday") == {}
    assert rows({FIRST: "nothing", ("contact", "nobody"): "birthday"}, FIELDS, PROPERTIES) == []


proposals = st.dictionaries(st.sampled_from([FIRST, BORN, TEL]), st.sampled_from("abc"))


@given(proposals, proposals)
def test_changed_is_what_differs(before: dict[Key, str], after: dict[Key, str]) -> None:
    assert (changed(before, after) == set()) is (before == after)


@given(proposals, proposals, proposals)
def test_merged_keeps_mine_and_theirs(
    seen: dict[Key, str], mine: dict[Key, str], theirs: dict[Key, str]
) -> None:
    result = merged(seen, mine, theirs)
    for key in (FIRST, BORN, TEL):
        winner = mine if key in changed(seen, mine) else theirs
        assert result.get(key) == winner.get(key)
