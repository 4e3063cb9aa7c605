"""Connect an environment to its Spotler account, test the connection, and disconnect."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import delete, select, update
from structlog import get_logger

from spotler_plugin.extensions import db
from spotler_plugin.models import Connection, ConnectionState, Environment
from spotler_plugin.services.account.client import (
    SCREEN_TIMEOUT,
    NotConnected,
    client_of,
    connect_client,
    find_connection,
    note_refusal,
)
from spotler_plugin.services.actor import Actor
from spotler_plugin.services.catalogue.fetch import Reading, fetch_catalogue
from spotler_plugin.services.catalogue.store import Found, store_catalogue
from spotler_plugin.services.environment import crm_of
from spotler_plugin.services.mapping.store import make_base_mapping
from spotler_plugin.spotler import CredentialsRefused, SpotlerClient, SpotlerError

log = get_logger()


class KeyRefused(Exception):
    """Spotler does not know this key and secret, or the licence lacks it (spotler-api.md §1.4)."""


class SpotlerAway(Exception):
    """Spotler cannot be reached or understood; the key may be right."""


def connect(environment: Environment, key: str, secret: str, actor: Actor) -> Found:
    """Test a key and secret by reading the catalogue, then store them and what was read.

    The first time this also creates the base mapping. Commits before it calls Spotler, so that
    no lock is held meanwhile. Raises KeyRefused or SpotlerAway, and then stores nothing.
    """
    reading = _read(environment, connect_client(environment, key, secret, SCREEN_TIMEOUT))
    # On PostgreSQL two administrators at once wait for each other here; SQLite has one writer.
    db.session.execute(
        select(Environment.id).where(Environment.id == environment.id).with_for_update()
    )
    row = find_connection(environment.id)
    if row is None:
        row = Connection(environment_id=environment.id)
        db.session.add(row)
    row.key, row.secret = key, secret
    row.key_ending, row.secret_ending = key[-4:], secret[-4:]
    row.state, row.proved_at, row.refused_at = ConnectionState.CONNECTED, datetime.now(UTC), None
    row.connected_by = actor.name[:200]
    db.session.flush()
    log.info("connection.made", environment=environment.id)
    return _store(environment, reading)


def test(environment: Environment) -> Found:
    """Test the connection again, and read the catalogue again.

    Raises NotConnected, SpotlerAway, or KeyRefused after recording that the key is refused.
    """
    client = client_of(environment, read_timeout=SCREEN_TIMEOUT)
    try:
        reading = _read(environment, client)
    except KeyRefused:
        note_refusal(environment.id)
        raise
    db.session.execute(
        update(Connection)
        .where(Connection.environment_id == environment.id)
        .values(state=ConnectionState.CONNECTED, proved_at=datetime.now(UTC), refused_at=None)
    )
    return _store(environment, reading)


def refresh(environment_id: int) -> None:
    """Read the catalogue again, as the clock asks; what goes wrong is seen elsewhere. Commits."""
    environment = db.session.get(Environment, environment_id)
    if environment is None or environment.disabled_at is not None:
        return
    try:
        _store(environment, _read(environment, client_of(environment)))
    except NotConnected:
        return
    except KeyRefused:
        note_refusal(environment.id)
    except SpotlerAway:
        return
    db.session.commit()


def disconnect(environment: Environment) -> None:
    """Delete key and secret; links, mapping, acts and history stay, here and in Spotler."""
    db.session.execute(delete(Connection).where(Connection.environment_id == environment.id))
    log.info("connection.broken", environment=environment.id)


def _read(environment: Environment, client: SpotlerClient) -> Reading:
    """Read the catalogue, which tests the key. Commits first: no transaction is open meanwhile."""
    crm = crm_of(environment, read_timeout=SCREEN_TIMEOUT)
    db.session.commit()
    try:
        return fetch_catalogue(client, crm)
    except CredentialsRefused as error:
        raise KeyRefused from error
    except SpotlerError as error:
        log.info("connection.away", environment=environment.id, error=type(error).__name__)
        raise SpotlerAway from error


def _store(environment: Environment, reading: Reading) -> Found:
    found = store_catalogue(environment.id, reading)
    make_base_mapping(environment)
    return found
