"""Faults: what a client has to live through."""

from typing import Any

import pytest
import requests

from tests.sandbox.clients import Api, Control

CONTACT = {"update": True, "contact": {"externalId": "a", "properties": {"email": "a@b.nl"}}}


def test_rate_limit(api: Api, control: Control) -> None:
    control.fault("rate_limit", times=1, retry_after=7)
    limited = api.get("/campaign/list")
    assert (limited.status_code, limited.headers["Retry-After"]) == (429, "7")
    assert api.get("/campaign/list").status_code == 200
    control.fault("rate_limit", retry_after=None)
    assert "Retry-After" not in api.get("/campaign/list").headers


def test_more_calls_than_allowed(api: Api, control: Control) -> None:
    control.set(calls_per_second=3)
    answers = [api.get("/campaign/list").status_code for _ in range(20)]
    assert answers[:3] == [200, 200, 200] and 429 in answers


@pytest.mark.parametrize(
    ("kind", "status", "content"),
    [
        ("backend_exception", 500, "BACKEND_EXCEPTION"),
        ("unavailable", 503, "<h1>Service Unavailable</h1>"),
        ("html", 200, "<html>"),
        ("half_json", 200, "{"),
        ("unauthorized", 401, "AUTH_NOT_FOUND"),
        ("forbidden", 403, "NOT_AUTHORIZED"),
    ],
)
@pytest.mark.parametrize("when", ["before", "after"])
def test_wrong_answers(
    api: Api, control: Control, kind: str, status: int, content: str, when: str
) -> None:
    control.fault(kind, when=when, times=1)
    answer = api.post("/contact", CONTACT)
    assert answer.status_code == status and content in answer.text
    assert api.get("/contact/a").status_code == (200 if when == "after" else 404)


def test_half_json_is_half_of_the_real_answer(api: Api, control: Control) -> None:
    whole = api.get("/campaign/list")
    control.fault("half_json", when="after", times=1)
    half = api.get("/campaign/list")
    assert half.status_code == 200 and whole.content.startswith(half.content)
    with pytest.raises(ValueError):
        half.json()


@pytest.mark.parametrize("when", ["before", "after"])
def test_dropped_connection(api: Api, control: Control, when: str) -> None:
    api.get("/campaign/list")  # The connection is open and gets reused.
    control.fault("drop", when=when, times=1)
    with pytest.raises(requests.ConnectionError):
        api.post("/contact", CONTACT)
    assert api.get("/contact/a").status_code == (200 if when == "after" else 404)
    dropped = control("GET", "/calls?path=/contact&method=POST")["calls"]
    assert [(call["status"], call["fault"]) for call in dropped] == [(None, "drop")]


def test_limited_to_method_and_path(api: Api, control: Control) -> None:
    control.fault("backend_exception", method="POST", path="/automation/*")
    assert api.post("/contact", CONTACT).status_code == 204
    assert api.get("/automation/list").status_code == 200
    assert api.post("/automation/trigger/x", {}).status_code == 500


def test_probability_is_seeded(api: Api, control: Control) -> None:
    def outcomes() -> list[int]:
        control("PUT", "/faults", {"faults": [{"kind": "unavailable", "probability": 0.5}]})
        return [api.get("/campaign/list").status_code for _ in range(20)]

    first = outcomes()
    assert set(first) == {200, 503} and outcomes() == first


def test_faults_are_listed_and_taken_away(api: Api, control: Control) -> None:
    control.fault("html", times=3)
    control.fault("drop")
    api.get("/campaign/list")
    first, second = control("GET", "/faults")["faults"]
    assert (first["hits"], first["times"], second["kind"]) == (1, 2, "drop")
    assert control("DELETE", f"/faults/{first['id']}")["faults"] == [second]
    assert control("DELETE", "/faults")["faults"] == []
    assert api.get("/campaign/list").status_code == 200


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"kind": "earthquake"},
        {"kind": ["drop"]},
        {"kind": "drop", "when": "never"},
        {"kind": "drop", "x": 1},
        {"kind": "drop", "times": "3"},
        {"kind": "drop", "probability": None},
        {"kind": "drop", "path": 7},
        {"kind": "delay", "seconds": "3"},
    ],
)
def test_faults_that_do_not_exist(api: Api, control: Control, body: dict[str, Any]) -> None:
    answer = control.session.post(f"{control.root}/faults", json=body)
    assert answer.status_code == 400
    assert api.get("/campaign/list").status_code == 200


def test_latency_and_delay(api: Api, control: Control) -> None:
    control.set(latency=[0.02, 0.03])
    control.fault("delay", seconds=0.02, times=1)
    for _ in range(2):
        api.get("/campaign/list")
    slow, normal = (call["durationMs"] for call in control("GET", "/calls")["calls"])
    assert slow >= 40 and normal >= 20
