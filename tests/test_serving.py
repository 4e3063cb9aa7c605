"""The web server as it is in the field, without the proxy that belongs before it."""

from __future__ import annotations

import os
import socket
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from demo.ports import HOST, answers, free_ports
from demo.processes import Process, end, wait_until
from spotler_plugin.serving import SILENCE_SECONDS, threads

pytestmark = pytest.mark.long

HEAD = b"POST /launch HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\n"
HALVES = [HEAD, HEAD + b"Content-Length: 1000\r\n\r\ntoken="]


@pytest.fixture
def server(tmp_path: Path, empty: Path) -> Iterator[tuple[int, Path]]:
    """Its port and its log."""
    [port] = free_ports(1)
    log = tmp_path / "log"
    environ = {
        **os.environ,
        "DATABASE_URL": f"sqlite:///{empty}",
        "REDIS_URL": "unix:///nowhere",
        "SECRET_KEYS": Fernet.generate_key().decode(),
        "PUBLIC_URL": f"http://{HOST}:{port}",
        "WEB_CONCURRENCY": "1",
    }
    command = (sys.executable, "-m", "gunicorn", "wsgi:app", "--bind", f"{HOST}:{port}",
               "--config", "python:spotler_plugin.serving", "--graceful-timeout", "1")  # fmt: skip
    process = Process("web", command, Path.cwd(), environ, log)
    process.start()
    try:
        assert wait_until(lambda: answers(f"http://{HOST}:{port}/healthz"), 60)
        yield port, log
    finally:
        end([process])


def test_half_sent_forms_do_not_hold_it_for_ever(server: tuple[int, Path]) -> None:
    port, log = server
    with ExitStack() as stack:
        for number in range(threads + 2):
            line = stack.enter_context(socket.create_connection((HOST, port)))
            line.sendall(HALVES[number % 2])
        url = f"http://{HOST}:{port}/healthz"
        with urllib.request.urlopen(url, timeout=4 * SILENCE_SECONDS) as answer:
            assert answer.status == 200
    assert "Traceback" not in log.read_text() and "BlockingIOError" not in log.read_text()
