"""No answer makes a worker large, whatever it unpacks to; each is read by a process of its own."""

from __future__ import annotations

import gzip
import subprocess
import sys
from collections.abc import Callable

import pytest

from spotler_plugin.rest.body import MOST_VALUES
from spotler_plugin.rest.transport import MAX_BYTES
from tests.rest.line import Line

MOST_MB = 300
WORKER = """
import resource, sys
import spotler_plugin.jobs.run
from spotler_plugin import spotler
try:
    spotler.connect(sys.argv[1], "key", "secret").properties.list()
    print("read", end=" ")
except spotler.InvalidAnswer:
    print("refused", end=" ")
# Not ru_maxrss, which a child takes over from whoever started it.
print([line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM")][0])
"""


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
def test_a_worker_stays_small(body: Callable[[], bytes], ending: str) -> None:
    packed = gzip.compress(body(), 6)
    head = f"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {len(packed)}\r\n\r\n"
    with Line(head.encode() + packed) as line:
        done = subprocess.run(
            [sys.executable, "-c", WORKER, line.url], capture_output=True, text=True, check=True
        )
    how, kilobytes = done.stdout.split()
    assert how == ending
    assert int(kilobytes) / 1024 < MOST_MB
