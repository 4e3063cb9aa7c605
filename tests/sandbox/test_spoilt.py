"""A wrong type in each place of each body, and odd texts in each parameter: never a wrong answer.

The client holds every answer against the official description.
"""

from __future__ import annotations

from typing import Any

import pytest
import requests

from tests.sandbox.clients import Api, Control
from tests.sandbox.spoiling import BODIES, CONTACT, DONE, ODD, is_wrong, places, spoilt

PERIOD = {"fromDate": "2024-01-01T00:00:00+01:00", "toDate": "2100-01-01"}
PAGE = {"after": "0", "pageSize": "3"}
QUERIES: dict[str, dict[str, str]] = {
    "/contact/updates/list": PERIOD | PAGE,
    "/contact/bounces/list": PERIOD | PAGE,
    "/contact/search": PAGE | {"MPSearchQuery": "country=Nederland"},
    "/contact/known/mailings": {"after": "0"},
    "/contact/known/campaign-mailings": {"after": "0"},
    "/mailing": PERIOD,
    "/mailing/{mailing}/opens": PAGE,
    "/mailing/{mailing}/clicks/known": PAGE,
    "/mailing-interaction/sent": PERIOD | PAGE,
}
TEXTS = (
    "", " ", "²", "-1", "1e3", str(2**31 - 1), str(2**31), "9" * 5000, "\0", "x" * 5000, "=", "a=",
    "email=\0", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "2024-02-30", "2024-W01-1T00:00Z",
)  # fmt: skip


@pytest.fixture
def ids(api: Api) -> dict[str, str]:
    """What the account calls things."""
    campaign = api.get("/campaign/list").json()[0]
    automation = api.get("/automation/list").json()[0]
    return {
        "campaign": campaign["encryptedId"],
        "trigger": campaign["triggers"][0]["encryptedId"],
        "code": automation["triggers"][0]["code"],
        "mailing": api.get("/mailing", **PERIOD).json()[0]["encryptedId"],
    }


@pytest.fixture
def begun(api: Api) -> None:
    """A contact, a group and a list that bodies refer to; a strict one asks what is taken."""
    api.session.headers["Accept"] = "application/json"
    assert api.post("/contact", {"contact": CONTACT}).status_code == 204
    assert api.post("/audience", {"externalId": "group", "name": "Group"}).status_code == 200
    lists = {"externalTemporaryListId": "list", "name": "List"}
    assert api.post("/templist", lists).status_code == 204


@pytest.mark.usefixtures("begun")
@pytest.mark.parametrize("call", BODIES)
def test_a_wrong_type_in_each_place(
    api: Api, ids: dict[str, str], control: Control, call: str
) -> None:
    control("PUT", "/settings/lenient")  # Which keeps whatever may be kept.
    method, path = call.format(**ids).split()
    url = api.root + path
    for place, right in places(BODIES[call]):
        for value in ODD:
            answer = api.session.request(method, url, json=spoilt(BODIES[call], place, value))
            assert answer.status_code in (DONE.get(call, 204), 400, 403, 404, 417), (place, value)
            said = answer.headers.get("Content-Type")
            assert said == (None if answer.status_code == 204 else "application/json")
            assert not (_was_done(answer) and is_wrong(place, right, value)), (place, value)
    assert api.get("/contact/updates/list", **PERIOD, pageSize=10_000).status_code == 200
    assert len(control("GET", "/enrolments")["enrolments"]) < 200
    assert api.get("/templist").status_code == 200


def _was_done(answer: requests.Response) -> bool:
    is_refused = '"code": ' in answer.text and '"code": "OK"' not in answer.text
    return answer.ok and not is_refused


@pytest.mark.usefixtures("begun")
@pytest.mark.parametrize("path", QUERIES)
def test_odd_texts_in_each_parameter(
    api: Api, ids: dict[str, str], control: Control, path: str
) -> None:
    control("PUT", "/settings/strict")  # Which does most with dates.
    query: dict[str, Any] = QUERIES[path]
    for name in query:
        for text in TEXTS:
            answer = api.get(path.format(**ids), **(query | {name: text}))
            assert answer.status_code in (200, 400), (name, text)
            assert answer.headers["Content-Type"] == "application/json"
