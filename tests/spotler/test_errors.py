"""Every status and every odd body has one meaning."""

from __future__ import annotations

from typing import Any

import pytest
import responses

from spotler_plugin.spotler import (
    ContactOptedOut,
    ContactWrite,
    CredentialsRefused,
    Decision,
    InvalidAnswer,
    NotFound,
    RateLimited,
    Refused,
    SpotlerClient,
    SpotlerError,
    Unavailable,
    UnknownOutcome,
)

BASE = "https://spotler.test/integrationservice"
ALICE = ContactWrite("alice", {"email": "alice@example.nl"})

TABLE: list[tuple[int, Any, type[SpotlerError], Decision]] = [
    (400, {"errorType": "INVALID_PROPERTY"}, Refused, Decision.PERMANENT),
    (400, {"errorType": "CONTACT_OPTOUT"}, ContactOptedOut, Decision.PERMANENT),
    (403, {"errorType": "CONTACT_OPTOUT"}, ContactOptedOut, Decision.PERMANENT),
    (401, {"errorType": "AUTH_NOT_FOUND"}, CredentialsRefused, Decision.PERMANENT),
    (401, None, CredentialsRefused, Decision.PERMANENT),
    (403, {"errorType": "NOT_AUTHORIZED"}, CredentialsRefused, Decision.PERMANENT),
    (404, {"errorType": "CONTACT_NOT_FOUND"}, NotFound, Decision.PERMANENT),
    (405, None, Refused, Decision.PERMANENT),
    (408, None, Unavailable, Decision.RETRYABLE),
    (409, None, Refused, Decision.PERMANENT),
    (413, None, Refused, Decision.PERMANENT),
    (417, {"errorType": "INVALID_STATE"}, Refused, Decision.PERMANENT),
    (429, None, RateLimited, Decision.RETRYABLE),
    (500, {"errorType": "BACKEND_EXCEPTION"}, Unavailable, Decision.RETRYABLE),
    (503, None, Unavailable, Decision.RETRYABLE),
]


@pytest.mark.parametrize(("status", "body", "kind", "decision"), TABLE)
def test_statuses_of_a_write(
    client: SpotlerClient,
    mail_plus: responses.RequestsMock,
    status: int,
    body: Any,
    kind: type[SpotlerError],
    decision: Decision,
) -> None:
    _answer(mail_plus, "POST", "contact", status, body)
    with pytest.raises(SpotlerError) as caught:
        client.contacts.save(ALICE)
    assert type(caught.value) is kind
    assert caught.value.decision is decision
    assert caught.value.status == status
    assert caught.value.error_type == (body and body["errorType"])


@pytest.mark.parametrize("body", ["", "{}", "[1]", "null", '{"contacts": []}'])
def test_readable_but_not_what_was_promised(
    client: SpotlerClient, mail_plus: responses.RequestsMock, body: str
) -> None:
    mail_plus.get(f"{BASE}/campaign/list", body=body)
    mail_plus.get(f"{BASE}/contact/alice", body=body)
    mail_plus.post(f"{BASE}/contact/list", body=body)
    with pytest.raises(InvalidAnswer):
        client.campaigns.list()
    with pytest.raises(InvalidAnswer):
        client.contacts.get("alice")
    with pytest.raises(UnknownOutcome):
        client.contacts.save_many([ALICE])


def test_messages_do_not_repeat_what_spotler_quotes(
    client: SpotlerClient, mail_plus: responses.RequestsMock
) -> None:
    quoting = {"errorType": "alice@example.nl", "message": "alice@example.nl is invalid"}
    mail_plus.post(f"{BASE}/contact", status=400, json=quoting)
    with pytest.raises(Refused) as caught:
        client.contacts.save(ALICE)
    assert str(caught.value) == "POST contact: 400"
    assert caught.value.error_type is None


def _answer(
    mail_plus: responses.RequestsMock, method: str, path: str, status: int, body: Any
) -> None:
    if body is None:
        mail_plus.add(method, f"{BASE}/{path}", status=status, body="<html>nothing to read</html>")
    else:
        mail_plus.add(method, f"{BASE}/{path}", status=status, json=body)
