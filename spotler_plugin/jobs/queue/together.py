"""One job for several environments, where the work is mostly waiting.

Reading what changed is a call or two and hardly any work of ours, so one job reads for several
environments at once. One that failed or was slow the last time has a job of its own, which counts
for its environment's share of the workers.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from itertools import count

from flask import Flask, current_app
from redis.exceptions import RedisError
from structlog.contextvars import bound_contextvars

from spotler_plugin.extensions import REDIS_PREFIX, redis_server
from spotler_plugin.jobs.queue.enqueue import enqueue, has_urgent_job

Job = Callable[..., None]

TOGETHER = 40
"""Environments of one job."""
AT_ONCE = 8
"""How many are worked on at the same time: a worker has 15 connections to the database."""
SLOW = 5.0
"""Seconds after which an environment has a job of its own the next times."""
ALONE_SECONDS = 900
"""How long it has."""


def enqueue_together(
    several: Job, one: Job, environment_ids: Sequence[int], *, in_trouble: Collection[int]
) -> None:
    """Enqueue jobs that work for several; those in trouble, and slow ones, have one each."""
    alone = set(in_trouble) | _slow(one, environment_ids)
    quick = [each for each in environment_ids if each not in alone]
    for start in range(0, len(quick), TOGETHER):
        enqueue(several, *quick[start : start + TOGETHER])
    for environment_id in sorted(alone):
        enqueue(one, environment_id)


def work_together(several: Job, one: Job, environment_ids: Sequence[int]) -> None:
    """Do one job for each; when somebody waits for a worker, another job does the rest."""
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined] # the proxy's own way
    # The first ones are done whatever waits: nobody's clicks keep the others from being read.
    begun = count()
    rest: list[int] = []

    def work(environment_id: int) -> None:
        if next(begun) >= AT_ONCE and has_urgent_job():
            rest.append(environment_id)
            return
        began = time.monotonic()
        with app.app_context(), bound_contextvars(environment=environment_id):
            one(environment_id)
        if time.monotonic() - began > SLOW:
            _note_slow(one, environment_id)

    with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="together") as threads:
        working = [threads.submit(work, id_) for id_ in environment_ids]
    if rest:
        enqueue(several, *rest)
    # A bug that one of them met is the job's.
    for each in working:
        each.result()


def _note_slow(one: Job, environment_id: int) -> None:
    with suppress(RedisError):
        redis_server.queue.set(_key(one, environment_id), 1, ex=ALONE_SECONDS)


def _slow(one: Job, environment_ids: Sequence[int]) -> set[int]:
    if not environment_ids:
        return set()
    try:
        noted = redis_server.queue.mget([_key(one, each) for each in environment_ids])
    except RedisError:
        return set()
    return {id_ for id_, slow in zip(environment_ids, noted, strict=True) if slow}


def _key(one: Job, environment_id: int) -> str:
    return f"{REDIS_PREFIX}slow:{one.__module__}.{one.__name__}:{environment_id}"
