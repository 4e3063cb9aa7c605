"""The modal's switches: what was seen and what is on make what was changed."""

from __future__ import annotations

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spotler_plugin.forms.contact_modal import ContactForm, DecisionForm
from tests.forms.sent import accepts, errors, sent

TOKEN = str(UUID(int=7))
switches = st.dictionaries(st.integers(1, 99), st.booleans())


def test_strings_become_values() -> None:
    form = sent(
        ContactForm,
        request_token=TOKEN,
        seen=["1:0", "2:1", "3:1"],
        permission=["1", "3"],
        automation=["5", "8"],
        take_over="1",
    )
    assert errors(form) == {} and form.token == UUID(int=7)
    assert form.changed_permissions() == {1: True, 2: False}
    assert (form.automation.data, form.take_over.data) == ([5, 8], True)


def test_a_form_without_switches_changes_nothing() -> None:
    form = sent(ContactForm, request_token=TOKEN)
    assert errors(form) == {} and form.changed_permissions() == {}
    assert (form.automation.data, form.take_over.data) == ([], False)


@given(seen=switches, on=st.sets(st.integers(1, 99)))
def test_only_what_was_seen_otherwise_is_changed(seen: dict[int, bool], on: set[int]) -> None:
    form = sent(
        ContactForm,
        seen=[f"{bit}:{was:d}" for bit, was in seen.items()],
        permission=[str(bit) for bit in on],
    )
    changed = form.changed_permissions()
    assert changed.keys() <= seen.keys()
    assert all((bit in on) is changed.get(bit, seen[bit]) for bit in seen)


@pytest.mark.parametrize(
    "wrong",
    [
        {"request_token": ""}, {"request_token": "7"}, {"permission": ["0"]}, {"permission": [""]},
        {"permission": [str(2**63)]}, {"automation": [str(2**31)]}, {"automation": ["1.0"]},
        {"seen": ["1"]}, {"seen": ["1:0:0"]}, {"seen": [":1"]}, {"seen": ["-1:1"]},
    ],
    ids=str,
)  # fmt: skip
def test_what_our_page_does_not_make_is_refused(wrong: dict[str, str | list[str]]) -> None:
    right: dict[str, str | list[str]] = {"request_token": TOKEN, "seen": ["1:0"]}
    assert accepts(ContactForm, **right) and not accepts(ContactForm, **(right | wrong))


@pytest.mark.parametrize(("decision", "started"), [("started", True), ("again", False)])
def test_a_person_decides(decision: str, started: bool) -> None:
    form = sent(DecisionForm, request_token=TOKEN, decision=decision)
    assert errors(form) == {} and form.started is started


def test_no_other_decision_counts() -> None:
    for decision in ("", "maybe", "STARTED"):
        assert not accepts(DecisionForm, request_token=TOKEN, decision=decision)
    assert not accepts(DecisionForm, request_token=TOKEN)
    assert not accepts(DecisionForm, decision="again")
