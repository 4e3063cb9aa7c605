"""Worker and scheduler as processes of their own, while their Redis is killed and filled."""

from __future__ import annotations

from pathlib import Path

import pytest

from demo.ports import Ports, answers
from demo.processes import wait_until
from demo.stack import Stack

pytestmark = pytest.mark.long

BOTH = ("worker", "scheduler")
PATIENCE = 60.0


def told(stack: Stack, event: str, times: int) -> bool:
    """Whether both have said so, so many times."""
    logs = ((stack.logs / f"{name}.log").read_text() for name in BOTH)
    names = (f'"{name}.{event}"' for name in BOTH)
    return all(log.count(name) == times for log, name in zip(logs, names, strict=True))


def test_they_outlive_a_redis_that_is_killed_and_one_that_is_full(tmp_path: Path) -> None:
    with Stack(tmp_path / "stack", Ports.free(), contacts=1) as stack:
        ready = f"{stack.plugin_url}/readyz"
        stack.kill("redis")
        assert wait_until(lambda: told(stack, "waits", 1), PATIENCE)
        assert not answers(ready)
        stack.start("redis")
        assert wait_until(lambda: told(stack, "continues", 1), PATIENCE)

        stack.redis.config_set("maxmemory", 1)
        assert wait_until(lambda: told(stack, "waits", 2), PATIENCE)
        assert not answers(ready)
        stack.redis.config_set("maxmemory", 0)
        assert wait_until(lambda: told(stack, "continues", 2), PATIENCE)

        stack.redis.flushall()
        taken = "spotler_plugin:rq:cron_schedulers"
        assert wait_until(lambda: stack.redis.exists(taken) == 1, PATIENCE), "the clock goes on"
        assert wait_until(lambda: answers(ready), PATIENCE)
        assert all(stack.running(name) for name in BOTH)
