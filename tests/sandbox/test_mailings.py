"""Mailings, histories and interactions: spotler-api.md §2.8."""

from typing import Any

import pytest

from tests.sandbox.clients import Api, Control

EVER = {"fromDate": "2000-01-01T00:00:00Z", "toDate": "2100-01-01T00:00:00Z"}


@pytest.fixture
def newest(api: Api, control: Control) -> dict[str, Any]:
    """A mailing of now, opened and clicked by one contact and bounced at another."""
    api.save("a", email="a@example.nl")
    api.save("b", email="b@example.nl")
    mailing: dict[str, Any] = control("POST", "/mailings", {"name": "Nieuws"})
    control("POST", "/contacts/a/mailings", {"opened": True, "clicked": True})
    control("POST", "/contacts/b/mailings", {"bounce": "HARD"})
    return mailing


def test_list(api: Api, legacy: Api, newest: dict[str, Any]) -> None:
    listed = api.get("/mailing", **EVER).json()
    assert len(listed) == 13 and listed[-1]["name"] == "Nieuws" and listed[-1]["sentCount"] == 2
    assert legacy.get("/mailing", **EVER).json() == listed  # Its dates are described as text.
    assert api.get("/mailing", fromDate="2000-01-01", toDate="2000-02-01").json() == []
    assert api.error(api.get("/mailing", toDate="2000-02-01")) == (400, "INVALID_PARAMS")


def test_details_and_statistics(api: Api, newest: dict[str, Any]) -> None:
    path = f"/mailing/{newest['encryptedId']}"
    assert api.get(path).json()["message"]["subject"] == "Nieuws"
    counts = api.get(f"{path}/statistics").json()
    wanted = {"sentCount": 2, "acceptedCount": 1, "openCount": 1, "clickCount": 1}
    assert {name: counts[name] for name in wanted} == wanted
    assert counts["hardbounceCount"] == 1


@pytest.mark.parametrize(
    ("kind", "expected"),
    [("recipients", ["a", "b"]), ("opens", ["a"]), ("clicks", ["a"]), ("bounces", ["b"])],
)
def test_who(api: Api, newest: dict[str, Any], kind: str, expected: list[str]) -> None:
    body = api.get(f"/mailing/{newest['encryptedId']}/{kind}").json()
    found = [item["contactIdentifier"]["externalId"] for item in body[kind]]
    assert found == expected
    if kind == "bounces":
        assert body[kind][0]["bounceDate"] and body[kind][0]["type"] == "HARDBOUNCE"


def test_of_one_contact(api: Api, newest: dict[str, Any]) -> None:
    path = f"/mailing/{newest['encryptedId']}"
    (opened,) = api.get(f"{path}/opens/a").json()["opens"]
    assert set(opened) == {"openDate"}
    (clicked,) = api.get(f"{path}/clicks/a").json()["clicks"]
    assert clicked["linkId"] == 1
    assert api.get(f"{path}/clicks/b").json()["clicks"] == []
    assert api.error(api.get(f"{path}/opens/nobody")) == (400, "INVALID_PARAMS")


def test_unknown_mailing(api: Api, newest: dict[str, Any]) -> None:
    for path in ("/mailing/x", "/mailing/x/statistics", "/mailing/x/opens", "/mailing/x/opens/a"):
        assert api.error(api.get(path)) == (404, "MAILING_NOTFOUND")
    wrong = f"/mailing/{newest['encryptedId']}/wrong"
    assert api.error(api.get(wrong)) == (404, "RESOURCE_NOT_FOUND")


def test_history_of_a_contact(api: Api, newest: dict[str, Any]) -> None:
    (item,) = api.get("/contact/a/mailings").json()["mailingHistories"]
    assert item["mailing"]["name"] == "Nieuws" and item["opened"] and item["clicked"]
    (item,) = api.get("/contact/b/mailings").json()["mailingHistories"]
    assert item["bounce"] == "HARDBOUNCE" and not item["opened"]
    assert api.error(api.get("/contact/x/mailings")) == (404, "CONTACT_NOT_FOUND")
    assert api.get("/contact/a/forms").json()["formHistories"] == []


def test_history_pages_are_fifty(api: Api, control: Control, newest: dict[str, Any]) -> None:
    for _ in range(59):
        control("POST", "/contacts/a/mailings")
    first = api.get("/contact/a/mailings", pageSize=10).json()
    assert len(first["mailingHistories"]) == 50
    rest = api.session.get(first["paging"]["next"]).json()
    assert len(rest["mailingHistories"]) == 10 and "next" not in rest["paging"]
    assert rest["mailingHistories"][-1]["clicked"] is True


def test_campaign_mail_has_a_history_of_its_own(api: Api) -> None:
    api.save("a", email="a@example.nl")
    trigger = api.get("/campaign/list").json()[0]["triggers"][0]["encryptedId"]
    api.post(f"/campaign/trigger/{trigger}", {"externalContactId": "a"})
    (item,) = api.get("/contact/a/campaign-mailings").json()["campaignMailingHistories"]
    assert item["campaignMailing"]["name"] == "Welkom bij Helder"
    assert item["campaignSubscriptionId"] == 1
    assert api.get("/contact/a/mailings").json()["mailingHistories"] == []


@pytest.mark.parametrize(
    ("kind", "count"), [("sent", 2), ("opened", 1), ("clicked", 1), ("bounced", 1)]
)
def test_interactions(api: Api, newest: dict[str, Any], kind: str, count: int) -> None:
    since = newest["scheduledStartDate"]
    body = api.get(f"/mailing-interaction/{kind}", fromDate=since).json()
    assert len(body["interactions"]) == count
    assert body["interactions"][0]["encryptedMailingId"] == newest["encryptedId"]
    assert len(api.get(f"/mailing-interaction/{kind}").json()["interactions"]) > count - 1


def test_other_interactions(api: Api, newest: dict[str, Any]) -> None:
    (bounce,) = api.get(
        "/mailing-interaction/bounced", fromDate=newest["scheduledStartDate"]
    ).json()["interactions"]
    assert bounce["bounceType"] == "HARD" and bounce["externalContactId"] == "b"
    assert api.error(api.get("/mailing-interaction/x")) == (404, "RESOURCE_NOT_FOUND")
    assert api.get("/trend-report").json()["trendReports"] == []
