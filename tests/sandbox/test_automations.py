"""Automations and old-module campaigns: spotler-api.md §2.4 and §2.5."""

from typing import Any

import pytest

from tests.sandbox.clients import Api, Control


@pytest.fixture
def codes(api: Api) -> dict[str, str]:
    """The first trigger code of each automation."""
    listed = api.get("/automation/list").json()
    return {each["name"]: each["triggers"][0]["code"] for each in listed}


@pytest.fixture
def contact(api: Api) -> dict[str, Any]:
    """A body that refers to a contact."""
    api.save("a", email="a@example.nl")
    return {"externalContactId": "a"}


def test_list_and_its_switches(api: Api, control: Control) -> None:
    listed = api.get("/automation/list").json()
    assert [each["name"] for each in listed] == [
        "download e-book",
        "Onboarding nieuwe klant",
        "Prospect lost - geen contact",
        "Prospect uitstel",
        "Survey post consult",
    ]
    assert [each["active"] for each in listed] == [True, True, True, True, False]
    assert set(listed[0]) == {"id", "name", "active", "triggers"}
    assert set(listed[0]["triggers"][0]) == {"code", "name", "fields"}
    control.set(automation_list_path="/automations")
    assert api.get("/automation/list").status_code == 404
    assert api.get("/automations").json() == listed
    control.set(automation_list=False)
    assert api.get("/automations").status_code == 404


def test_start(api: Api, control: Control, codes: dict[str, str], contact: dict[str, Any]) -> None:
    fields = [{"name": "titel", "value": "Gids"}]
    body = {**contact, "automationFields": fields}
    answer = api.post(f"/automation/trigger/{codes['download e-book']}", body)
    assert answer.status_code == 200
    (result,) = answer.json()["automationResults"]
    assert answer.json()["result"] == result["result"] == "OK"
    (run,) = control("GET", "/enrolments?externalId=a")["enrolments"]
    assert run["automationContactId"] == result["automationContactId"]
    assert run["fields"] == fields and run["automation"] == "download e-book"
    assert control("GET", "/contacts/a")["enrolments"] == [run]
    assert control("GET", "")["enrolments"] == 1


def test_start_without_the_newer_id(
    api: Api, control: Control, codes: dict[str, str], contact: dict[str, Any]
) -> None:
    control.set(automation_contact_id=False)
    answer = api.post(f"/automation/trigger/{codes['Prospect uitstel']}", contact).json()
    assert set(answer["automationResults"][0]) == {"automationId", "result"}


@pytest.mark.parametrize("code", ["11111111-2222-3333-4444-555555555555", "geen-uuid"])
def test_unknown_trigger(api: Api, contact: dict[str, Any], code: str) -> None:
    answer = api.post(f"/automation/trigger/{code}", contact)
    assert (answer.status_code, answer.json()) == (404, {"result": "TRIGGER_NOTFOUND"})


def test_unknown_contact(api: Api, codes: dict[str, str]) -> None:
    path = f"/automation/trigger/{codes['download e-book']}"
    answer = api.post(path, {"externalContactId": "nobody"})
    assert (answer.status_code, answer.json()) == (404, {"result": "CONTACT_NOTFOUND"})


def test_not_triggered(
    api: Api, control: Control, codes: dict[str, str], contact: dict[str, Any]
) -> None:
    def sub_code(name: str) -> tuple[int, str, str]:
        answer = api.post(f"/automation/trigger/{codes[name]}", contact)
        body = answer.json()
        return answer.status_code, body["result"], body["automationResults"][0]["result"]

    inactive = sub_code("Survey post consult")
    assert inactive == (417, "NOT_TRIGGERED", "AUTOMATION_INACTIVE")
    assert sub_code("Onboarding nieuwe klant")[0] == 200
    again = sub_code("Onboarding nieuwe klant")
    assert again == (417, "NOT_TRIGGERED", "PARTICIPATION_LIMIT_REACHED")
    control("POST", "/contacts/a/opt-out")
    answer = api.post(f"/automation/trigger/{codes['Prospect uitstel']}", contact)
    assert answer.status_code == 417
    assert answer.json() == {"result": "NOT_TRIGGERED", "automationResults": []}
    assert control("GET", "/enrolments")["total"] == 1


def test_one_code_can_start_several(
    api: Api, control: Control, codes: dict[str, str], contact: dict[str, Any]
) -> None:
    code = codes["Survey post consult"]
    control("POST", "/automations", {"name": "Intern", "triggers": [{"code": code}]})
    answer = api.post(f"/automation/trigger/{code}", contact)
    results = [each["result"] for each in answer.json()["automationResults"]]
    assert (answer.status_code, results) == (200, ["AUTOMATION_INACTIVE", "OK"])


def test_fields_need_unique_names(api: Api, codes: dict[str, str], contact: dict[str, Any]) -> None:
    path = f"/automation/trigger/{codes['download e-book']}"
    for fields in ([{"name": "x"}, {"name": "x"}], [{"value": "1"}], ["x"], 7):
        answer = api.post(path, {**contact, "automationFields": fields})
        assert api.error(answer) == (400, "INVALID_PARAMS")


def test_stop(api: Api, codes: dict[str, str], contact: dict[str, Any]) -> None:
    flow = api.get("/automation/list").json()[0]
    path = f"/automation/{flow['id']}/stop"
    assert api.error(api.post(path, contact)) == (404, "RESOURCE_NOT_FOUND")
    api.post(f"/automation/trigger/{codes[flow['name']]}", contact)
    assert api.post(path, contact).status_code == 204
    answer = api.post(path, {"externalContactId": "nobody"})
    assert api.error(answer) == (400, "CONTACT_NOT_FOUND")


def test_publishing(api: Api, control: Control, codes: dict[str, str]) -> None:
    (survey,) = (a for a in control("GET", "/automations")["automations"] if not a["active"])
    assert control("PUT", f"/automations/{survey['id']}", {"active": True})["active"] is True


def test_campaign_list(api: Api, legacy: Api) -> None:
    listed = api.get("/campaign/list").json()
    assert legacy.get("/campaign/list").json() == listed
    assert [each["active"] for each in listed] == [True, True, False, True]
    assert set(listed[0]["triggers"][0]) == {"encryptedId", "name"}
    assert "triggers" not in listed[3]


def test_campaign_start_and_stop(api: Api, control: Control, contact: dict[str, Any]) -> None:
    welcome, _, ended, _ = api.get("/campaign/list").json()
    start = f"/campaign/trigger/{welcome['triggers'][0]['encryptedId']}"
    stop = f"/campaign/{welcome['encryptedId']}/stop"
    assert api.error(api.post(stop, contact)) == (400, "INVALID_STATE")
    assert api.post(start, contact).status_code == 204
    assert api.error(api.post(start, contact)) == (400, "INVALID_STATE")
    assert control("GET", "/contacts/a")["campaigns"][0]["campaign"] == "Welkomstcampagne"
    assert api.post(stop, contact).status_code == 204
    over = f"/campaign/trigger/{ended['triggers'][0]['encryptedId']}"
    assert api.error(api.post(over, contact)) == (400, "INVALID_STATE")


def test_campaign_errors(api: Api, control: Control, contact: dict[str, Any]) -> None:
    welcome = api.get("/campaign/list").json()[0]
    start = f"/campaign/trigger/{welcome['triggers'][0]['encryptedId']}"
    nobody = {"externalContactId": "nobody"}
    assert api.error(api.post("/campaign/trigger/x", contact)) == (404, "TRIGGER_NOTFOUND")
    assert api.error(api.post(start, nobody)) == (400, "CONTACT_NOT_FOUND")
    assert api.error(api.post("/campaign/x/stop", contact)) == (404, "CAMPAIGN_NOTFOUND")
    assert api.error(api.get("/campaign/x/mailing")) == (404, "CAMPAIGN_NOTFOUND")
    assert len(api.get(f"/campaign/{welcome['encryptedId']}/mailing").json()) == 2
    control("POST", "/contacts/a/opt-out")
    assert api.error(api.post(start, contact)) == (400, "CONTACT_OPTOUT")
