"""The tie with a Spotler account: make it, prove it, break it; and the client that uses it."""

from __future__ import annotations

from datetime import UTC, datetime

from flask import current_app
from sqlalchemy import delete, select, update
from structlog import get_logger

from spotler_plugin import spotler
from spotler_plugin.extensions import db
from spotler_plugin.models import Connection, ConnectionState, Environment
from spotler_plugin.services import call_record, catalogue, mapping, pacing
from spotler_plugin.services.actor import Actor
from spotler_plugin.services.catalogue import Found
from spotler_plugin.services.environment import crm_of
from spotler_plugin.services.reading import Reading, read
from spotler_plugin.spotler import CredentialsRefused, SpotlerClient, SpotlerError

WAITED_FOR = 8.0
"""Seconds for an answer while somebody looks at the screen; runs have the client's own."""

log = get_logger()


class NotConnected(Exception):
    """The environment has no key and secret."""


class KeyRefused(Exception):
    """Spotler does not know this key and secret, or the licence lacks the API (§1.4)."""


class SpotlerAway(Exception):
    """Spotler cannot be reached, or answers what cannot be understood; it says nothing of a key."""


def find(environment_id: int) -> Connection | None:
    return db.session.scalar(select(Connection).where(Connection.environment_id == environment_id))


def exists(environment_id: int) -> bool:
    """Whether there is one; its secrets stay closed."""
    one = select(Connection.id).where(Connection.environment_id == environment_id)
    return db.session.scalar(one) is not None


def client_of(
    environment: Environment, *, read_timeout: float = 20.0, person: bool = False
) -> SpotlerClient:
    """The client of the environment's account, at its pace. Raises NotConnected.

    `person`: somebody waits for it, so its calls go before those of large runs; so do those of
    whoever waits no longer than a person would.
    """
    row = find(environment.id)
    if row is None:
        raise NotConnected
    return _client(environment, row.key, row.secret, read_timeout, person=person)


def connect(environment: Environment, key: str, secret: str, actor: Actor) -> Found:
    """Prove a key and secret, then keep them instead of the ones there were.

    In the same moment the account is read and, the first time, a base mapping is made. Commits
    before it calls out: nothing is locked while Spotler thinks. Raises KeyRefused or SpotlerAway,
    and then nothing is kept.
    """
    reading = _read(environment, _client(environment, key, secret, WAITED_FOR))
    # On PostgreSQL two administrators at once wait for each other here; SQLite has one writer.
    db.session.execute(
        select(Environment.id).where(Environment.id == environment.id).with_for_update()
    )
    row = find(environment.id)
    if row is None:
        row = Connection(environment_id=environment.id)
        db.session.add(row)
    row.key, row.secret = key, secret
    row.key_ending, row.secret_ending = key[-4:], secret[-4:]
    row.state, row.proved_at, row.refused_at = ConnectionState.CONNECTED, datetime.now(UTC), None
    row.connected_by = actor.name[:200]
    db.session.flush()
    log.info("connection.made", environment=environment.id)
    return _take_in(environment, reading)


def test(environment: Environment) -> Found:
    """Prove the connection again and read the account anew.

    Raises NotConnected, SpotlerAway, or KeyRefused after noting that the key no longer works.
    """
    client = client_of(environment, read_timeout=WAITED_FOR)
    try:
        reading = _read(environment, client)
    except KeyRefused:
        refused(environment.id)
        raise
    db.session.execute(
        update(Connection)
        .where(Connection.environment_id == environment.id)
        .values(state=ConnectionState.CONNECTED, proved_at=datetime.now(UTC), refused_at=None)
    )
    return _take_in(environment, reading)


def refused(environment_id: int) -> None:
    """Note that Spotler no longer takes the key: nothing is sent until it is repaired."""
    db.session.execute(
        update(Connection)
        .where(
            Connection.environment_id == environment_id,
            Connection.state == ConnectionState.CONNECTED,
        )
        .values(state=ConnectionState.REFUSED, refused_at=datetime.now(UTC))
    )
    log.warning("connection.refused", environment=environment_id)


def disconnect(environment: Environment) -> None:
    """Forget key and secret; links, mapping, acts and history stay, here and in Spotler."""
    db.session.execute(delete(Connection).where(Connection.environment_id == environment.id))
    log.info("connection.broken", environment=environment.id)


def _client(
    environment: Environment, key: str, secret: str, read_timeout: float, *, person: bool = False
) -> SpotlerClient:
    url = environment.spotler_url or current_app.config["SPOTLER_URL"]
    pace = pacing.pace_of(environment.id, person=person or read_timeout <= WAITED_FOR)
    observe = call_record.observing(pace)
    return spotler.connect(
        url, key, secret, pace=pace.enter, observe=observe, read_timeout=read_timeout
    )


def _read(environment: Environment, client: SpotlerClient) -> Reading:
    """Read the account, which proves the key; our database is free meanwhile."""
    crm = crm_of(environment, read_timeout=WAITED_FOR)
    db.session.commit()
    try:
        return read(client, crm)
    except CredentialsRefused as error:
        raise KeyRefused from error
    except SpotlerError as error:
        log.info("connection.away", environment=environment.id, error=type(error).__name__)
        raise SpotlerAway from error


def _take_in(environment: Environment, reading: Reading) -> Found:
    found = catalogue.store(environment.id, reading)
    mapping.make_base(environment)
    return found
