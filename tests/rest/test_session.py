"""One pooled session per process and secret, which takes nothing from its surroundings."""

from __future__ import annotations

import logging
import os
from pathlib import Path
from typing import Any

import pytest
import responses

from tests.rest.conftest import BASE
from tests.rest.line import Line, free_port_url
from tests.rest.sides import Side


def answer_of(side: Side, *headers: str) -> bytes:
    head = ["HTTP/1.1 200 OK", f"Content-Length: {len(side.answer)}", *headers, "", side.answer]
    return "\r\n".join(head).encode()


def session_of(side: Side, secret: str) -> object:
    return side.session(side.connect(BASE, secret))


def test_one_session_per_secret(side: Side) -> None:
    assert session_of(side, "a") is session_of(side, "a")
    assert session_of(side, "a") is not session_of(side, "b")
    assert session_of(side, "a") is not side.session(side.connect(f"{BASE}/other", "a"))


def test_a_forked_worker_has_its_own(side: Side) -> None:
    ours = session_of(side, "forked")
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.write(writer, b"own" if session_of(side, "forked") is not ours else b"the parent's")
        finally:
            os._exit(0)
    os.close(writer)
    os.waitpid(child, 0)
    with os.fdopen(reader, "rb") as pipe:
        assert pipe.read() == b"own"


def test_hooks_belong_to_the_client(side: Side, wire: responses.RequestsMock) -> None:
    wire.get(f"{BASE}/{side.read_path}", body=side.answer)
    calls: list[object] = []
    first = side.connect(BASE, "s", pace=lambda: calls.append("first"))
    second = side.connect(BASE, "s", observe=lambda *call: calls.append((call[0], call[2])))
    side.read(first)
    side.read(second)
    assert side.session(first) is side.session(second)
    assert calls == ["first", (f"GET {side.read_path}", 200)]


def test_the_time_out_belongs_to_the_client(side: Side) -> None:
    with Line(None) as line:
        patient = side.connect(line.url, "s")
        hasty = side.connect(line.url, "s", read_timeout=0.1)
        assert side.session(hasty) is side.session(patient)
        with pytest.raises(side.unknown, match="in time"):
            side.read(hasty)


def test_no_proxy_and_no_netrc(side: Side, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "netrc").write_text("default login somebody password else\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, free_port_url())
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    with Line(answer_of(side)) as line:
        side.read(side.at(line.url))
    assert f"GET /api/{side.read_path}".encode() in line.received
    assert b"Authorization: Basic" not in line.received


def test_no_cookie_is_kept(side: Side, client: Any, wire: responses.RequestsMock) -> None:
    cookie = {"Set-Cookie": "a=b; Path=/"}
    wire.get(f"{BASE}/{side.read_path}", body=side.answer, headers=cookie)
    side.read(client)
    side.read(client)
    assert [call.request.headers.get("Cookie") for call in wire.calls] == [None, None]


def test_secrets_are_in_no_repr(side: Side) -> None:
    transport = side.transport(BASE)
    assert repr(transport) == "<Transport to other.test>"
    printed = repr(transport) + repr(vars(transport))
    assert "the-secret" not in printed
    assert "the-key" not in printed


def test_nothing_of_a_call_is_logged(side: Side, caplog: pytest.LogCaptureFixture) -> None:
    done = b"HTTP/1.1 204 No Content\r\n\r\n"
    with caplog.at_level(logging.DEBUG), Line(done) as line:
        side.write(side.at(line.url), "somebody")
    assert b"somebody" in line.received
    assert caplog.text == ""
