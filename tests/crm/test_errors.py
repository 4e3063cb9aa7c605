"""Every status, every odd body and every break of the line has one meaning."""

from __future__ import annotations

import pytest
import responses

from spotler_plugin.crm import (
    Conflict,
    CrmClient,
    CrmError,
    Decision,
    InvalidAnswer,
    NotFound,
    RateLimited,
    Refused,
    TokenRefused,
    Transport,
    Unavailable,
    UnknownOutcome,
)
from tests.rest.line import Line

BASE = "https://crm.test/api"
OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"


def client_of(url: str) -> CrmClient:
    return CrmClient(Transport(url, "the-token").with_timeout(0.1))


def change(client: CrmClient) -> None:
    client.contacts.patch(["alice"], {"note": "x"}, idempotency_key="k")


@pytest.mark.parametrize(
    ("status", "kind", "decision"),
    [
        (400, Refused, Decision.PERMANENT),
        (401, TokenRefused, Decision.PERMANENT),
        (403, TokenRefused, Decision.PERMANENT),
        (404, NotFound, Decision.PERMANENT),
        (408, Unavailable, Decision.RETRYABLE),
        (409, Conflict, Decision.RETRYABLE),
        (422, Refused, Decision.PERMANENT),
        (429, RateLimited, Decision.RETRYABLE),
        (500, Unavailable, Decision.RETRYABLE),
        (503, Unavailable, Decision.RETRYABLE),
    ],
)
@pytest.mark.parametrize("body", ["", "<html>", '{"error": "x"}'])
def test_statuses(
    client: CrmClient,
    wire: responses.RequestsMock,
    status: int,
    kind: type[CrmError],
    decision: Decision,
    body: str,
) -> None:
    wire.get(f"{BASE}/fields", status=status, body=body)
    wire.patch(f"{BASE}/contacts", status=status, body=body)
    for call in (client.fields.list, lambda: change(client)):
        with pytest.raises(CrmError) as caught:
            call()
        assert type(caught.value) is kind
        assert (caught.value.decision, caught.value.status) == (decision, status)


@pytest.mark.parametrize(
    ("status", "body"),
    [(200, "<html>"), (200, '{"fie'), (200, ""), (204, ""), (200, "[]"), (302, "")],
)
def test_unreadable_answers(
    client: CrmClient, wire: responses.RequestsMock, status: int, body: str
) -> None:
    wire.get(f"{BASE}/fields", status=status, body=body)
    wire.patch(f"{BASE}/contacts", status=status, body=body)
    with pytest.raises(InvalidAnswer):
        client.fields.list()
    with pytest.raises(UnknownOutcome):
        change(client)


def test_dropped_within_the_answer() -> None:
    half = OK + b"Content-Length: 500\r\n\r\n" + b'{"fields": ['
    with Line(half) as line, pytest.raises(InvalidAnswer):
        client_of(line.url).fields.list()
    with Line(half) as line, pytest.raises(UnknownOutcome):
        change(client_of(line.url))


def test_token_and_key_go_along_and_are_not_shown() -> None:
    with Line(OK + b"Content-Length: 27\r\n\r\n" + b'{"updated":[],"failed": []}') as line:
        change(client_of(line.url))
    assert b"Authorization: Bearer the-token" in line.received
    assert b"Idempotency-Key: k" in line.received
    transport = Transport(BASE, "the-token")
    assert "the-token" not in repr(transport) + repr(vars(transport))


def test_a_write_needs_a_key(client: CrmClient) -> None:
    with pytest.raises(ValueError, match="idempotency"):
        client.contacts.patch(["alice"], {}, idempotency_key="")


@pytest.mark.parametrize("token", ["two\nlines", "één"])
def test_tokens_that_cannot_be_sent(token: str) -> None:
    with pytest.raises(ValueError, match="token"):
        Transport(BASE, token)
