"""Two at once: what one does waits for the other, and the test says when it goes on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeVar

import pytest
from flask import Flask
from sqlalchemy import Select, text

from spotler_plugin.extensions import db

Result = TypeVar("Result")
Other = TypeVar("Other")

PATIENCE = 60.0
"""Seconds after which the test fails instead of waiting on."""
WAITING = text(
    "SELECT count(*) FROM pg_stat_activity"
    " WHERE datname = current_database() AND wait_event_type = 'Lock'"
)


@dataclass(frozen=True)
class Two:
    """People and workers at once, each with a session of their own."""

    app: Flask

    def at_once(
        self, first: Callable[[], Result], second: Callable[[], Other]
    ) -> tuple[Result, Other]:
        """Let the second begin while the first has not committed yet; return both results."""
        with ThreadPoolExecutor() as thread:
            result = first()
            other = self.begin(thread, second)
            self.until_waiting(other)
            db.session.commit()
            return result, other.result(PATIENCE)

    @contextmanager
    def stopped(self, rows: Select[int]) -> Iterator[ThreadPoolExecutor]:
        """Lock these rows meanwhile: who wants to change one waits until the end."""
        with ThreadPoolExecutor() as thread, db.engine.connect() as connection:
            connection.execute(rows.with_for_update())
            yield thread

    def begin(self, thread: ThreadPoolExecutor, act: Callable[[], Result]) -> Future[Result]:
        """Begin it in another session, which commits."""

        def acted() -> Result:
            with self.app.app_context():
                result = act()
                db.session.commit()
                return result

        return thread.submit(acted)

    def until_waiting(self, *others: Future[Result]) -> None:
        """Wait until each of these waits for a lock, or is over."""
        with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            while (under_way := [each for each in others if not each.done()]) and (
                connection.scalar(WAITING) or 0
            ) < len(under_way):
                wait(under_way, timeout=0.01)


@pytest.fixture
def two(app: Flask) -> Two:
    """Two at once, on connections of their own: PostgreSQL only."""
    if db.engine.dialect.name != "postgresql":
        pytest.skip("SQLite has one writer at a time")
    return Two(app)
