"""The CRM's API fails on request."""

from itertools import islice

import pytest
import requests
from flask.testing import FlaskClient

from demo.crm.crm import Crm
from demo.crm.server import DemoCrm


@pytest.mark.parametrize("status", [401, 404, 409, 429, 500, 503])
def test_a_status_for_one_call(client: FlaskClient, bearer: dict[str, str], status: int) -> None:
    fault = {"kind": str(status), "calls": 1, "retry_after": 7}
    client.post("/_demo/faults", json=fault)
    failed = client.get("/api/fields", headers=bearer)
    assert failed.status_code == status
    assert failed.headers.get("Retry-After") == ("7" if status in (429, 503) else None)
    assert client.get("/api/fields", headers=bearer).status_code == 200


@pytest.mark.parametrize("kind", ["html", "half", "empty"])
def test_an_answer_that_is_not_json(client: FlaskClient, bearer: dict[str, str], kind: str) -> None:
    client.post("/_demo/faults", json={"kind": kind})
    for _ in range(3):
        answer = client.get("/api/fields", headers=bearer)
        assert answer.status_code == 200
        assert answer.get_json(silent=True) is None
    client.delete("/_demo/faults")
    assert client.get("/api/fields", headers=bearer).json is not None


def test_a_fault_for_one_path(client: FlaskClient, bearer: dict[str, str]) -> None:
    fault = {"kind": "500", "path": "/contacts", "method": "GET"}
    client.post("/_demo/faults", json=fault)
    assert client.get("/api/fields", headers=bearer).status_code == 200
    assert client.get("/api/contacts", headers=bearer).status_code == 500


def test_a_connection_that_breaks(running: DemoCrm, bearer: dict[str, str]) -> None:
    requests.post(f"{running.origin}/_demo/faults", json={"kind": "drop", "calls": 1}, timeout=5)
    with pytest.raises(requests.ConnectionError):
        requests.get(f"{running.api_url}/fields", headers=bearer, timeout=5)
    assert requests.get(f"{running.api_url}/fields", headers=bearer, timeout=5).ok


def test_an_answer_that_drips(running: DemoCrm, bearer: dict[str, str]) -> None:
    fault = {"kind": "drip", "calls": 1, "seconds": 60}
    requests.post(f"{running.origin}/_demo/faults", json=fault, timeout=5)
    url = f"{running.api_url}/fields"
    with requests.get(url, headers=bearer, timeout=5, stream=True) as answer:
        assert list(islice(answer.iter_content(1), 3)) == [b" "] * 3
    assert requests.get(url, headers=bearer, timeout=5).ok


def test_a_fault_after_the_call_was_carried_out(
    client: FlaskClient, data: Crm, bearer: dict[str, str]
) -> None:
    zoe = data.contacts.add({"email": "zoe@example.nl"})
    client.post("/_demo/faults", json={"kind": "503", "calls": 1, "when": "after"})
    asked = {"ids": [zoe.id], "changes": {"note": "Nieuw"}}
    headers = bearer | {"Idempotency-Key": "k"}
    assert client.patch("/api/contacts", json=asked, headers=headers).status_code == 503
    changed = data.contacts.find(zoe.id)
    assert changed is not None and changed.fields["note"] == "Nieuw"
    assert client.patch("/api/contacts", json=asked, headers=headers).status_code == 200
    assert data.contacts.find(zoe.id) == changed


def test_an_unknown_fault_is_refused(client: FlaskClient) -> None:
    assert client.post("/_demo/faults", json={"kind": "flood"}).status_code == 400
    assert client.post("/_demo/faults", json={"kind": "500", "when": "now"}).status_code == 400


def test_calls_are_written_down(client: FlaskClient, bearer: dict[str, str]) -> None:
    client.get("/api/contacts?ids=a", headers=bearer)
    client.post("/_demo/faults", json={"kind": "503", "calls": 1})
    client.get("/api/fields", headers=bearer)
    first, second = client.get("/_demo/calls").get_json()["calls"]
    assert (first["method"], first["path"], first["query"], first["status"]) == (
        "GET",
        "/contacts",
        {"ids": "a"},
        200,
    )
    assert (second["path"], second["fault"], second["status"]) == ("/fields", "503", 503)
    assert client.delete("/_demo/calls").json == {"calls": []}
