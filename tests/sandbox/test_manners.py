"""The open questions of spotler-api.md §12: answered strictly at once, or leniently."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from demo.spotler.manners import MANNERS
from demo.spotler.settings import Settings
from tests.sandbox.clients import Api, Control

EVER = {"fromDate": "2000-01-01T00:00:00Z", "toDate": "2100-01-01T00:00:00Z", "pageSize": 10}
NOBODY = {"MPSearchQuery": "email=nobody@example.nl", "pageSize": 10}
BIT = [{"bit": 1, "enabled": True}]


@pytest.fixture
def api(api: Api) -> Iterator[Api]:
    """One that asks for JSON, and gets nothing otherwise."""
    api.session.headers["Accept"] = "application/json"
    yield api


@pytest.fixture
def strict(control: Control) -> None:
    control("PUT", "/settings/strict")


@pytest.fixture
def lenient(control: Control) -> None:
    control("PUT", "/settings/lenient")


def refused(api: Api) -> dict[str, str]:
    body: dict[str, str] = api.get("/contact/nobody").json()
    return body


def found(api: Api, query: str) -> list[str]:
    """The ids of those who are found."""
    answer = api.get("/contact/search", MPSearchQuery=query, pageSize=10)
    assert answer.status_code == 200, answer.text
    return [each.get("externalId", "") for each in answer.json().get("contacts", [])]


def changed(api: Api, **window: Any) -> list[str]:
    """The ids of those who changed, of those that have one of a few letters."""
    answer = api.get("/contact/updates/list", **{**EVER, "pageSize": 1000, **window})
    assert answer.status_code == 200, answer.text
    ids = [each.get("externalId", "") for each in answer.json().get("contacts", [])]
    return [each for each in ids if len(each) == 1]


def test_both_answer_the_same_questions(control: Control) -> None:
    known = {each.name for each in fields(Settings)}
    assert MANNERS["strict"].keys() == MANNERS["lenient"].keys() <= known
    for manner, settings in MANNERS.items():
        assert control("PUT", f"/settings/{manner}").items() >= settings.items()
    answer = control.session.put(f"{control.root}/settings/rude")
    assert answer.status_code == 400


def test_they_differ_in_each(control: Control) -> None:
    same = {name for name, value in MANNERS["strict"].items() if MANNERS["lenient"][name] == value}
    assert same == set()


@pytest.mark.usefixtures("strict")
def test_a_strict_one_says_no_more_than_it_must(api: Api) -> None:
    answer = api.get("/contact/search", **NOBODY).json()
    assert answer["paging"].keys() == {"after", "next"} and "contacts" not in answer
    assert refused(api) == {"errorType": "CONTACT_NOT_FOUND"}
    [found] = api.post("/contact/list", {"update": True, "contacts": [{"externalId": "a"}]}).json()
    assert found == {"externalId": "a", "code": "CONTACT_UNKNOWN"}
    api.save("a", email="a@example.nl")
    shown = api.get("/contact/a").json()
    assert "+" not in shown["created"] and "+" not in shown["lastChanged"]


@pytest.mark.usefixtures("strict")
def test_a_strict_one_clears_and_hides(api: Api, control: Control) -> None:
    control.set(lag=0)
    api.save("a", email="a@example.nl", permissions=BIT)
    assert found(api, "email=a@example.nl") == ["a"]
    kept = {"externalId": "a", "properties": {"email": "a@example.nl"}}
    api.put("/contact/a", {"purge": True, "contact": kept})
    assert not api.get("/contact/a").json()["properties"]["permissions"][0]["enabled"]
    control("POST", "/contacts/a/standing", {"standing": "hard_bounce"})
    assert found(api, "email=a@example.nl") == []
    assert api.save("b", email="a@example.nl").json() == {"errorType": "INVALID_STATE"}
    control("POST", "/contacts/a/opt-out")
    assert api.error(api.save("a", email="a@example.nl")) == (403, "CONTACT_OPTOUT")


@pytest.mark.usefixtures("strict")
def test_a_strict_one_takes_nothing_odd(api: Api) -> None:
    value = {"properties": {"email": "a@example.nl"}}
    for odd in ("a:1", "a" * 65):
        refused = api.post("/contact", {"contact": {"externalId": odd, **value}})
        assert api.error(refused)[0] == 400
    twice = [{"externalId": "a"}, {"externalId": "a"}]
    assert api.post("/contact/list", {"contacts": twice}).status_code == 400
    many = api.post("/contact/list", {"contacts": [{"externalId": "a"}, {"externalId": "b"}]})
    assert [each["externalId"] for each in many.json()] == ["b", "a"]
    wide = {**EVER, "fromDate": "2025-01-01T00:00:00Z", "toDate": "2026-03-01T00:00:00Z"}
    for window in (wide, {**EVER, "pageSize": 10_001}):
        assert api.error(api.get("/contact/updates/list", **window)) == (400, "INVALID_PARAMS")


@pytest.mark.usefixtures("strict")
def test_a_strict_one_gives_values_back_in_its_own_spelling(api: Api) -> None:
    api.save(
        "a",
        email="A@Example.nl",
        mobileNumber="+31612345678",
        postalCode="1234 ab",
        jaaromzet="1234.50",
        firstPurchaseDate="2026-01-01T10:00:00+01:00",
    )
    shown = api.get("/contact/a").json()["properties"]
    assert shown["email"] == "a@example.nl"
    assert (shown["mobileNumber"], shown["postalCode"]) == ("0031612345678", "1234AB")
    assert shown["jaaromzet"] == 1234.5
    assert shown["firstPurchaseDate"] == "2026-01-01T09:00:00.000+00:00"


@pytest.mark.usefixtures("strict")
def test_a_strict_one_learns_late(api: Api, control: Control) -> None:
    now = datetime.now(UTC)
    window = {"fromDate": now.isoformat(), "toDate": (now + timedelta(minutes=1)).isoformat()}
    api.save("a", email="a@example.nl")
    assert changed(api, **window) == [] and found(api, "email=a@example.nl") == []
    control.set(lag=0)
    assert changed(api, **window) == ["a"] and found(api, "email=a@example.nl") == ["a"]
    assert found(api, "email=A@example.nl") == [], "capitals count"
    assert found(api, "email=@example.nl") != [], "a part is enough"


@pytest.mark.usefixtures("strict")
def test_a_strict_one_counts_in_whole_days_and_leaves_out_what_we_did(
    api: Api, control: Control
) -> None:
    control.set(lag=0)
    day = {"fromDate": "2026-03-05T12:00:00Z", "toDate": "2026-03-05T12:00:00Z"}
    planted = {"externalId": "a", "email": "a@example.nl", "lastChanged": "2026-03-05T08:00:00Z"}
    control("POST", "/contacts", {"contacts": [planted]})
    assert changed(api, **day) == ["a"]
    api.save("a", email="a@example.nl", firstName="An")
    assert changed(api, **day) == ["a"], "its last change is still that of before"
    control("POST", "/contacts/a/permissions", {"bit": 2, "enabled": True})
    assert changed(api, **day) == []
    now = datetime.now(UTC).isoformat()
    assert changed(api, fromDate=now, toDate=now) == ["a"]
    control("POST", "/contacts/a/opt-out")
    assert changed(api, fromDate=now, toDate=now) == ["a"]
    control.set(updates_show_inactive=False)
    assert changed(api, fromDate=now, toDate=now) == []


@pytest.mark.usefixtures("strict")
def test_a_strict_one_names_a_next_page_that_is_elsewhere_or_none(
    api: Api, control: Control
) -> None:
    control.set(lag=0, search_shows_inactive=True)
    query = {"MPSearchQuery": "country=Nederland", "pageSize": 100}
    first = api.get("/contact/search", **query).json()["paging"]
    assert first["after"] == 100 and first["next"].startswith("http://backend.")
    assert "after=100&" in first["next"] + "&"
    last = api.get("/contact/search", **query, after=100).json()
    assert len(last["contacts"]) < 100 and "next" in last["paging"]
    beyond = api.get("/contact/search", **query, after=last["paging"]["after"]).json()
    assert "contacts" not in beyond


@pytest.mark.usefixtures("lenient")
def test_a_lenient_one_keeps_and_shows(api: Api, control: Control) -> None:
    assert api.get("/contact/search", **NOBODY).json()["contacts"] == []
    assert refused(api)["message"]
    contact = {"externalId": "a", "properties": {"email": "a@example.nl", "permissions": BIT}}
    [saved] = api.post("/contact/list", {"update": True, "contacts": [contact]}).json()
    assert saved["code"] == "OK"
    kept = {"externalId": "a", "properties": {"email": "a@example.nl", "postalCode": "B-1000"}}
    api.put("/contact/a", {"purge": True, "contact": kept})
    shown = api.get("/contact/a").json()
    assert shown["properties"]["permissions"][0]["enabled"] and "+" in shown["created"]
    control("POST", "/contacts/a/opt-out")
    assert found(api, "email=A@example.nl") == ["a"]
    assert api.save("b", email="a@example.nl").status_code == 204
    assert api.get("/contact/a").status_code == 200, "an id does not move by its address"
    assert api.save("a", email="a@example.nl").status_code == 204
    assert control("GET", "/contacts/a")["standing"] == "active"


@pytest.mark.usefixtures("lenient")
def test_mail_of_an_automation_may_stand_in_the_history(api: Api) -> None:
    api.save("a", email="a@example.nl")
    code = api.get("/automation/list").json()[0]["triggers"][0]["code"]
    api.post(f"/automation/trigger/{code}", {"externalContactId": "a"})
    [item] = api.get("/contact/a/campaign-mailings").json()["campaignMailingHistories"]
    assert item["campaignMailing"]["name"] == "download e-book"


def test_too_many_calls_may_be_refused_without_saying_for_how_long(
    api: Api, control: Control
) -> None:
    control.set(calls_per_second=0.5, retry_after=False)
    answer = api.get("/campaign/list")
    assert answer.status_code == 429 and "Retry-After" not in answer.headers
