"""Connect an environment to its Spotler account, test the connection, and disconnect."""

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
    note_refusal,
)
from spotler_plugin.services.actor import Actor
from spotler_plugin.services.catalogue.entries import forget_entries
from spotler_plugin.services.catalogue.fetch import Reading, fetch_catalogue
from spotler_plugin.services.catalogue.store import Found, store_catalogue
from spotler_plugin.services.environment import crm_of, lock_environment
from spotler_plugin.services.feed.state import ask_full_reading
from spotler_plugin.services.identity import is_other_account
from spotler_plugin.services.link.former import void_links
from spotler_plugin.services.mapping.store import make_base_mapping
from spotler_plugin.services.mirror.write import forget_everybody
from spotler_plugin.services.run.control import cancel_all_runs
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
    reading = _read(environment, client)
    with _asking(environment):
        names = {each.name for each in reading.properties}
        other = is_other_account(environment.id, client, names)
    lock_environment(environment.id)
    row = lock_connection(environment.id)
    if row is None:
        row = Connection(environment_id=environment.id, list_only_updates=False)
        db.session.add(row)
    elif not other:
        row.previous_key = row.previous_secret = None
    elif row.state is not ConnectionState.UNCONFIRMED:
        row.previous_key, row.previous_secret = row.key, row.secret
    _keep(row, key, secret)
    row.connected_by = actor.name[:200]
    if other:
        row.state = ConnectionState.UNCONFIRMED
        log.warning("connection.other_account", environment=environment.id)
        raise OtherAccount
    db.session.flush()
    log.info("connection.made", environment=environment.id)
    return _store(environment, reading)


def confirm(environment: Environment) -> Found | None:
    """Go on with the other account, as a person says; None when there is nothing to confirm.

    What was known of the account before is void: its mirror, its links and what was still asked.
    Acts and runs stay as history. Who is linked here is found by reading everybody, for which the
    caller enqueues a job. Raises KeyRefused or SpotlerAway, and then changes nothing.
    """
    row = find_connection(environment.id)
    if row is None or row.state is not ConnectionState.UNCONFIRMED:
        return None
    key, secret = row.key, row.secret
    reading = _read(environment, connect_client(environment, key, secret, SCREEN_TIMEOUT))
    row = lock_connection(environment.id)
    if row is None or row.state is not ConnectionState.UNCONFIRMED or row.key != key:
        # Happens when another administrator chose meanwhile.
        return None
    _keep(row, key, secret)
    row.previous_key = row.previous_secret = None
    row.list_only_updates = False
    # Previews are of the account before: they are to be made anew.
    environment.mapping_version += 1
    environment.account_since = datetime.now(UTC)
    db.session.flush()
    for void in (void_links, forget_everybody, forget_entries, cancel_all_runs, ask_full_reading):
        void(environment.id)
    log.warning("connection.account_replaced", environment=environment.id)
    return _store(environment, reading)


def put_back(environment: Environment) -> bool:
    """Put back the key of the account known so far; False when there is none. Test it then."""
    row = lock_connection(environment.id)
    if row is None or row.previous_key is None or row.previous_secret is None:
        return False
    _keep(row, row.previous_key, row.previous_secret)
    row.previous_key = row.previous_secret = None
    log.info("connection.put_back", environment=environment.id)
    return True


def test(environment: Environment) -> Found:
    """Test the connection again, and read the catalogue again.

    Raises NotConnected, SpotlerAway, or KeyRefused after recording that the key is refused.
    """
    began = datetime.now(UTC)
    client = client_of(environment, read_timeout=SCREEN_TIMEOUT)
    try:
        reading = _read(environment, client)
    except KeyRefused:
        note_refusal(environment.id, began)
        raise
    lock_environment(environment.id)
    db.session.execute(
        update(Connection)
        .where(Connection.environment_id == environment.id)
        .values(state=ConnectionState.CONNECTED, proved_at=datetime.now(UTC), refused_at=None)
    )
    return _store(environment, reading)


def refresh(environment_id: int) -> None:
    """Read the catalogue again, as the clock asks; what goes wrong is seen elsewhere. Commits."""
    environment, began = db.session.get(Environment, environment_id), datetime.now(UTC)
    if environment is None or environment.disabled_at is not None:
        return
    try:
        _store(environment, _read(environment, client_of(environment)))
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


def _read(environment: Environment, client: SpotlerClient) -> Reading:
    """Read the catalogue, which tests the key. Commits first: no transaction is open meanwhile."""
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


def _keep(row: Connection, key: str, secret: str) -> None:
    row.key, row.secret = key, secret
    row.key_ending, row.secret_ending = key[-4:], secret[-4:]
    row.state, row.proved_at, row.refused_at = ConnectionState.CONNECTED, datetime.now(UTC), None


def _store(environment: Environment, reading: Reading) -> Found:
    found = store_catalogue(environment.id, reading)
    # Another administrator may have saved a mapping while Spotler was read.
    db.session.refresh(environment, ["mapping_version"])
    make_base_mapping(environment)
    return found
