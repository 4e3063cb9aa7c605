"""The mail of a contact: two lists in one, newest first."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import responses
from requests import PreparedRequest

from spotler_plugin.spotler import Sent, SpotlerClient

BASE = "https://spotler.test/integrationservice"
MAILINGS = f"{BASE}/contact/alice/mailings"
CAMPAIGNS = f"{BASE}/contact/alice/campaign-mailings"
START = datetime(2026, 1, 1, tzinfo=UTC)


def mailing(day: int, **more: Any) -> dict[str, Any]:
    sent = (START + timedelta(days=day)).isoformat()
    return {"mailing": {"name": f"M{day}"}, "sentDate": sent, "opened": True} | more


def serve(
    mail_plus: responses.RequestsMock, url: str, rows: str, items: list[dict[str, Any]]
) -> None:
    def answer(request: PreparedRequest) -> tuple[int, dict[str, str], str]:
        after = int(parse_qs(urlsplit(str(request.url)).query)["after"][0])
        page = {"paging": {"after": after}, rows: items[after : after + 50]}
        return 200, {}, json.dumps(page)

    mail_plus.add_callback("GET", url, answer)


def test_both_lists_newest_first(client: SpotlerClient, mail_plus: responses.RequestsMock) -> None:
    serve(mail_plus, MAILINGS, "mailingHistories", [mailing(1), mailing(3, clicked=True)])
    campaign = {
        "campaignMailing": {"name": "C2"},
        "sentDate": (START + timedelta(days=2)).isoformat(),
        "opened": False,
        "bounce": {"type": "HARD"},
    }
    serve(mail_plus, CAMPAIGNS, "campaignMailingHistories", [campaign, {"campaignMailing": None}])
    assert client.mailings.history("alice") == [
        Sent("M3", "mailing", START + timedelta(days=3), True, True, False),
        Sent("C2", "campaign", START + timedelta(days=2), False, False, True),
        Sent("M1", "mailing", START + timedelta(days=1), True, False, False),
        Sent("", "campaign", None, False, False, False),
    ]


def test_a_list_that_is_newest_first_is_not_read_to_its_end(
    client: SpotlerClient, mail_plus: responses.RequestsMock
) -> None:
    serve(mail_plus, MAILINGS, "mailingHistories", [mailing(day) for day in range(120, 0, -1)])
    serve(mail_plus, CAMPAIGNS, "campaignMailingHistories", [])
    assert client.mailings.history("alice", 2)[0].name == "M120"
    assert len(mail_plus.calls) == 2


def test_a_list_that_is_oldest_first_is(
    client: SpotlerClient, mail_plus: responses.RequestsMock
) -> None:
    serve(mail_plus, MAILINGS, "mailingHistories", [mailing(day) for day in range(120)])
    serve(mail_plus, CAMPAIGNS, "campaignMailingHistories", [])
    assert [sent.name for sent in client.mailings.history("alice", 2)] == ["M119", "M118"]


def test_unknown_contact(client: SpotlerClient, mail_plus: responses.RequestsMock) -> None:
    mail_plus.get(MAILINGS, status=404, json={"errorType": "CONTACT_NOT_FOUND"})
    mail_plus.get(CAMPAIGNS, status=404, json={"errorType": "CONTACT_NOT_FOUND"})
    assert client.mailings.history("alice") == []
