"""`flask check`: all that has to be well before and while the plugin runs, one line each."""

from __future__ import annotations

from collections.abc import Iterator

import click
from flask.cli import with_appcontext

from spotler_plugin.commands.guard import GuardedCommand
from spotler_plugin.services.connection.secrets import sealed_secrets
from spotler_plugin.services.environment import all_environments
from spotler_plugin.services.readiness.partners import Answer, ask_crm, ask_spotler
from spotler_plugin.services.readiness.stores import (
    MOST_SKEW,
    REFUSED_BY_REDIS,
    clock_skew,
    database_trouble,
    evicts,
    of_tables,
    queue_trouble,
    wanted_revision,
)
from spotler_plugin.trouble import Trouble

Line = tuple[str, Answer]

OF_DATABASE: dict[str, str] = {
    Trouble.AWAY: "does it run, and does DATABASE_URL name its host and port?",
    Trouble.REFUSED: "is the password in DATABASE_URL right, and percent-encoded?",
    Trouble.MISSING: "was it made, and does DATABASE_URL end with its name?",
    Trouble.FULL: "make room on its disk; what waits goes on by itself",
}
OF_REDIS = {
    "unreachable": "does it run, and does REDIS_URL name its host and port?",
    REFUSED_BY_REDIS: "is the password in REDIS_URL right, and percent-encoded?",
    "takes no writes": "it is full, a replica, cannot save to its disk, or lacks that number",
}


@click.command("check", cls=GuardedCommand)
@with_appcontext
def check() -> None:
    """Look at the database, the keys, Redis, the clock, and at each environment's CRM and Spotler.

    The exit status is 1 when something is not well.
    """
    click.echo("ok    configuration: every variable can be used")
    well = True
    for what, answer in _lines():
        click.echo(f"{'ok  ' if answer.well else 'FAIL'}  {what}: {answer.says}")
        well = well and answer.well
    raise SystemExit(not well)


def _lines() -> Iterator[Line]:
    trouble = database_trouble()
    yield "database", _database(trouble)
    yield "queue", _queue()
    if trouble is not None:
        # Nothing that stands in the database can be looked at.
        return
    yield "keys", _keys()
    yield "clock", _clock()
    for each in all_environments():
        if each.disabled_at is not None:
            yield each.key, Answer(True, "disabled")
            continue
        yield f"{each.key}, CRM", ask_crm(each)
        yield f"{each.key}, Spotler", ask_spotler(each)


def _database(trouble: str | None) -> Answer:
    if trouble is None:
        return Answer(True, f"takes writes, {wanted_revision()}")
    return _told(trouble, of_tables(trouble) or OF_DATABASE.get(trouble))


def _told(trouble: str, advice: str | None) -> Answer:
    return Answer(False, f"{trouble}; {advice}" if advice else trouble)


def _queue() -> Answer:
    trouble = queue_trouble()
    if trouble is not None:
        return _told(trouble, OF_REDIS.get(trouble))
    policy = evicts()
    if policy is not None:
        return Answer(False, f"throws keys away when it is full ({policy}); set noeviction")
    return Answer(True, "takes writes")


def _keys() -> Answer:
    stored, sealed = sealed_secrets()
    if sealed:
        opened = f"SECRET_KEYS opens {stored - sealed} of {stored} stored secrets"
        return Answer(False, f"{opened}; put the keys of then behind those of now")
    return Answer(True, f"SECRET_KEYS opens all {stored} stored secrets")


def _clock() -> Answer:
    skew = clock_skew()
    if skew is None:
        return Answer(True, "is that of the database")
    seconds = f"{skew.total_seconds():.1f} s from that of the database"
    return Answer(skew <= MOST_SKEW, seconds)
