"""The open questions of spotler-api.md §12: answered strictly at once, or leniently."""

from __future__ import annotations

from dataclasses import fields

import pytest

from demo.spotler.settings import MANNERS, Settings
from tests.sandbox.clients import Api, Control

EVER = {"fromDate": "2000-01-01T00:00:00Z", "toDate": "2100-01-01T00:00:00Z", "pageSize": 10}
NOBODY = {"MPSearchQuery": "email=nobody@example.nl", "pageSize": 10}
BIT = [{"bit": 1, "enabled": True}]


@pytest.fixture
def strict(control: Control) -> None:
    control("PUT", "/settings/strict")


@pytest.fixture
def lenient(control: Control) -> None:
    control("PUT", "/settings/lenient")


def refused(api: Api) -> dict[str, str]:
    body: dict[str, str] = api.get("/contact/nobody").json()
    return body


def test_both_answer_the_same_questions(control: Control) -> None:
    known = {each.name for each in fields(Settings)}
    assert MANNERS["strict"].keys() == MANNERS["lenient"].keys() <= known
    for manner, settings in MANNERS.items():
        assert control("PUT", f"/settings/{manner}").items() >= settings.items()
    answer = control.session.put(f"{control.root}/settings/rude")
    assert answer.status_code == 400


@pytest.mark.usefixtures("strict")
def test_a_strict_one_says_no_more_than_it_must(api: Api) -> None:
    assert api.get("/contact/search", **NOBODY).json() == {"paging": {"after": 0}}
    assert refused(api) == {"errorType": "CONTACT_NOT_FOUND"}
    [found] = api.post("/contact/list", {"update": True, "contacts": [{"externalId": "a"}]}).json()
    assert found == {"externalId": "a", "code": "CONTACT_UNKNOWN"}
    api.save("a", email="a@example.nl", lastPurchaseDate="2026-01-01T10:00:00+01:00")
    shown = api.get("/contact/a").json()
    assert "+" not in shown["created"] and "+" not in shown["lastChanged"]
    assert shown["properties"]["lastPurchaseDate"] == "2026-01-01T10:00:00+01:00"


@pytest.mark.usefixtures("strict")
def test_a_strict_one_clears_and_hides(api: Api, control: Control) -> None:
    api.save("a", email="a@example.nl", permissions=BIT)
    kept = {"externalId": "a", "properties": {"email": "a@example.nl"}}
    api.put("/contact/a", {"purge": True, "contact": kept})
    assert not api.get("/contact/a").json()["properties"]["permissions"][0]["enabled"]
    control("POST", "/contacts/a/standing", {"standing": "hard_bounce"})
    query = {"MPSearchQuery": "email=a@example.nl", "pageSize": 10}
    assert "contacts" not in api.get("/contact/search", **query).json()
    assert api.save("b", email="a@example.nl").json() == {"errorType": "INVALID_STATE"}


@pytest.mark.usefixtures("lenient")
def test_a_lenient_one_keeps_and_shows(api: Api, control: Control) -> None:
    assert api.get("/contact/search", **NOBODY).json()["contacts"] == []
    assert refused(api)["message"]
    contact = {"externalId": "a", "properties": {"email": "a@example.nl", "permissions": BIT}}
    [found] = api.post("/contact/list", {"update": True, "contacts": [contact]}).json()
    assert found["code"] == "OK"
    kept = {"externalId": "a", "properties": {"email": "a@example.nl"}}
    api.put("/contact/a", {"purge": True, "contact": kept})
    shown = api.get("/contact/a").json()
    assert shown["properties"]["permissions"][0]["enabled"] and "+" in shown["created"]
    control("POST", "/contacts/a/opt-out")
    query = {"MPSearchQuery": "email=a@example.nl", "pageSize": 10}
    assert len(api.get("/contact/search", **query).json()["contacts"]) == 1
    assert api.save("b", email="a@example.nl").status_code == 204
    assert api.get("/contact/a").status_code == 200, "an id does not move by its address"
