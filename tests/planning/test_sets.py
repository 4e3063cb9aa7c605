"""Keywords switch the entries of a set, and nothing else; what Spotler has otherwise stays."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spotler_plugin.planning import proposal
from spotler_plugin.planning.block import Terms
from spotler_plugin.planning.image import Image
from spotler_plugin.planning.mapping import Field, Property, Row, base_mapping, desired, emptied
from spotler_plugin.planning.offer import Offer, leave_out
from spotler_plugin.planning.plan import ADDRESS, Change, ChangeKind, plan
from spotler_plugin.planning.reason import Reason, Refusal
from spotler_plugin.planning.state import Observed, Wanted
from spotler_plugin.planning.tally import MOST_WORDS, Tally, differences, is_loss
from spotler_plugin.planning.values.convert import Entry, FieldType, PropertyType
from spotler_plugin.planning.values.sets import AND_MORE, MOST_NAMED, bits_of, match, on_in

FAIR, CAFE, WEBINAR = 1, 2, 2**40
ENTRIES = (Entry(FAIR, "Beurs"), Entry(CAFE, "Café"), Entry(WEBINAR, "Webinar"))
INTERESTS = Property("interests", "Interesses", PropertyType.SET, ENTRIES)
KEYWORDS = Field("contact", "keywords", "Trefwoorden", FieldType.KEYWORDS)
TYPES = {"interests": PropertyType.SET, "firstName": PropertyType.STRING}


def rows(*entries: Entry) -> list[Row]:
    named = Property("interests", "Interesses", PropertyType.SET, entries or ENTRIES)
    return proposal.rows({("contact", "keywords"): "interests"}, [KEYWORDS], [named])


def wanted(*keywords: str, entries: Sequence[Entry] = ()) -> Wanted:
    state = desired({"keywords": list(keywords)}, {}, rows(*entries))
    return Wanted("zoe", "zoe@example.nl", state.values, tuple(state.refusals))


def observed(external_id: str | None = "zoe", **properties: Any) -> Observed:
    return Observed(external_id, True, {1: True}, {"email": "zoe@example.nl", **properties})


def change(asked: Wanted, known: Observed | None, **terms: Any) -> Change:
    return plan(asked, known, Terms(**terms), TYPES)


@pytest.mark.parametrize(
    ("keywords", "on", "missing"),
    [
        (["beurs"], {FAIR}, ()),
        (["  BEURS\t", "webinar"], {FAIR, WEBINAR}, ()),
        (["cafe\u0301"], {CAFE}, ()),
        (["cafe"], set(), ("cafe",)),
        (["beurs", "Golf", "golf ", "tennis"], {FAIR}, ("golf", "tennis")),
        (["beurs, webinar"], set(), ("beurs, webinar",)),
        (["1"], set(), ("1",)),
    ],
)
def test_a_keyword_is_the_entry_that_is_called_so(
    keywords: list[str], on: set[int], missing: tuple[str, ...]
) -> None:
    found = match(keywords, ENTRIES)
    assert {bit for bit, enabled in found.bits.items() if enabled} == on
    assert found.bits.keys() == {FAIR, CAFE, WEBINAR}
    assert found.missing == missing


def test_of_very_many_without_an_entry_some_are_named() -> None:
    missing = match([f"woord {n}" for n in range(99)], ENTRIES).missing
    assert (len(missing), missing[-1]) == (MOST_NAMED + 1, AND_MORE)


def test_two_entries_that_are_called_alike_are_one_to_people() -> None:
    found = match(["beurs"], (Entry(1, "Beurs"), Entry(2, "beurs")))
    assert found.bits == {1: True, 2: True}


def test_one_that_was_renamed_stays_as_it_is() -> None:
    renamed = Entry(FAIR, "Beursbezoeker", ("Beurs",))
    found = match(["beurs"], (renamed, ENTRIES[1]))
    assert (found.bits, found.missing) == ({CAFE: False}, ("beurs",))
    assert match(["Café"], (renamed, ENTRIES[1])).bits == {FAIR: False, CAFE: True}
    assert match(["beurs", "beursbezoeker"], (renamed,)).bits == {FAIR: True}


@pytest.mark.parametrize(
    "value",
    [
        {1: True, 2: False},
        {"1": True, "2": False},
        [{"bit": 1, "enabled": True, "description": "x"}, {"bit": 2, "enabled": False}],
        [{"bit": "1", "enabled": True}, {"bit": 2, "enabled": "true"}, 7, {"bit": True}],
    ],
)
def test_a_set_reads_alike_whoever_wrote_it(value: object) -> None:
    assert bits_of(value) == {1: True, 2: False}
    assert on_in(value) == {1}


def test_what_cannot_be_sent_is_told_and_the_others_go() -> None:
    asked = wanted("beurs", "golf")
    assert asked.refusals == (Refusal("Interesses", "interests", Reason.ENTRY_MISSING, ("golf",)),)
    result = change(asked, observed(interests={"1": False, "2": True}))
    assert result.bits == {"interests": {FAIR: True, CAFE: False}}
    assert Refusal.from_json(asked.refusals[0].to_json()) == asked.refusals[0]


def test_only_bits_that_differ_are_sent_and_the_images_have_all() -> None:
    known = observed(interests={"1": True, "8": True})
    result = change(wanted("Beurs", "Webinar"), known)
    assert result.bits == {"interests": {WEBINAR: True}}, "the entry 8 is not known to us"
    assert result.before is not None
    assert result.before.properties == {"interests": {"1": True, "8": True}}
    after = {"1": True, "2": False, "8": True, str(WEBINAR): True}
    assert result.after.properties["interests"] == after
    for image in (result.before, result.after):
        assert Image.from_json(image.to_json()) == image
    assert differences(result) == [("interests", {"1": True, "8": True}, after)]
    assert not is_loss(result) and result.is_batched


def test_the_same_keywords_change_nothing() -> None:
    known = observed(interests={FAIR: True, CAFE: False})
    assert change(wanted("beurs"), known).kind is ChangeKind.UNCHANGED
    assert change(wanted(), observed(interests={"1": False})).kind is ChangeKind.UNCHANGED


def test_the_last_keyword_that_goes_empties_the_set() -> None:
    result = change(wanted(), observed(interests={"1": True, "2": False}))
    assert result.kind is ChangeKind.UPDATE and result.emptied == {"interests"}
    assert result.bits == {"interests": {FAIR: False}}
    assert result.is_batched, "no purge: its bits say so"
    assert result.after.loss.emptied == 1 and result.after.cleared == {"interests"}
    assert "interests" not in result.after.properties
    tally = Tally()
    tally.take([result])
    assert (tally.emptied, tally.emptied_by, tally.calls) == (1, {"interests": 1}, 1)


def test_an_entry_that_is_not_known_is_not_ours_to_switch_off() -> None:
    known = observed(interests={"1": True, "8": True})
    for words in ((), ("golf",)):
        result = change(wanted(*words), known)
        assert (result.bits, result.emptied) == ({"interests": {FAIR: False}}, frozenset())
    nothing = desired({"keywords": []}, {}, [_row([])])
    assert nothing.values == {"interests": None}
    asked = Wanted("zoe", "zoe@example.nl", nothing.values)
    assert change(asked, known).kind is ChangeKind.UNCHANGED


def test_a_keyword_without_an_entry_counts_as_emptying_where_it_is_the_only_one() -> None:
    result = change(wanted("golf"), observed(interests={"1": True}))
    assert result.emptied == {"interests"} and result.detail.refusals


@pytest.mark.parametrize(
    ("known", "terms"),
    [(observed(None, interests={2: True}), {}),
     (observed(interests={2: True}), {"is_first": True})],
)  # fmt: skip
def test_a_first_link_switches_nothing_off(known: Observed, terms: dict[str, Any]) -> None:
    first = change(wanted("beurs"), known, **terms)
    assert first.bits == {"interests": {FAIR: True}}
    emptied = change(wanted(), known, **terms)
    assert (emptied.emptied, emptied.detail.kept) == (frozenset(), ("interests",))


def test_who_is_not_primary_any_more_loses_all_of_it() -> None:
    values = {"interests": emptied(rows()[0])}
    asked = Wanted("zoe", "zoe@example.nl", values, left=frozenset({"interests"}))
    result = change(asked, observed(interests={"1": True}))
    assert result.emptied == {"interests"} and result.detail.left == ("interests",)


def test_who_keeps_some_entries_is_counted_apart() -> None:
    tally = Tally()
    tally.take(
        change(wanted(*words), observed(interests={"1": True, "2": True}))
        for words in ([], ["beurs"], ["beurs", "café", "webinar"])
    )
    assert (tally.emptied, tally.emptied_by) == (1, {"interests": 1})
    assert tally.lessened_by == {"interests": 1}


def test_keywords_that_spotler_lacks_are_counted_by_word() -> None:
    tally = Tally()
    changes = [change(wanted("beurs", *words), None) for words in (["golf"], ["golf", "tennis"])]
    tally.take(changes)
    assert tally.refused_by == {"interests": {Reason.ENTRY_MISSING: 2}}
    assert tally.missing_by == {"interests": {"golf": 2, "tennis": 1}}
    tally.take(change(wanted(f"woord {n}"), None) for n in range(2 * MOST_WORDS))
    assert len(tally.missing_by["interests"]) == MOST_WORDS


def offer(*there: int) -> Offer:
    labels = {each.bit: each.description for each in ENTRIES}
    return Offer(
        {"interests": "Interesses"}, {}, {}, {},
        {"interests": {bit: labels[bit] for bit in there}},
        {"interests": {bit: label for bit, label in labels.items() if bit not in there}},
    )  # fmt: skip


def test_an_entry_that_vanished_is_left_out_and_the_others_go() -> None:
    planned = change(wanted("beurs", "webinar"), observed(interests={"2": True}))
    assert leave_out(planned, offer(FAIR, CAFE, WEBINAR)) is planned
    lesser = leave_out(planned, offer(FAIR))
    assert lesser.bits == {"interests": {FAIR: True}}
    assert lesser.after.properties["interests"] == {"1": True, "2": True}
    told = Refusal("Interesses", "interests", Reason.ENTRY_MISSING, ("Webinar",))
    assert lesser.detail.refusals == (told,), "of what was to go off there is nothing to tell"
    assert leave_out(planned, offer()).kind is ChangeKind.UNCHANGED


def test_keywords_are_not_mapped_by_themselves() -> None:
    named = Property("firstName", "Voornaam", PropertyType.SET, ENTRIES)
    field = Field("contact", "first_name", "Voornaam", FieldType.KEYWORDS)
    assert base_mapping([field, KEYWORDS], [named, INTERESTS]) == []


def test_the_permissions_are_fed_by_nothing_whatever_was_saved() -> None:
    consent = Property("permissions", "Permissies", PropertyType.SET, ENTRIES)
    assert proposal.rows({("contact", "keywords"): "permissions"}, [KEYWORDS], [consent]) == []
    chosen = {("contact", "keywords"): "permissions"}
    assert proposal.problems(chosen, {}, [KEYWORDS], [consent])


WORDS = st.sampled_from(["beurs", "Beurs ", "café", "cafe", "webinar", "x"]) | st.text(max_size=5)
entries = st.lists(
    st.builds(
        Entry,
        st.sampled_from([0, 1, 2, 4, 2**62]),
        WORDS,
        st.lists(WORDS, max_size=2).map(tuple),
    ),
    max_size=5,
    unique_by=lambda entry: entry.bit,
)
known_sets = st.none() | st.dictionaries(st.sampled_from(["1", "2", "4", "8"]), st.booleans())


@given(st.lists(WORDS, max_size=6), entries, known_sets, st.sampled_from(["zoe", None]))
def test_nothing_is_written_but_the_bits_of_the_set(
    keywords: list[str], there: list[Entry], known: Any, external_id: str | None
) -> None:
    state = desired({"keywords": keywords}, {}, [_row(there)])
    asked = Wanted("zoe", "zoe@example.nl", state.values, tuple(state.refusals))
    before = observed(external_id, interests=known)
    result = change(asked, before)
    own = {each.bit for each in there}
    assert result.permissions == {}, "no keyword switches a permission"
    assert result.sets.keys() | result.clears <= {ADDRESS, "interests"}
    written = result.bits.get("interests", {})
    assert written.keys() <= own
    assert all((bit in on_in(known)) is not enabled for bit, enabled in written.items())
    if external_id is None:
        assert all(written.values()), "a first link switches nothing off"
    bits = {**bits_of(known), **written}
    again = change(asked, observed(interests=bits), is_first=external_id is None)
    assert again.kind is ChangeKind.UNCHANGED


def _row(there: list[Entry]) -> Row:
    named = Property("interests", "Interesses", PropertyType.SET, tuple(there))
    return proposal.rows({("contact", "keywords"): "interests"}, [KEYWORDS], [named])[0]
