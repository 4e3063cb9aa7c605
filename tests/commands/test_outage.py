"""Worker and scheduler as processes of their own, while their Redis is killed and filled."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import requests

from demo.ports import Ports, answers
from demo.processes import wait_until
from demo.stack import ROOT, Stack

pytestmark = pytest.mark.long

BOTH = ("worker", "scheduler")
PATIENCE = 60.0
GOES_ON = 45.0
"""Seconds after Redis is back in which what was saved without it is done: a third
of it where the machine does nothing else."""


def told(stack: Stack, event: str, times: int) -> bool:
    """Whether both have said so, so many times."""
    logs = ((stack.logs / f"{name}.log").read_text() for name in BOTH)
    names = (f'"{name}.{event}"' for name in BOTH)
    return all(log.count(name) == times for log, name in zip(logs, names, strict=True))


def save(stack: Stack) -> None:
    """Somebody presses Opslaan."""
    command = (sys.executable, "-m", "tests.commands.saving")
    subprocess.run(command, cwd=ROOT, env=stack.environ, check=True)


def is_done(stack: Stack) -> bool:
    """Whether all that was saved came to its end."""
    where = f"file:{stack.state / 'plugin.sqlite3'}?mode=ro"
    with closing(sqlite3.connect(where, uri=True)) as database:
        states = {state for (state,) in database.execute("SELECT state FROM run")}
    return states == {"finished"}


def spotler(stack: Stack, method: str, path: str, **body: Any) -> dict[str, Any]:
    """The sandbox's control interface."""
    url = f"{stack.spotler_url}/_sandbox{path}"
    answer = requests.request(method, url, json=body or None, timeout=5)
    answer.raise_for_status()
    found: dict[str, Any] = answer.json()
    return found


def test_they_outlive_a_redis_that_is_killed_and_one_that_is_full(tmp_path: Path) -> None:
    with Stack(tmp_path / "stack", Ports.free(), contacts=1) as stack:
        ready = f"{stack.plugin_url}/readyz"
        stack.kill("redis")
        assert wait_until(lambda: told(stack, "waits", 1), PATIENCE)
        assert not answers(ready)
        save(stack)
        assert not is_done(stack)
        stack.start("redis")
        assert wait_until(lambda: is_done(stack), GOES_ON)
        assert wait_until(lambda: told(stack, "continues", 1), PATIENCE)

        spotler(stack, "PUT", "/settings", latency=2)
        spotler(stack, "DELETE", "/calls")
        save(stack)
        busy = "/calls?path=/contact*"
        assert wait_until(lambda: bool(spotler(stack, "GET", busy)["calls"]), PATIENCE)
        stack.kill("redis")
        save(stack)
        spotler(stack, "PUT", "/settings", latency=0)
        assert wait_until(lambda: told(stack, "waits", 2), PATIENCE), "the job under way ended"
        assert not is_done(stack)
        stack.start("redis")
        assert wait_until(lambda: is_done(stack), GOES_ON)
        assert wait_until(lambda: told(stack, "continues", 2), PATIENCE)

        stack.redis.config_set("maxmemory", 1)
        assert wait_until(lambda: told(stack, "waits", 3), PATIENCE)
        assert not answers(ready)
        stack.redis.config_set("maxmemory", 0)
        assert wait_until(lambda: told(stack, "continues", 3), PATIENCE)

        stack.redis.flushall()
        taken = "spotler_plugin:rq:cron_schedulers"
        assert wait_until(lambda: stack.redis.exists(taken) == 1, PATIENCE), "the clock goes on"
        assert wait_until(lambda: answers(ready), PATIENCE)
        assert all(stack.running(name) for name in BOTH)
