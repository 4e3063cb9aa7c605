"""``updates/list``, ``bounces/list`` and ``search``: spotler-api.md §2.1, §2.2, §5."""

from datetime import UTC, datetime
from typing import Any

import pytest

from demo.spotler.server import Sandbox
from tests.sandbox.clients import Api, Control

EVER = {"fromDate": "2000-01-01T00:00:00+01:00", "toDate": "2100-01-01T00:00:00Z"}


def walk(api: Api, path: str, key: str, **query: Any) -> list[dict[str, Any]]:
    """All items, following ``next``."""
    answer = api.get(path, **query)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = list(answer.json()[key])
    following = answer.json()["paging"].get("next")
    while following:
        assert following.startswith(api.root)
        page = api.session.get(following).json()
        found.extend(page[key])
        following = page["paging"].get("next")
    return found


def test_pages_hold_everybody_once_in_order_of_change(api: Api, sandbox: Sandbox) -> None:
    contacts = walk(api, "/contact/updates/list", "contacts", **EVER, pageSize=25)
    assert len(contacts) == len(sandbox.state.account.directory)
    assert len({contact["encryptedId"] for contact in contacts}) == len(contacts)
    moments = [datetime.fromisoformat(contact["lastChanged"]) for contact in contacts]
    assert moments == sorted(moments)


def test_last_page_has_no_next(api: Api) -> None:
    paging = api.get("/contact/updates/list", **EVER, pageSize=10_000).json()["paging"]
    assert paging == {"after": 0}


def test_every_kind_of_change_shows(api: Api, control: Control) -> None:
    since = datetime.now(UTC).isoformat(timespec="milliseconds")
    api.save("a", email="a@example.nl")
    control("POST", "/contacts/andermans@example.nl/permissions", {"bit": 2, "enabled": True})
    control("POST", "/contacts/bestaand@example.nl/opt-out")
    window = {"fromDate": since, "toDate": EVER["toDate"], "pageSize": 10}
    contacts = api.get("/contact/updates/list", **window).json()["contacts"]
    assert [contact["properties"]["email"] for contact in contacts] == [
        "a@example.nl",
        "andermans@example.nl",
        "bestaand@example.nl",
    ]
    assert contacts[2]["channels"][0] == {"name": "EMAIL", "value": False}


def test_window_is_respected(api: Api, control: Control) -> None:
    planted = {"externalId": "old", "email": "old@example.nl"}
    planted |= {"created": "2010-01-01T00:00:00Z", "lastChanged": "2010-05-05T12:00:00+02:00"}
    control("POST", "/contacts", {"contacts": [planted]})
    window = {"fromDate": "2010-05-05T09:59:59Z", "toDate": "2010-05-05", "pageSize": 10}
    assert api.get("/contact/updates/list", **window).json()["contacts"] == []
    window["toDate"] = "2010-05-06"
    contacts = api.get("/contact/updates/list", **window).json()["contacts"]
    assert [contact["externalId"] for contact in contacts] == ["old"]


def test_pinned_base_gives_a_bare_array_and_needs_no_page_size(legacy: Api) -> None:
    contacts = legacy.get("/contact/updates/list", **EVER).json()
    assert isinstance(contacts, list) and isinstance(contacts[0]["lastChanged"], int)
    bounces = legacy.get("/contact/bounces/list", **EVER).json()
    assert isinstance(bounces, list) and isinstance(bounces[0]["date"], int)


@pytest.mark.parametrize("path", ["/contact/updates/list", "/contact/bounces/list"])
@pytest.mark.parametrize(
    "query",
    [
        {"pageSize": 10},
        {"fromDate": EVER["fromDate"], "pageSize": 10},
        {**EVER, "toDate": "morgen", "pageSize": 10},
        {**EVER, "fromDate": "20240101", "pageSize": 10},
        {**EVER, "fromDate": "0001-01-01T00:00:00", "pageSize": 10},
        {**EVER},
        {**EVER, "pageSize": 0},
        {**EVER, "pageSize": "veel"},
    ],
)
def test_bad_windows(api: Api, path: str, query: dict[str, Any]) -> None:
    assert api.error(api.get(path, **query)) == (400, "INVALID_PARAMS")


def test_unencoded_plus_in_a_date_is_refused(api: Api) -> None:
    query = "fromDate=2024-01-01T00:00:00+01:00&toDate=2024-01-02&pageSize=10"
    answer = api.session.get(f"{api.root}/contact/updates/list?{query}")
    assert answer.status_code in (400, 401)


def test_bounces(api: Api, control: Control) -> None:
    api.save("a", email="a@example.nl")
    since = datetime.now(UTC).isoformat(timespec="milliseconds")
    control("POST", "/contacts/a/bounce", {"type": "SOFT"})
    control("POST", "/contacts/a/bounce", {"type": "HARD"})
    window = {"fromDate": since, "toDate": EVER["toDate"], "pageSize": 1}
    bounces = walk(api, "/contact/bounces/list", "bounces", **window)
    assert [bounce["type"] for bounce in bounces] == ["SOFTBOUNCE", "HARDBOUNCE"]
    assert bounces[0]["contact"]["externalId"] == "a" and bounces[0]["encryptedActId"]


def test_search(api: Api) -> None:
    def found(query: str) -> list[Any]:
        answer = api.get("/contact/search", pageSize=500, MPSearchQuery=query)
        assert answer.status_code == 200, answer.text
        return list(answer.json()["contacts"])

    api.save("plus", email="jan+test@example.nl", lastName="Uniek")
    assert [each["externalId"] for each in found("email=JAN+test@example.nl")] == ["plus"]
    assert [each["externalId"] for each in found("lastName=Uniek")] == ["plus"]
    assert [each["externalId"] for each in found("externalId=plus")] == ["plus"]
    assert found("lastName=uniek") == [] and found("email=niemand@example.nl") == []
    assert len(found("country=Nederland")) > 100


def test_search_pages(api: Api) -> None:
    query = {"MPSearchQuery": "country=Nederland", "pageSize": 33}
    contacts = walk(api, "/contact/search", "contacts", **query)
    assert len({contact["encryptedId"] for contact in contacts}) == len(contacts) > 100


@pytest.mark.parametrize(
    "query",
    [
        {"MPSearchQuery": "email=a@b.nl"},
        {"pageSize": 10},
        {"pageSize": 10, "MPSearchQuery": "email"},
        {"pageSize": 10, "MPSearchQuery": "onbekend=1"},
        {"pageSize": 10, "MPSearchQuery": "permissions=1"},
    ],
)
def test_bad_searches(api: Api, query: dict[str, Any]) -> None:
    assert api.error(api.get("/contact/search", **query)) == (400, "INVALID_PARAMS")


def test_order_survives_many_changes_of_few_contacts(api: Api, sandbox: Sandbox) -> None:
    directory = sandbox.state.account.directory
    some = list(directory)[:3]
    for _ in range(1000):
        for contact in some:
            directory.touch(contact)
    directory.remove(some[1])
    contacts = walk(api, "/contact/updates/list", "contacts", **EVER, pageSize=100)
    assert len(contacts) == len(directory)
    assert [each["encryptedId"] for each in contacts[-2:]] == [
        some[0].encrypted_id,
        some[2].encrypted_id,
    ]
