"""Read the feed of each connected account.

Reading a feed in which nothing happened is two calls and hardly any work of ours, so one job
reads several at once. One that failed or was slow the last time has a job of its own, which
counts for its environment's share of the workers.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from itertools import count

from flask import Flask, current_app
from redis.exceptions import RedisError
from structlog.contextvars import bound_contextvars

from spotler_plugin.extensions import REDIS_PREFIX, db, redis_server
from spotler_plugin.jobs.queue import enqueue, has_urgent_job
from spotler_plugin.jobs.registry import job
from spotler_plugin.jobs.share import in_its_share
from spotler_plugin.services.feed.follow import follow_feed, read_everybody
from spotler_plugin.services.feed.known import find_known
from spotler_plugin.services.feed.state import ask_full_reading, is_known_wanted, overdue_feeds

TOGETHER = 40
"""Feeds that one job reads."""
AT_ONCE = 8
"""Feeds that are read at the same time: a worker has 15 connections to the database."""
SLOW = 5.0
"""Seconds after which a feed is read alone the next times."""
ALONE_SECONDS = 900
"""How long it is then."""


@job
def enqueue_all() -> None:
    """Enqueue jobs for the environments whose feed is due; called by the scheduler."""
    due = overdue_feeds()
    db.session.commit()
    slow = _slow([each.environment_id for each in due])
    alone = {each.environment_id for each in due if each.in_trouble} | slow
    quick = [each.environment_id for each in due if each.environment_id not in alone]
    for start in range(0, len(quick), TOGETHER):
        enqueue(follow_several, *quick[start : start + TOGETHER])
    for environment_id in sorted(alone):
        enqueue(follow, environment_id)


def start(environment_id: int) -> None:
    """Read all of an account that was connected or tested. Commits what the caller wrote."""
    ask_full_reading(environment_id)
    db.session.commit()
    enqueue(follow, environment_id, first=True)


@job
def follow_several(*environment_ids: int) -> None:
    """Read several feeds at once; when somebody waits for a worker, another job reads the rest."""
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined] # the proxy's own way
    # The first ones are read whatever waits: nobody's clicks keep the feeds from being read.
    begun = count()
    rest: list[int] = []

    def read(environment_id: int) -> None:
        if next(begun) >= AT_ONCE and has_urgent_job():
            rest.append(environment_id)
            return
        began = time.monotonic()
        with app.app_context(), bound_contextvars(environment=environment_id):
            follow(environment_id)
        if time.monotonic() - began > SLOW:
            _note_slow(environment_id)

    with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="feed") as threads:
        readings = [threads.submit(read, id_) for id_ in environment_ids]
    if rest:
        enqueue(follow_several, *rest)
    # A bug that one of them met is the job's.
    for each in readings:
        each.result()


@job
@in_its_share
def follow(environment_id: int) -> None:
    """Read what changed; then read all contacts, or look who is known, if that is due."""
    everybody_due = follow_feed(environment_id)
    known_due = is_known_wanted(environment_id)
    db.session.commit()
    if everybody_due:
        enqueue(read_all, environment_id)
    elif known_due:
        enqueue(look_who_is_known, environment_id)


@job
@in_its_share
def read_all(environment_id: int) -> None:
    """Take a turn at reading all contacts; the rest goes to the back of the queue."""
    more = read_everybody(environment_id)
    known_due = is_known_wanted(environment_id)
    db.session.commit()
    if more:
        enqueue(read_all, environment_id)
    elif known_due:
        enqueue(look_who_is_known, environment_id)


@job
@in_its_share
def look_who_is_known(environment_id: int) -> None:
    """Take a turn at asking the CRM who was in Spotler before we came."""
    if find_known(environment_id):
        enqueue(look_who_is_known, environment_id)


def _note_slow(environment_id: int) -> None:
    with suppress(RedisError):
        redis_server.queue.set(_key(environment_id), 1, ex=ALONE_SECONDS)


def _slow(environment_ids: Sequence[int]) -> set[int]:
    if not environment_ids:
        return set()
    try:
        noted = redis_server.queue.mget([_key(each) for each in environment_ids])
    except RedisError:
        return set()
    return {id_ for id_, slow in zip(environment_ids, noted, strict=True) if slow}


def _key(environment_id: int) -> str:
    return f"{REDIS_PREFIX}slow_feed:{environment_id}"
