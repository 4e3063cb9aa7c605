"""Follow each connected account."""

from __future__ import annotations

from spotler_plugin.extensions import db
from spotler_plugin.jobs.queue import ring
from spotler_plugin.services import feed, following


def ring_all() -> None:
    """By the clock: one job per environment whose last one was taken up."""
    environment_ids = feed.waiting()
    db.session.commit()
    for environment_id in environment_ids:
        ring(follow, environment_id)


def start(environment_id: int) -> None:
    """An account was connected or proved: read all of it. Commits what the caller wrote."""
    feed.ask_full(environment_id)
    db.session.commit()
    ring(follow, environment_id, first=True)


def follow(environment_id: int) -> None:
    """Read what changed; where it is time, go on with everybody."""
    everybody_due = following.follow(environment_id)
    db.session.commit()
    if everybody_due:
        ring(read_all, environment_id)


def read_all(environment_id: int) -> None:
    """Read a slice of everybody; what remains goes to the back of the queue."""
    more = following.read_all(environment_id)
    db.session.commit()
    if more:
        ring(read_all, environment_id)
