"""One pooled session per process and account."""

from __future__ import annotations

import os
import pickle

import pytest
import responses

from spotler_plugin.spotler import CredentialsRefused, RateLimited, Transport, connect

BASE = "https://spotler.test/integrationservice"


def session_of(key: str, secret: str = "secret") -> object:
    client = connect(BASE, key, secret)
    return client.contacts._transport._session


def test_one_session_per_account() -> None:
    assert session_of("a") is session_of("a")
    assert session_of("a") is not session_of("b")
    assert session_of("a") is not session_of("a", "another secret")


def test_a_forked_worker_has_its_own() -> None:
    ours = session_of("forked")
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.write(writer, b"own" if session_of("forked") is not ours else b"the parent's")
        finally:
            os._exit(0)
    os.close(writer)
    os.waitpid(child, 0)
    with os.fdopen(reader, "rb") as pipe:
        assert pipe.read() == b"own"


def test_hooks_belong_to_the_client(mail_plus: responses.RequestsMock) -> None:
    mail_plus.get(f"{BASE}/campaign/list", json=[])
    calls: list[str] = []
    first = connect(BASE, "k", "s", pace=lambda: calls.append("first"))
    second = connect(BASE, "k", "s", pace=lambda: calls.append("second"))
    first.campaigns.list()
    second.campaigns.list()
    assert calls == ["first", "second"]


@pytest.mark.parametrize("url", ["", "restapi.mailplus.nl", "file:///etc/passwd", "https://"])
def test_bases_that_are_none(url: str) -> None:
    with pytest.raises(ValueError, match="http"):
        Transport(url, "key", "secret")


def test_an_error_survives_a_queue() -> None:
    error = pickle.loads(pickle.dumps(RateLimited("m", status=429, retry_after=3.0)))
    assert (type(error), error.status, error.retry_after) == (RateLimited, 429, 3.0)
    assert str(CredentialsRefused("POST contact: 401")) == "POST contact: 401"
