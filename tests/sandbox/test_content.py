"""What a call must say of its body, and of the answer that it takes: spotler-api.md §1.2."""

from __future__ import annotations

import json

import pytest

from tests.sandbox.clients import Api, Control

BODY = json.dumps({"update": True, "contact": {"externalId": "a"}}).encode()


@pytest.mark.parametrize(
    ("said", "status", "when_strict"),
    [
        ("application/json", 400, 400),
        ("Application/JSON; charset=UTF-8", 400, 400),
        (None, 400, 415),
        ("application/xml", 415, 415),
        ("text/plain", 415, 415),
        ("multipart/form-data; boundary=x", 415, 415),
        ("application/vnd.api+json", 415, 415),
        (";;;", 400, 415),
    ],
)
def test_a_body_says_what_it_is(
    api: Api, control: Control, said: str | None, status: int, when_strict: int
) -> None:
    """400: the contact has neither address nor number. A published client names no body."""
    headers = {"Accept": "application/json"} | ({"Content-Type": said} if said else {})
    for expected in (status, when_strict):
        answer = api.session.post(f"{api.root}/contact", data=BODY, headers=headers)
        assert answer.status_code == expected
        assert ("errorType" in answer.text) is (expected == 400)
        control.set(json_by_default=False)


def test_without_a_body_nothing_is_to_be_said(api: Api, control: Control) -> None:
    api.save("a", email="a@example.nl")
    assert api.session.put(f"{api.root}/contact/inactivate/a").status_code == 204
    named = {"Content-Type": "application/xml"}
    assert api.session.get(f"{api.root}/contact/a", headers=named).status_code == 200


@pytest.mark.parametrize(
    ("taken", "status", "when_strict"),
    [
        ("application/json", 200, 200),
        ("application/xml;q=0.9, application/json", 200, 200),
        ("*/*", 200, 406),
        ("application/*; q=0.5, text/html", 200, 406),
        ("", 200, 406),
        (",,", 200, 406),
        ("application/xml", 406, 406),
        ("text/html", 406, 406),
        ("application/json;q=0", 406, 406),
        ("application/json;q=0, */*", 406, 406),
    ],
)
def test_who_takes_no_json_gets_none(
    api: Api, control: Control, taken: str, status: int, when_strict: int
) -> None:
    """What comes unasked is not known: it may be XML."""
    for expected in (status, when_strict):
        answer = api.session.get(f"{api.root}/campaign/list", headers={"Accept": taken})
        assert answer.status_code == expected
        control.set(json_by_default=False)


def test_the_key_is_looked_at_first(api: Api) -> None:
    stranger = Api(api.root, key="other")
    answer = stranger.session.post(f"{api.root}/contact", data=BODY)
    assert answer.status_code == 401
    stranger.session.close()
