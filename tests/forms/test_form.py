"""What holds for all forms: where they read, and that nothing makes them fail."""

from __future__ import annotations

import json
from uuid import uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spotler_plugin.forms import Form
from spotler_plugin.forms.automation import AutomationForm
from spotler_plugin.forms.connection import ConnectionForm
from spotler_plugin.forms.contact_modal import ContactForm, DecisionForm
from spotler_plugin.forms.drift import DriftForm
from spotler_plugin.forms.launch import LaunchForm
from spotler_plugin.forms.mapping import MappingForm
from spotler_plugin.forms.preview import ConfirmForm
from spotler_plugin.forms.run import ItemsForm, RunsForm
from spotler_plugin.planning.detail import told_by
from spotler_plugin.services.sync.written import judged
from spotler_plugin.spotler import SaveCode, SaveResult
from tests.forms.sent import BARE, posted

FORMS: list[type[Form]] = [
    AutomationForm, ConfirmForm, ConnectionForm, ContactForm, DecisionForm, ItemsForm,
    LaunchForm, RunsForm,
]  # fmt: skip
with BARE.app_context():
    NAMES = sorted({field.name for form in FORMS for field in form(formdata=None)})

strings = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"])),
    st.integers().map(str),
    st.sampled_from(["9" * 400, "9" * 5000, "1:0", "1:1:1", ":", "started", "rejected", "\x00"]),
    st.uuids().map(str),
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=3),
    ).map(json.dumps),
)
names = st.sampled_from([*NAMES, "seen", "contact:first_name", "relation:", "contact:__class__"])
requests = st.dictionaries(names | strings, st.lists(strings, max_size=3), max_size=6)


@pytest.mark.parametrize("form", FORMS)
@given(fields=requests)
@settings(deadline=None)
def test_whatever_is_sent_is_read_or_refused(
    form: type[Form], fields: dict[str, list[str]]
) -> None:
    made = posted(form.accept, fields)
    if made is not None:
        for name in dir(type(made)):
            if isinstance(getattr(type(made), name), property):
                getattr(made, name)
    if isinstance(made, ContactForm):
        assert all(bit > 0 for bit in made.changed_permissions())


def test_no_text_of_a_form_holds_nul() -> None:
    made = posted(ItemsForm, {"message": "a\x00b"})
    assert made is not None and made.message.data == "a\ufffdb"
    with BARE.test_request_context("/?query=a%00b"):
        assert ItemsForm().query.data == "a\ufffdb"


def test_what_people_type_is_clean_and_what_our_page_offers_is_as_it_was() -> None:
    odd = "na\u00adam\u200b"
    sent: dict[str, list[str]] = {"query": [odd], "property": [odd], "message": [odd]}
    drift, run = posted(DriftForm, sent), posted(ItemsForm, sent)
    assert drift is not None and run is not None
    assert drift.query.data == run.query.data == "naam"
    assert drift.property.data == run.message.data == odd


@given(st.text(st.characters()) | st.text(st.sampled_from("ab \n\u00a0\u200b\x00")))
@settings(deadline=None)
def test_what_the_other_side_said_leads_to_those_of_whom_it_said_that(message: str) -> None:
    """With a line end, or more than 2000 characters, a cause led to nobody."""
    kept = told_by(message * 40)
    made = posted(ItemsForm, {"message": [kept]})
    assert made is not None and made.validate() and made.message.data == kept
    judge = judged(SaveResult(SaveCode.PROPERTY_INVALID, message * 40))
    assert judge.detail.message == kept


@given(fields=requests, seen=strings | st.just('[["contact", "born", "birthday"]]'))
@settings(deadline=None)
def test_whatever_is_sent_as_a_mapping_is_read_or_refused(
    fields: dict[str, list[str]], seen: str
) -> None:
    made = posted(MappingForm.sent, {**fields, "seen": [seen]})
    if made is not None:
        assert all(made.chosen.values())


def test_a_get_is_read_from_its_query() -> None:
    with BARE.test_request_context("/?page=3", data={"page": "4"}):
        assert RunsForm.accept().number == 3
    with BARE.test_request_context("/?page=3", method="POST", data={"page": "4"}):
        assert RunsForm.accept().number == 4


def test_without_formdata_it_is_empty() -> None:
    with BARE.test_request_context(method="POST", data={"name": "Welkom"}):
        assert AutomationForm(formdata=None).name.data == ""


@pytest.mark.parametrize("body", [{"request_token": 1}, [1], "x", None])
def test_json_is_no_form(body: object) -> None:
    with BARE.test_request_context(method="POST", json=body):
        assert not ContactForm().validate()


@pytest.mark.parametrize("form", FORMS)
def test_no_cookie_is_asked_for(form: type[Form]) -> None:
    """Who asks is told by the session token alone, so there is nothing to forge."""
    with BARE.test_request_context(method="POST", data={"request_token": str(uuid4())}):
        assert "csrf_token" not in form()
