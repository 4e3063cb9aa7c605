"""The sandbox as a server: alone, several at a time, and how it ends."""

import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest
import requests

from demo.spotler.__main__ import parse_latency
from demo.spotler.server import Sandbox
from tests.sandbox.clients import Api, Control

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_alone_and_stopped_by_a_signal(number: signal.Signals) -> None:
    command = [sys.executable, "-m", "demo.spotler", "--port", "0", "--empty", "--latency", "0"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            url = process.stdout.readline().split()[2]
            with requests.Session() as session:  # Its connection stays open while it ends.
                assert session.get(f"{url}/_sandbox").json()["contacts"] == 0
                # As of a terminal and of who started it, both at once.
                for each in (number, signal.SIGTERM, signal.SIGINT) * 5:
                    process.send_signal(each)
                assert process.wait(timeout=60) == 0
        finally:
            process.kill()


def test_latency_options() -> None:
    assert parse_latency("0.05") == 0.05
    assert parse_latency("0.4-1.6") == [0.4, 1.6]


def test_two_sandboxes_share_nothing() -> None:
    with Sandbox(empty=True) as one, Sandbox() as other:
        assert one.url != other.url
        api = Api(one.base_url)
        api.save("a", email="a@example.nl")
        api.session.close()
        assert one.state.account.directory.by_external_id("a") is not None
        assert other.state.account.directory.by_external_id("a") is None


def test_ending_does_not_wait_for_a_slow_answer() -> None:
    before = set(threading.enumerate())
    sandbox = Sandbox(empty=True, latency=30).start()
    api = Api(sandbox.base_url)
    with pytest.raises(requests.Timeout):
        api.session.get(f"{sandbox.base_url}/campaign/list", timeout=0.05)
    sandbox.stop()
    api.session.close()
    assert set(threading.enumerate()) <= before


def test_connections_are_kept(sandbox: Sandbox) -> None:
    with requests.Session() as session:
        with session.get(f"{sandbox.url}/_sandbox", stream=True) as answer:
            first = answer.raw.version, answer.headers.get("Connection")
            answer.json()
        assert first == (11, None)


def test_a_body_in_chunks(control: Control) -> None:
    parts = [b'{"contacts": [{"extern', b'alId": "chunked"}]}']
    for path, status in (("/contacts", 201), ("/nothing", 404), ("/contacts", 201)):
        sent = control.session.post(control.root + path, data=iter(parts))
        assert sent.status_code == status
    assert control("GET", "/contacts/chunked")["externalId"] == "chunked"


def test_head_is_get_without_its_body(api: Api) -> None:
    whole = api.get("/campaign/list")
    head = api.session.head(f"{api.root}/campaign/list")
    assert head.content == b"" and head.headers == whole.headers
    assert api.get("/campaign/list").content == whole.content
