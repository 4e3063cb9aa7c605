"""Which contacts of a run are asked for, and which page."""

from __future__ import annotations

import pytest

from spotler_plugin.forms.run import ItemsForm, RunsForm
from spotler_plugin.models import Outcome
from spotler_plugin.planning.reason import Reason
from tests.forms.sent import accepts, errors, sent


def test_strings_become_values() -> None:
    form = sent(ItemsForm, outcome="rejected", reason="no_address", message=" no city ",
                query="\tzoe@ ", item="7", page="2")  # fmt: skip
    assert errors(form) == {}
    assert (form.outcome.data, form.reason.data) == (Outcome.REJECTED, Reason.NO_ADDRESS)
    assert (form.message.data, form.query.data) == ("no city", "zoe@")
    assert (form.item.data, form.number) == (7, 2)


@pytest.mark.parametrize("nothing", [{}, dict.fromkeys(["outcome", "reason", "item", "page"], "")])
def test_what_is_not_asked_for_does_not_matter(nothing: dict[str, str]) -> None:
    form = sent(ItemsForm, **nothing)
    assert errors(form) == {} and form.number == 1
    assert [form.outcome.data, form.reason.data, form.item.data] == [None] * 3
    assert [form.message.data, form.query.data] == ["", ""]


@pytest.mark.parametrize("outcome", Outcome)
def test_every_outcome_can_be_asked_for_and_is_carried_along(outcome: Outcome) -> None:
    form = sent(ItemsForm, outcome=outcome.value)
    assert form.outcome.data is outcome
    assert f'value="{outcome.value}"' in form.outcome() and 'type="hidden"' in form.outcome()


@pytest.mark.parametrize(
    "wrong",
    [
        {"outcome": "x"}, {"outcome": "REJECTED"}, {"reason": "x"}, {"page": "0"}, {"page": "-1"},
        {"page": "x"}, {"page": "1.5"}, {"page": str(2**31)}, {"page": "9" * 400}, {"item": "0"},
        {"item": "9" * 5000}, {"query": "x" * 321}, {"message": "x" * 2001},
    ],
    ids=lambda wrong: str(wrong)[:30],
)  # fmt: skip
def test_what_our_page_does_not_make_is_refused(wrong: dict[str, str]) -> None:
    assert not accepts(ItemsForm, **wrong)


def test_the_list_leaves_out_single_contacts_unless_asked() -> None:
    assert sent(RunsForm).single.data is False
    form = sent(RunsForm, single="1", page="3")
    assert (form.single.data, form.number) == (True, 3)
