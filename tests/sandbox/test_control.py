"""The control interface: what arrived, and contacts put there or changed from outside."""

from threading import Barrier, Thread

import pytest
import requests

from demo.spotler.server import Sandbox
from tests.sandbox.clients import Api, Control


def test_calls_are_kept_and_filtered(api: Api, control: Control) -> None:
    api.save("a", email="a@example.nl")
    api.get("/contact/a")
    api.get("/contact/b")
    kept = control("GET", "/calls")
    assert kept["total"] == 3
    first = kept["calls"][0]
    assert (first["method"], first["path"], first["status"]) == ("POST", "/contact", 204)
    assert first["base"] == "/integrationservice" and first["contacts"] == ["a"]
    assert '"email": "a@example.nl"' in first["body"] and first["durationMs"] > 0
    assert [call["path"] for call in control("GET", "/calls?status=404")["calls"]] == ["/contact/b"]
    assert len(control("GET", "/calls?method=GET&path=/contact/*")["calls"]) == 2
    assert len(control("GET", "/calls?contact=a")["calls"]) == 1
    assert [call["number"] for call in control("GET", "/calls?after=1&limit=1")["calls"]] == [3]
    assert "body" not in control("GET", "/calls?body=no")["calls"][0]
    assert control("DELETE", "/calls") == {"total": 0, "calls": []}


def test_statistics(api: Api, control: Control) -> None:
    items = [{"externalId": x, "properties": {"email": f"{x}@example.nl"}} for x in "abc"]
    api.post("/contact/list", {"contacts": items})
    api.get("/contact/zz")
    counted = control("GET", "/statistics")
    assert counted["calls"] == 2 and counted["maxCallsInASecond"] >= 1
    assert counted["endpoints"] == {
        "GET /contact/<external_id>": {"calls": 1, "contacts": 0, "404": 1},
        "POST /contact/list": {"calls": 1, "contacts": 3, "200": 1},
    }
    assert counted["overlappingContactWrites"] == 0 and counted["maxConcurrentCalls"] == 1


def test_overlapping_writes_of_one_contact_are_counted(sandbox: Sandbox, control: Control) -> None:
    control.set(latency=0.15)
    together = Barrier(3)

    def write(external_id: str) -> None:
        api = Api(sandbox.base_url)
        together.wait()
        api.save(external_id, email=f"{external_id}@example.nl")
        api.session.close()

    threads = [Thread(target=write, args=(external_id,)) for external_id in ("a", "a", "b")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    counted = control("GET", "/statistics")
    assert counted["maxConcurrentCalls"] == 3
    assert counted["overlappingContactWrites"] == 1
    assert counted["maxConcurrentWritesOfOneContact"] == 2
    assert counted["overlappedContacts"] == {"a": 2}


def test_settings(control: Control) -> None:
    assert control("GET", "/settings")["dedup_by_email"] is True
    assert control("PUT", "/settings", {"dedup_by_email": False})["dedup_by_email"] is False
    for wrong in (
        {"wrong": 1},
        {"latency": "slow"},
        {"latency": [1]},
        {"auth_failure": "404"},
        {"dedup_by_email": 0},
        {"calls_per_second": None},
    ):
        answer = control.session.put(f"{control.root}/settings", json=wrong)
        assert answer.status_code == 400


def test_planting_and_finding(api: Api, control: Control) -> None:
    planted = {
        "externalId": "p1",
        "email": "p1@example.nl",
        "properties": {"firstName": "Plant"},
        "permissions": [1, 4],
        "sets": {"profileFields": [2]},
        "standing": "hard_bounce",
        "testGroup": True,
        "created": "2020-01-01T00:00:00Z",
        "lastChanged": "2021-01-01T00:00:00Z",
    }
    bare = {"email": "bare@example.nl"}
    assert control("POST", "/contacts", {"contacts": [planted, bare]})["contacts"] == 2
    contact = api.get("/contact/p1").json()
    assert contact["lastChanged"] == "2021-01-01T01:00:00.000+01:00" and contact["testGroup"]
    shown = control("GET", "/contacts/p1")
    assert shown["standing"] == "hard_bounce" and shown["status"] == "Inactief: hard bounce"
    assert shown["permissions"] == ["Yoobi Maandelijkse nieuwsbrief", "Yoobi Beheerder"]
    assert "externalId" not in control("GET", "/contacts/bare@example.nl")
    control("POST", "/contacts", {"contacts": [{"externalId": "p1", "standing": "active"}]})
    assert control("GET", f"/contacts/{shown['encryptedId']}")["standing"] == "active"
    control("DELETE", "/contacts/p1")
    assert api.get("/contact/p1").status_code == 404


def test_contacts_are_paged(control: Control, sandbox: Sandbox) -> None:
    everybody = len(sandbox.state.account.directory)
    page = control("GET", "/contacts?limit=100")
    assert (page["total"], page["next"], len(page["contacts"])) == (everybody, 100, 100)
    rest = control("GET", "/contacts?limit=100&after=100")
    assert rest["next"] is None and len(rest["contacts"]) == everybody - 100
    assert control("GET", "/contacts?q=bestaand")["total"] == 1


def test_what_a_recipient_does(api: Api, control: Control) -> None:
    on = [{"bit": 1, "enabled": True}]
    api.save("a", email="a@example.nl", permissions=on)
    control("POST", "/contacts/a/permissions", {"bit": 1, "enabled": False})
    control("POST", "/contacts/a/permissions", {"bit": 2, "enabled": True})
    assert control("GET", "/contacts/a")["permissions"] == ["Yoobi Kwartaal nieuwsbrief"]
    kept = control("POST", "/contacts/a/opt-out")
    assert kept["standing"] == "opt_out" and len(kept["permissions"]) == 1
    off = control("POST", "/contacts/a/opt-out", {"permissions": "off"})
    assert off["permissions"] == []
    control("POST", "/contacts/a/standing", {"standing": "active"})
    assert control("POST", "/contacts/a/bounce")["standing"] == "hard_bounce"


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("GET", "/contacts/nobody", None, 404),
        ("GET", "/nothing", None, 404),
        ("DELETE", "/settings", None, 405),
        ("POST", "/contacts/andermans@example.nl/permissions", {"bit": 3, "enabled": True}, 400),
        ("POST", "/contacts/andermans@example.nl/permissions", {}, 400),
        ("POST", "/contacts/andermans@example.nl/bounce", {"type": "MILD"}, 400),
        ("POST", "/contacts/andermans@example.nl/standing", {"standing": "asleep"}, 400),
        ("POST", "/contacts", {"contacts": [{"naam": "x"}]}, 400),
        ("POST", "/contacts", {"contacts": "x"}, 400),
        ("PUT", "/faults", {}, 400),
        ("PUT", "/credentials", {"key": 1}, 400),
        ("POST", "/automations", {}, 400),
        ("PUT", "/automations/x", {}, 404),
        ("PUT", "/permissions/3", {"description": "x"}, 404),
        ("PUT", "/properties/x", {"type": "wrong"}, 400),
    ],
)
def test_mistakes(control: Control, method: str, path: str, body: object, status: int) -> None:
    answer = control.session.request(method, control.root + path, json=body)
    assert answer.status_code == status and answer.json()["message"]


def test_permissions_come_and_go(control: Control) -> None:
    assert control("PUT", "/permissions/1", {"description": "Nieuwsbrief"})["bit"] == 1
    left = control("DELETE", "/permissions/2")["entries"]
    assert [entry["bit"] for entry in left] == [1, 4, 8, 16, 32, 64, 128]


def test_reset_gives_the_same_account_again(control: Control, sandbox: Sandbox) -> None:
    before = control("GET", "/contacts/bestaand@example.nl")["encryptedId"]
    control.set(dedup_by_email=False)
    control.fault("drop")
    assert control("POST", "/reset", {"empty": True}) == {"contacts": 0}
    assert control("POST", "/reset", {"empty": False})["contacts"] == 144
    assert control("GET", "/contacts/bestaand@example.nl")["encryptedId"] == before
    assert control("GET", "/faults")["faults"] == []
    assert control("GET", "/settings")["dedup_by_email"] is True


def test_control_needs_no_signature_and_counts_no_call(sandbox: Sandbox) -> None:
    answer = requests.get(f"{sandbox.url}/_sandbox", timeout=5)
    assert answer.status_code == 200 and answer.json()["calls"] == 0
