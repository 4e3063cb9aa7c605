"""The mapping's selects: what is chosen, what stays, and how they are drawn."""

from __future__ import annotations

import json
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.exceptions import BadRequest

from spotler_plugin.forms.fields import SelectChoice
from spotler_plugin.forms.mapping import MappingForm, PropertyField, name_of
from spotler_plugin.planning.proposal import Key, dump
from tests.forms.sent import BARE, errors

FIRST, BORN = ("contact", "first_name"), ("contact", "born")

keys = st.tuples(st.sampled_from(["contact", "relation"]), st.text("abc:_", min_size=1))
proposals = st.dictionaries(keys, st.text("xyz", min_size=1), max_size=6)


def sent(seen: Mapping[Key, str] | str, **fields: str) -> MappingForm:
    text = seen if isinstance(seen, str) else json.dumps(dump(seen))
    with BARE.test_request_context(method="POST", data={"seen": text, **fields}):
        return MappingForm.sent()


def test_what_was_chosen_takes_the_place_of_what_was_shown() -> None:
    form = sent({FIRST: "firstName"}, **{"contact:born": "birthday", "relation:a:b": "docs"})
    assert form.seen.data == {FIRST: "firstName"}
    assert form.chosen == {FIRST: "firstName", BORN: "birthday", ("relation", "a:b"): "docs"}


def test_nothing_chosen_is_not_mapped() -> None:
    assert sent({FIRST: "firstName"}, **{"contact:first_name": ""}).chosen == {}


@given(seen=proposals, chosen=st.dictionaries(keys, st.text("xyz"), max_size=6))
def test_what_was_not_sent_stays(seen: dict[Key, str], chosen: dict[Key, str]) -> None:
    form = sent(seen, **{name_of(key): property for key, property in chosen.items()})
    assert form.chosen == {key: name for key, name in (seen | chosen).items() if name}


@pytest.mark.parametrize("other", ["contact:", "company:name", "first_name", ":", "seen:x"])
def test_other_names_are_no_selects(other: str) -> None:
    assert sent({}, **{other: "firstName"}).chosen == {}


@pytest.mark.parametrize("seen", ["", "x", "1", "[1]", "[[1]]", "[[1, 2, 3, 4]]", "[" * 100_000])
def test_what_our_page_does_not_show_is_refused(seen: str) -> None:
    with pytest.raises(BadRequest):
        sent(seen)
    with BARE.test_request_context(method="POST"), pytest.raises(BadRequest):
        MappingForm.sent()


def offered(refusal: str = "") -> MappingForm:
    """A select that offers a property that fits and one that does not."""
    unfit = SelectChoice("born", 'Jarig "op"', {"disabled": True}, "Past <niet>")
    choices = [SelectChoice("", "Geen"), SelectChoice("firstName", "Roepnaam & co"), unfit]
    select = PropertyField(label="Voornaam", id="map-0", refusal=refusal, choices=choices)
    form = MappingForm.over({name_of(FIRST): select})
    with BARE.app_context():
        return form(formdata=None, data={"seen": {FIRST: "firstName"}, name_of(FIRST): "firstName"})


def test_a_select_is_drawn_as_it_is_saved() -> None:
    form = offered()
    assert form.validate()
    assert form.selects[FIRST](**{"aria-describedby": "sample-0"}) == (
        '<select aria-describedby="sample-0" id="map-0" name="contact:first_name">'
        '<option value="">Geen</option>'
        '<option value="firstName" selected>Roepnaam &amp; co</option>'
        '<optgroup label="Past &lt;niet&gt;">'
        "<option disabled>Jarig &#34;op&#34;</option></optgroup></select>"
    )


def test_why_a_choice_is_refused_stands_at_its_select() -> None:
    form = offered("Dit past niet.")
    assert not form.validate()
    assert errors(form) == {name_of(FIRST): ["Dit past niet."]}


@given(seen=proposals)
def test_what_is_shown_comes_back_as_it_was(seen: dict[Key, str]) -> None:
    with BARE.app_context():
        shown = MappingForm(formdata=None, seen=seen)
    assert sent(shown.seen._value()).seen.data == seen
