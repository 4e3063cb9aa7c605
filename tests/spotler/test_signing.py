"""The test vectors of spotler-api.md §1.3."""

from __future__ import annotations

from urllib.parse import unquote

import pytest
import requests
import responses

from spotler_plugin.spotler import SpotlerClient, connect
from spotler_plugin.spotler.auth import signer

HOST = "https://restapi.mailplus.nl"


@pytest.mark.parametrize(
    ("method", "path", "signature"),
    [
        ("POST", "/integrationservice/contact", "SLmDsf71HOKSjG7ridInHb3W/gM="),
        (
            "GET",
            "/integrationservice/contact/search?pageSize=10"
            "&MPSearchQuery=email%3Djan%2Btest%40example.nl",
            "35MeB+Ri+o/71jNC1spPJ1aTq5w=",
        ),
        (
            "GET",
            "/integrationservice-1.1.0/contact/updates/list"
            "?fromDate=2024-01-01T00%3A00%3A00%2B01%3A00"
            "&toDate=2024-01-02T00%3A00%3A00%2B01%3A00&pageSize=100",
            "ULrlhJttWpGxO5aCEfvLqK4s200=",
        ),
    ],
)
def test_vectors(method: str, path: str, signature: str) -> None:
    auth = signer("testkey", "testsecret")
    auth.client.nonce, auth.client.timestamp = "0123456789abcdef", "1700000000"
    body = {"contact": {"externalId": "1"}} if method == "POST" else None
    request = requests.Request(method, HOST + path, json=body, auth=auth).prepare()
    header = str(request.headers["Authorization"])
    assert f'oauth_signature="{signature}"' in unquote(header)
    assert "oauth_body_hash" not in header
    assert "oauth_token" not in header


def test_every_attempt_has_its_own_nonce(
    client: SpotlerClient, mail_plus: responses.RequestsMock
) -> None:
    mail_plus.get("https://spotler.test/integrationservice/campaign/list", json=[])
    client.campaigns.list()
    client.campaigns.list()
    first, second = (call.request.headers["Authorization"] for call in mail_plus.calls)
    assert first != second


def test_secrets_are_in_no_repr() -> None:
    printed = repr(signer("the-key", "the-secret"))
    assert "the-secret" not in printed
    assert "the-key" not in printed


def test_another_key_is_another_account() -> None:
    one, same, other = (connect("https://spotler.test/x", key, "secret") for key in "aab")
    session = one.contacts._transport._session
    assert session is same.contacts._transport._session
    assert session is not other.contacts._transport._session
