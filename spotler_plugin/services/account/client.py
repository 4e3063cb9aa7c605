"""The client of an environment's Spotler account, and the record that its key is refused."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import bindparam, select, update
from structlog import get_logger

from spotler_plugin import spotler
from spotler_plugin.config import settings
from spotler_plugin.extensions import db
from spotler_plugin.models import Connection, ConnectionState, Environment
from spotler_plugin.services.account.calls import counting
from spotler_plugin.services.account.throttle import throttle_of
from spotler_plugin.spotler import SpotlerClient

SCREEN_TIMEOUT = 8.0
"""Read time-out in seconds while somebody waits at the screen; runs use the client's own."""
SCREEN_TOTAL = 15.0
"""Seconds that all calls for one screen to the CRM, or to Spotler, take together; the widget waits
40 s for both (`embedding.HTMX_CONFIG`)."""

_ACCOUNT = select(Connection.state, Connection.key, Connection.secret).where(
    Connection.environment_id == bindparam("owner")
)

log = get_logger()


class NotConnected(Exception):
    """The environment has no key and secret."""


class Unconfirmed(NotConnected):
    """The key is another account's, and nobody has confirmed it yet."""


def find_connection(environment_id: int) -> Connection | None:
    return db.session.scalar(select(Connection).where(Connection.environment_id == environment_id))


def lock_connection(environment_id: int) -> Connection | None:
    """Return the connection; of two administrators at once one waits here until the other commits.

    Only PostgreSQL needs the lock, on the environment as there may be no connection yet: SQLite
    has one writer.
    """
    db.session.execute(
        select(Environment.id).where(Environment.id == environment_id).with_for_update()
    )
    of_this = select(Connection).where(Connection.environment_id == environment_id)
    return db.session.scalar(of_this.execution_options(populate_existing=True))


def is_connected(environment_id: int) -> bool:
    """Return whether there is a connection, without decrypting its secrets."""
    one = select(Connection.id).where(Connection.environment_id == environment_id)
    return db.session.scalar(one) is not None


def is_in_use(environment_id: int) -> bool:
    """Return whether there is a connection that works, and is not another account's."""
    one = select(Connection.id).where(
        Connection.environment_id == environment_id, Connection.state == ConnectionState.CONNECTED
    )
    return db.session.scalar(one) is not None


def connected_environments() -> Sequence[int]:
    """Return the enabled environments whose account may be read, of all."""
    return db.session.scalars(
        select(Connection.environment_id)
        .join(Environment, Environment.id == Connection.environment_id)
        .where(Connection.state == ConnectionState.CONNECTED, Environment.disabled_at.is_(None))
        .execution_options(across_environments=True)
    ).all()


def client_of(
    environment: Environment, *, read_timeout: float = 20.0, person: bool = False
) -> SpotlerClient:
    """Return the throttled client of the environment's account.

    Raises NotConnected, or Unconfirmed.

    With `person` its calls go before those of large runs, because somebody waits. So do those of
    a client whose read time-out is `SCREEN_TIMEOUT` or less.
    """
    found = db.session.execute(_ACCOUNT, {"owner": environment.id}).one_or_none()
    if found is None:
        raise NotConnected
    state, key, secret = found
    if state is ConnectionState.UNCONFIRMED:
        raise Unconfirmed
    return connect_client(environment, key, secret, read_timeout, person=person)


def connect_client(
    environment: Environment, key: str, secret: str, read_timeout: float, *, person: bool = False
) -> SpotlerClient:
    url = environment.spotler_url or settings().spotler_url
    on_screen = read_timeout <= SCREEN_TIMEOUT
    pace = throttle_of(environment.id, person=person or on_screen)
    return spotler.connect(
        url,
        key,
        secret,
        pace=pace.enter,
        observe=counting(pace),
        read_timeout=read_timeout,
        total=SCREEN_TOTAL if on_screen else None,
    )


def list_only_updates(environment_id: int) -> bool:
    """Return whether the account's `contact/list` creates nobody, as far as was seen."""
    seen = select(Connection.list_only_updates).where(Connection.environment_id == environment_id)
    return db.session.scalar(seen) or False


def note_list_only_updates(environment_id: int) -> None:
    """Record that `contact/list` creates nobody: from now on contacts are linked one by one."""
    db.session.execute(
        update(Connection)
        .where(Connection.environment_id == environment_id)
        .values(list_only_updates=True)
    )
    log.info("connection.list_only_updates", environment=environment_id)
