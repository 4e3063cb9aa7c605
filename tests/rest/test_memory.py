"""No answer makes a worker large, whatever it unpacks to; each is read by a process of its own."""

from __future__ import annotations

import gzip
import sys
from collections.abc import Callable, Iterator
from subprocess import PIPE, Popen

import pytest

from spotler_plugin.rest.body import MOST_VALUES
from spotler_plugin.rest.transport import MAX_BYTES
from tests.rest.line import Line

MOST_MB = 300
WORKER = """
import os, sys
import spotler_plugin.jobs.run
from spotler_plugin import spotler
for url in sys.stdin:
    if os.fork() == 0:
        try:
            spotler.connect(url.strip(), "key", "secret").properties.list()
            print("read", end=" ")
        except spotler.InvalidAnswer:
            print("refused", end=" ")
        # Not ru_maxrss, which a child takes over from whoever started it.
        status = open("/proc/self/status")
        print([line.split()[1] for line in status if line.startswith("VmHWM")][0], flush=True)
        os._exit(0)
    os.wait()
"""
"""Reads each answer in a process that is forked for it, as for a job."""


@pytest.fixture(scope="module")
def worker() -> Iterator[Popen[str]]:
    with Popen([sys.executable, "-c", WORKER], stdin=PIPE, stdout=PIPE, text=True) as worker:
        yield worker


def ask(worker: Popen[str], url: str) -> list[str]:
    """Let it read what is there; how that ended, and how many kilobytes it took."""
    assert worker.stdin is not None and worker.stdout is not None
    worker.stdin.write(f"{url}\n")
    worker.stdin.flush()
    return worker.stdout.readline().split()


def filled(piece: bytes, size: int) -> bytes:
    return b"[" + piece * (size // len(piece)) + b"0]"


def within(piece: bytes, values: int) -> bytes:
    """As many values as are just read."""
    return filled(piece, len(piece) * (MOST_VALUES - 2) // values)


def keyed() -> bytes:
    return b"{" + b",".join(b'"%d":"%d"' % (n, n) for n in range(MOST_VALUES - 2)) + b"}"


@pytest.mark.parametrize(
    ("body", "ending"),
    [
        (lambda: filled(b"{},", 60 * MAX_BYTES // 16), "refused"),
        (lambda: filled(b"{},", MAX_BYTES - 10), "refused"),
        (lambda: within(b'{"a":1},', 2), "refused"),
        (lambda: within(b'"abcde",', 1), "refused"),
        (lambda: b'["' + "\U0001f600".encode() + b"x" * (MAX_BYTES - 20) + b'"]', "refused"),
        (keyed, "refused"),
        (lambda: b'[{"name":"a","type":"b"}]', "read"),
    ],
    ids=["bomb", "objects", "pairs", "texts", "wide text", "keys", "fine"],
)  # fmt: skip
def test_a_worker_stays_small(worker: Popen[str], body: Callable[[], bytes], ending: str) -> None:
    packed = gzip.compress(body(), 6)
    head = f"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {len(packed)}\r\n\r\n"
    with Line(head.encode() + packed) as line:
        how, kilobytes = ask(worker, line.url)
    assert how == ending
    assert int(kilobytes) / 1024 < MOST_MB
