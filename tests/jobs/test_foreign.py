"""Redis as others can reach it: our keys bear our name, and what stands there is never code."""

from __future__ import annotations

import json
import pickle
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from rq import Worker, cron_scheduler_registry
from rq.job import Job

from demo.crm.server import DemoCrm
from spotler_plugin.extensions import REDIS_PREFIX, redis_server
from spotler_plugin.jobs import launch
from spotler_plugin.jobs.queue import processes
from spotler_plugin.jobs.queue.enqueue import NAME, enqueue, has_urgent_job, queue
from spotler_plugin.jobs.queue.registry import JOBS
from spotler_plugin.jobs.queue.worker import AppWorker
from spotler_plugin.jobs.schedule import scheduler
from spotler_plugin.models import Environment
from spotler_plugin.services.account.limiter import redis_keys
from spotler_plugin.services.account.throttle import throttle_of
from spotler_plugin.services.account.vitals import read_vitals
from spotler_plugin.services.calls.count import Side, read_calls
from tests.jobs.test_run import click, large_run

NOBODYS = 1_000_000
"""Of no other test: for seconds after it the process does without Redis."""
TEXTS = [b"text", b"\xff\xfe"]
HASHES: list[dict[Any, Any]] = [
    {"no number": "one"},
    {"paused_until": "soon", "failures": "many", "open_until": b"\xff", "last_good": "nan"},
    {"paused_until": "1e300", "failures": "9", "open_until": "-1e300", "last_good": "inf"},
    {b"\xff": "1", "a": "b", "GET x|2xx|0": "one", "GET x|2xx|99": "1", "GET x|2xx|ms": b"\xff"},
]


def leave(key: str, junk: dict[Any, Any] | bytes) -> None:
    redis = redis_server.queue
    redis.delete(key)
    redis.set(key, junk) if isinstance(junk, bytes) else redis.hset(key, mapping=junk)


def work(app: Flask) -> None:
    AppWorker(app).work(burst=True)


def test_all_keys_bear_our_name(
    app: Flask, acme: Environment, crm: DemoCrm, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: set[Any] = set()
    clock = scheduler()
    clock.register_birth()
    clock.enqueue_jobs()
    large_run(acme)
    click(acme, crm.data.contacts.ids("")[0])
    seen.update(redis_server.queue.keys())
    work(app)
    redis_server.check()
    throttle_of(acme.id, person=True).enter()
    seen.update(redis_server.queue.keys())
    assert len(seen) > 10
    assert {key for key in seen if not key.startswith(REDIS_PREFIX.encode())} == set()


def test_a_job_is_json(app: Flask) -> None:
    enqueue(launch.forget_used)
    clock = scheduler()
    clock.enqueue_jobs()
    jobs = [queue().fetch_job(each) for each in queue().job_ids]
    kept = [json.loads(each.data) for each in jobs if each]
    assert len(kept) == 1 + len(clock.get_jobs())
    assert kept[0] == ["spotler_plugin.jobs.launch.forget_used", None, [], {}]
    assert {each[0] for each in kept} <= JOBS.keys()


class Touch:
    """What a pickle of it does when it is read."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return (Path.touch, (self._path,))


def put(**fields: str | bytes) -> None:
    """A job as somebody else writes it into our queue."""
    redis = redis_server.queue
    known: dict[Any, Any] = {
        "created_at": "2026-11-25T12:00:00.000000Z", "origin": NAME, "timeout": 10
    }  # fmt: skip
    redis.hset(Job.key_for("foreign"), mapping=known | fields)
    redis.rpush(queue().key, "foreign")


def test_a_pickle_is_not_read(app: Flask, tmp_path: Path) -> None:
    touched = tmp_path / "touched"
    put(data=pickle.dumps(Touch(touched)), meta=pickle.dumps(Touch(touched)))
    enqueue(launch.forget_used)
    work(app)
    assert not touched.exists() and queue().count == 0


@pytest.mark.parametrize("field", ["", "success_callback_name", "failure_callback_name"])
def test_no_other_function_is_called(app: Flask, tmp_path: Path, field: str) -> None:
    touched = tmp_path / "touched"
    named = {field: f"{__name__}.touches"} if field else {}
    put(data=json.dumps(["os.mkdir", None, [str(touched)], {}]), **named)
    work(app)
    put(data=json.dumps(["spotler_plugin.jobs.launch.forget_used", None, [], {}]), **named)
    work(app)
    assert not touched.exists() and not CALLED


CALLED: list[object] = []


def touches(*arguments: object) -> None:
    CALLED.append(arguments)


@pytest.mark.parametrize(
    "data",
    [b"", b"\xff", b"1", b"[1, 2, 3, 4]", b'[["a"], null, null, null]', b"[" * 100_000,
     b'["spotler_plugin.jobs.run.advance", null, [1, "no uuid"], {}]',
     b'["spotler_plugin.jobs.run.advance", null, 7, {"a": 1}]',
     b'["spotler_plugin.jobs.run.advance", "popen", [], {}]'],
)  # fmt: skip
def test_what_is_no_job_fails_and_the_worker_goes_on(app: Flask, data: bytes) -> None:
    put(data=data)
    enqueue(launch.forget_used)
    work(app)
    assert queue().count == 0


@pytest.mark.parametrize("junk", [*TEXTS, *HASHES])
def test_what_is_not_ours_counts_as_nothing(app: Flask, junk: dict[Any, Any] | bytes) -> None:
    names = [queue().key, Worker.redis_workers_keys, f"{Worker.redis_workers_keys}:{NAME}",
             cron_scheduler_registry.get_registry_key()]  # fmt: skip
    for key in (Side.SPOTLER.key, *redis_keys(NOBODYS), *names):
        leave(key, junk)
    pace = throttle_of(NOBODYS, person=True)
    pace.enter()
    pace.leave("GET x", 0.1, 200, None)
    read_vitals(NOBODYS)
    read_calls(Side.SPOTLER)
    processes.seen()
    assert not has_urgent_job()


def test_an_entry_that_is_not_ours_hides_no_other(app: Flask) -> None:
    redis = redis_server.queue
    AppWorker(app).register_birth()  # type: ignore[no-untyped-call] # RQ left this one untyped
    clock = scheduler()
    clock.register_birth()
    registry = cron_scheduler_registry.get_registry_key()
    for number, junk in enumerate(HASHES):
        name = f"{Worker.redis_worker_namespace_prefix}{number}"
        leave(name, {"last_heartbeat": "lately", "pid": "me"} | junk)
        redis.sadd(f"{Worker.redis_workers_keys}:{NAME}", name)
        redis.zadd(registry, {f"other-{number}": 1e300})
        leave(clock.key.replace(clock.name, f"other-{number}"), {"cron_jobs": "[7]", "pid": "me"})
    redis.sadd(f"{Worker.redis_workers_keys}:{NAME}", "not a worker's key")
    found = processes.seen()
    assert found is not None
    assert (found.workers, found.scheduler_at is not None) == (1, True)
