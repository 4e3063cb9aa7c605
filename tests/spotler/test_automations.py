"""Starting automations and campaigns: it started, it did not, or nobody knows."""

from __future__ import annotations

import json
from typing import Any

import pytest
import responses

from spotler_plugin.spotler import (
    Automation,
    AutomationTrigger,
    Campaign,
    CampaignTrigger,
    ContactOptedOut,
    CredentialsRefused,
    InvalidAnswer,
    NotFound,
    RateLimited,
    Refused,
    SpotlerClient,
    SpotlerError,
    Transport,
    TriggerResult,
    Unavailable,
    UnknownOutcome,
)

BASE = "https://spotler.test/integrationservice"
TRIGGER = f"{BASE}/automation/trigger/code"
CAMPAIGN = f"{BASE}/campaign/trigger/enc"


@pytest.mark.parametrize(
    ("status", "body", "result"),
    [
        (
            200,
            {"result": "OK", "automationResults": [{"automationId": "a", "result": "OK"}]},
            TriggerResult(True, "OK", (("a", "OK"),)),
        ),
        (200, {"result": "OK", "automationContactId": 5}, TriggerResult(True, "OK")),
        (
            417,
            {
                "result": "NOT_TRIGGERED",
                "automationResults": [
                    {"automationId": "a", "result": "AUTOMATION_INACTIVE"},
                    {"automationId": "b", "result": "PARTICIPATION_LIMIT_REACHED"},
                ],
            },
            TriggerResult(
                False,
                "NOT_TRIGGERED",
                (("a", "AUTOMATION_INACTIVE"), ("b", "PARTICIPATION_LIMIT_REACHED")),
            ),
        ),
        (404, {"result": "TRIGGER_NOTFOUND"}, TriggerResult(False, "TRIGGER_NOTFOUND")),
        (404, {"errorType": "TRIGGER_NOTFOUND"}, TriggerResult(False, "TRIGGER_NOTFOUND")),
        (404, {"result": "CONTACT_NOTFOUND"}, TriggerResult(False, "CONTACT_NOTFOUND")),
    ],
)
def test_trigger(
    client: SpotlerClient,
    mail_plus: responses.RequestsMock,
    status: int,
    body: Any,
    result: TriggerResult,
) -> None:
    mail_plus.post(TRIGGER, status=status, json=body)
    assert client.automations.trigger("code", "alice") == result
    assert json.loads(mail_plus.calls[0].request.body or b"") == {"externalContactId": "alice"}


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (200, "<html>", UnknownOutcome),
        (200, '{"result": "O', UnknownOutcome),
        (200, "", UnknownOutcome),
        (200, "[]", UnknownOutcome),
        (200, '{"result": "UNKNOWN"}', UnknownOutcome),
        (404, '{"result": "OK"', NotFound),
        (404, '{"result": "SOMETHING"}', UnknownOutcome),
        (404, '{"result": "OK"}', UnknownOutcome),
        (417, '{"result": "OK", "automationResults": []}', UnknownOutcome),
        (404, "<html>no such path</html>", NotFound),
        (417, "<html>", Refused),
        (302, "", UnknownOutcome),
        (400, '{"errorType": "CONTACT_OPTOUT"}', ContactOptedOut),
        (417, '{"errorType": "CONTACT_OPTOUT"}', ContactOptedOut),
        (401, "", CredentialsRefused),
        (408, "", UnknownOutcome),
        (429, "", RateLimited),
        (500, '{"errorType": "BACKEND_EXCEPTION"}', UnknownOutcome),
        (503, "", UnknownOutcome),
    ],
)
def test_trigger_without_a_clear_answer(
    client: SpotlerClient,
    mail_plus: responses.RequestsMock,
    status: int,
    body: str,
    error: type[SpotlerError],
) -> None:
    mail_plus.post(TRIGGER, status=status, body=body)
    with pytest.raises(SpotlerError) as caught:
        client.automations.trigger("code", "alice")
    assert type(caught.value) is error


def test_trigger_needs_code_and_contact(client: SpotlerClient) -> None:
    for code, contact in (("", "alice"), ("code", "")):
        with pytest.raises(ValueError, match="id"):
            client.automations.trigger(code, contact)
        with pytest.raises(ValueError, match="id"):
            client.campaigns.trigger(code, contact)


LISTED = {
    "id": "a",
    "name": "Welkom",
    "active": True,
    "triggers": [{"code": "c", "name": "Nieuw", "fields": []}, {"name": "without a code"}],
}


@pytest.mark.parametrize("body", [[LISTED], {"automations": [LISTED]}])
def test_list(client: SpotlerClient, mail_plus: responses.RequestsMock, body: Any) -> None:
    mail_plus.get(f"{BASE}/automation/list", json=body)
    assert client.automations.list() == [
        Automation("a", "Welkom", True, (AutomationTrigger("c", "Nieuw"),))
    ]


@pytest.mark.parametrize("status", [404, 405])
def test_no_list(client: SpotlerClient, mail_plus: responses.RequestsMock, status: int) -> None:
    mail_plus.get(f"{BASE}/automation/list", status=status, body="<html>")
    assert client.automations.list() is None


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [(400, "", Refused), (503, "", Unavailable), (200, "{}", InvalidAnswer), (200, "[{}]", None)],
)
def test_a_list_that_fails_is_not_an_empty_one(
    client: SpotlerClient,
    mail_plus: responses.RequestsMock,
    status: int,
    body: str,
    error: type[SpotlerError] | None,
) -> None:
    mail_plus.get(f"{BASE}/automation/list", status=status, body=body)
    with pytest.raises(error or InvalidAnswer):
        client.automations.list()


def test_the_path_of_the_list_is_a_setting(mail_plus: responses.RequestsMock) -> None:
    mail_plus.get(f"{BASE}/automations", json=[])
    transport = Transport(BASE, "key", "secret")
    assert SpotlerClient(transport, automation_list_path="automations").automations.list() == []


def test_campaigns(client: SpotlerClient, mail_plus: responses.RequestsMock) -> None:
    listed = [
        {"encryptedId": "1", "name": "Oud", "active": False},
        {"encryptedId": "2", "active": True, "triggers": [{"encryptedId": "t", "name": "Aan"}]},
    ]
    mail_plus.get(f"{BASE}/campaign/list", json=listed)
    assert client.campaigns.list() == [
        Campaign("1", "Oud", False),
        Campaign("2", "", True, (CampaignTrigger("t", "Aan"),)),
    ]


@pytest.mark.parametrize(
    ("status", "body", "result"),
    [
        (204, "", TriggerResult(True, "OK")),
        (404, '{"errorType": "TRIGGER_NOTFOUND"}', TriggerResult(False, "TRIGGER_NOTFOUND")),
        (400, '{"errorType": "INVALID_STATE"}', TriggerResult(False, "INVALID_STATE")),
    ],
)
def test_campaign_trigger(
    client: SpotlerClient,
    mail_plus: responses.RequestsMock,
    status: int,
    body: str,
    result: TriggerResult,
) -> None:
    mail_plus.post(CAMPAIGN, status=status, body=body)
    assert client.campaigns.trigger("enc", "alice") == result


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (200, "<html>", UnknownOutcome),
        (200, "{}", UnknownOutcome),
        (500, "", UnknownOutcome),
        (429, "", RateLimited),
        (400, "<html>", Refused),
        (400, '{"errorType": "CONTACT_OPTOUT"}', ContactOptedOut),
    ],
)
def test_campaign_trigger_without_a_clear_answer(
    client: SpotlerClient,
    mail_plus: responses.RequestsMock,
    status: int,
    body: str,
    error: type[SpotlerError],
) -> None:
    mail_plus.post(CAMPAIGN, status=status, body=body)
    with pytest.raises(SpotlerError) as caught:
        client.campaigns.trigger("enc", "alice")
    assert type(caught.value) is error


def test_campaign_stop(client: SpotlerClient, mail_plus: responses.RequestsMock) -> None:
    mail_plus.post(f"{BASE}/campaign/enc/stop", status=204)
    client.campaigns.stop("enc", "alice")
    mail_plus.post(f"{BASE}/campaign/gone/stop", status=404, json={"errorType": "X"})
    with pytest.raises(NotFound):
        client.campaigns.stop("gone", "alice")
