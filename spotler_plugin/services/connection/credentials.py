"""Connect an environment to its Spotler account, test the connection, and disconnect.

A key of another account waits there for `replacement`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from sqlalchemy import delete, update
from structlog import get_logger

from spotler_plugin.extensions import db
from spotler_plugin.models import Connection, ConnectionState, Environment
from spotler_plugin.services.account.client import (
    SCREEN_TIMEOUT,
    SCREEN_TOTAL,
    NotConnected,
    client_of,
    connect_client,
    find_connection,
    lock_connection,
)
from spotler_plugin.services.account.proof import note_refusal
from spotler_plugin.services.actor import Actor
from spotler_plugin.services.catalogue.fetch import Reading, fetch_catalogue
from spotler_plugin.services.catalogue.store import Found, store_catalogue
from spotler_plugin.services.connection.identity import compare_account
from spotler_plugin.services.environment import crm_of, lock_environment
from spotler_plugin.services.feed.state import ask_who_is_known
from spotler_plugin.services.mapping.store import make_base_mapping
from spotler_plugin.services.waiting import TooManyWaiting, waiting
from spotler_plugin.spotler import CredentialsRefused, SpotlerClient, SpotlerError

log = get_logger()


class KeyRefused(Exception):
    """Spotler does not know this key and secret, or the licence lacks it (spotler-api.md §1.4)."""


class SpotlerAway(Exception):
    """Spotler cannot be reached or understood, or is too slow; the key may be right."""


class OtherAccount(Exception):
    """The key is another account's: it is kept, and nothing is done with it until confirmed."""


def connect(environment: Environment, key: str, secret: str, actor: Actor) -> Found:
    """Test a key and secret by reading the catalogue, then store them and what was read.

    The first time this also creates the base mapping. Commits before it calls Spotler, so that
    no lock is held meanwhile. Raises KeyRefused or SpotlerAway, and then stores nothing; or
    OtherAccount after storing the key alone, for the caller to commit.
    """
    client = connect_client(environment, key, secret, SCREEN_TIMEOUT)
    reading = read_account(environment, client)
    with _asking(environment):
        names = {each.name for each in reading.properties}
        compared = compare_account(environment.id, client, names)
    lock_environment(environment.id)
    row = lock_connection(environment.id)
    if row is None:
        row = Connection(environment_id=environment.id, list_only_updates=False)
        db.session.add(row)
    elif not compared.is_other:
        row.previous_key = row.previous_secret = None
    elif row.state is not ConnectionState.UNCONFIRMED:
        row.previous_key, row.previous_secret = row.key, row.secret
    keep_key(row, key, secret)
    row.connected_by = actor.name
    row.alike, row.strange, row.absent = compared.alike, compared.strange, compared.absent
    if compared.is_other:
        row.state = ConnectionState.UNCONFIRMED
        log.warning("connection.other_account", environment=environment.id)
        raise OtherAccount
    db.session.flush()
    if not compared.looked:
        ask_who_is_known(environment.id)
    log.info("connection.made", environment=environment.id)
    return store_account(environment, reading)


def test(environment: Environment) -> Found:
    """Test the connection again, and read the catalogue again.

    Raises NotConnected, SpotlerAway, or KeyRefused after recording that the key is refused.
    """
    began = datetime.now(UTC)
    client = client_of(environment, read_timeout=SCREEN_TIMEOUT)
    try:
        reading = read_account(environment, client)
    except KeyRefused:
        note_refusal(environment.id, began)
        raise
    lock_environment(environment.id)
    db.session.execute(
        update(Connection)
        .where(Connection.environment_id == environment.id)
        .values(
            state=ConnectionState.CONNECTED,
            proved_at=datetime.now(UTC),
            refused_at=None,
            prove_at=None,
        )
    )
    return store_account(environment, reading)


def prove_again(environment_id: int) -> bool:
    """Prove a key that was refused; return whether it is right after all. Commits."""
    environment = db.session.get(Environment, environment_id)
    row = find_connection(environment_id)
    if environment is None or environment.disabled_at is not None or row is None:
        return False
    if row.state is not ConnectionState.REFUSED:
        return False
    try:
        test(environment)
    except (KeyRefused, SpotlerAway, NotConnected) as error:
        db.session.rollback()
        log.info("connection.refused_again", environment=environment_id, error=type(error).__name__)
        return False
    db.session.commit()
    log.info("connection.right_after_all", environment=environment_id)
    return True


def refresh(environment_id: int) -> None:
    """Read the catalogue again, as the clock asks; what goes wrong is seen elsewhere. Commits."""
    environment, began = db.session.get(Environment, environment_id), datetime.now(UTC)
    if environment is None or environment.disabled_at is not None:
        return
    try:
        store_account(environment, read_account(environment, client_of(environment)))
    except (NotConnected, SpotlerAway):
        return
    except KeyRefused:
        note_refusal(environment.id, began)
    db.session.commit()


def disconnect(environment: Environment) -> None:
    """Delete key and secret; links, mapping, acts and history stay, here and in Spotler."""
    lock_environment(environment.id)
    db.session.execute(delete(Connection).where(Connection.environment_id == environment.id))
    log.info("connection.broken", environment=environment.id)


def read_account(environment: Environment, client: SpotlerClient) -> Reading:
    """Read the catalogue, which tests the key. Commits first: no transaction is open meanwhile.

    Raises KeyRefused or SpotlerAway.
    """
    crm = crm_of(environment, read_timeout=SCREEN_TIMEOUT, total=SCREEN_TOTAL)
    db.session.commit()
    with _asking(environment):
        return fetch_catalogue(client, crm)


@contextmanager
def _asking(environment: Environment) -> Iterator[None]:
    """Turn what goes wrong with the account into KeyRefused and SpotlerAway."""
    try:
        with waiting(environment.id):
            yield
    except CredentialsRefused as error:
        raise KeyRefused from error
    except (SpotlerError, TooManyWaiting) as error:
        log.info("connection.away", environment=environment.id, error=type(error).__name__)
        raise SpotlerAway from error


def keep_key(row: Connection, key: str, secret: str) -> None:
    """Store a key that was proved just now."""
    row.key, row.secret = key, secret
    row.key_ending, row.secret_ending = key[-4:], secret[-4:]
    row.state, row.proved_at, row.refused_at = ConnectionState.CONNECTED, datetime.now(UTC), None
    row.refusals, row.prove_at = 0, None


def store_account(environment: Environment, reading: Reading) -> Found:
    """Store what was read, and the base mapping where there is none."""
    found = store_catalogue(environment.id, reading)
    # Another administrator may have saved a mapping while Spotler was read.
    db.session.refresh(environment, ["mapping_version"])
    make_base_mapping(environment)
    return found
