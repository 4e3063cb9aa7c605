"""A key of another account than before: what going on with it means, and the ways on and back.

Until a person chooses, the key stands still: nobody gets a client of it (`account/client`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import func, select
from structlog import get_logger

from spotler_plugin.extensions import db
from spotler_plugin.models import (
    UNDER_WAY,
    Act,
    Connection,
    ConnectionState,
    Enrolment,
    EnrolmentState,
    Environment,
    Link,
    Run,
)
from spotler_plugin.services.account.client import (
    SCREEN_TIMEOUT,
    connect_client,
    find_connection,
    lock_connection,
)
from spotler_plugin.services.catalogue.entries import forget_entries
from spotler_plugin.services.catalogue.store import Found
from spotler_plugin.services.connection.credentials import keep_key, read_account, store_account
from spotler_plugin.services.feed.state import ask_full_reading, ask_who_is_known
from spotler_plugin.services.link.former import void_links
from spotler_plugin.services.mirror.write import forget_everybody
from spotler_plugin.services.run.control import cancel_all_runs

log = get_logger()


@dataclass(frozen=True, slots=True)
class Outlook:
    """What there is to lose, and how much of it the other account seems to have."""

    linked: int
    runs: int
    """Runs that are open or halted: they are cancelled."""
    automations: int
    """Starts that wait: they are not made."""
    acts: int
    """Kept, whatever is chosen."""
    alike: int
    """Of the contacts that were looked for: those with the same id and address."""
    strange: int
    absent: int
    can_go_back: bool

    @property
    def looked(self) -> int:
        return self.alike + self.strange + self.absent


def outlook(environment_id: int) -> Outlook | None:
    """Return what a choice would mean; None where no other account waits for one."""
    row = find_connection(environment_id)
    if row is None or row.state is not ConnectionState.UNCONFIRMED:
        return None
    linked, runs, automations, acts = db.session.execute(
        select(
            select(func.count())
            .where(Link.environment_id == environment_id, Link.linked_at.is_not(None))
            .scalar_subquery(),
            select(func.count())
            .where(Run.environment_id == environment_id, Run.state.in_(UNDER_WAY))
            .scalar_subquery(),
            select(func.count())
            .where(
                Enrolment.environment_id == environment_id,
                Enrolment.state == EnrolmentState.WAITING,
            )
            .scalar_subquery(),
            select(func.count()).where(Act.environment_id == environment_id).scalar_subquery(),
        )
    ).one()
    return Outlook(
        linked=linked,
        runs=runs,
        automations=automations,
        acts=acts,
        alike=row.alike,
        strange=row.strange,
        absent=row.absent,
        can_go_back=row.previous_key is not None,
    )


def go_on(environment: Environment, *, keeps_links: bool) -> Found | None:
    """Go on with the other account, as a person says; None when there is nothing to confirm.

    What was known of the account before is void: its mirror, its links and what was still asked.
    Acts and runs stay as history. With `keeps_links` whoever is there with the same id and address
    is linked again once everybody was read, for which the caller enqueues a job; without, nobody
    is by itself. Raises KeyRefused or SpotlerAway, and then changes nothing.
    """
    row = find_connection(environment.id)
    if row is None or row.state is not ConnectionState.UNCONFIRMED:
        return None
    key, secret = row.key, row.secret
    reading = read_account(environment, connect_client(environment, key, secret, SCREEN_TIMEOUT))
    row = _waiting(environment.id, key)
    if row is None:
        # Happens when another administrator chose meanwhile.
        return None
    keep_key(row, key, secret)
    row.previous_key = row.previous_secret = None
    row.list_only_updates = False
    # Previews are of the account before: they are to be made anew.
    environment.mapping_version += 1
    environment.account_since = datetime.now(UTC)
    db.session.flush()
    void_links(environment.id, is_known_by_address=keeps_links)
    for void in (forget_everybody, forget_entries, cancel_all_runs, ask_full_reading):
        void(environment.id)
    ask_who_is_known(environment.id, wanted=keeps_links)
    log.warning("connection.account_replaced", environment=environment.id, keeps=keeps_links)
    return store_account(environment, reading)


def put_back(environment: Environment) -> bool:
    """Put back the key of the account known so far; False when there is none. Test it then."""
    row = lock_connection(environment.id)
    if row is None or row.previous_key is None or row.previous_secret is None:
        return False
    keep_key(row, row.previous_key, row.previous_secret)
    row.previous_key = row.previous_secret = None
    log.info("connection.put_back", environment=environment.id)
    return True


def _waiting(environment_id: int, key: str) -> Connection | None:
    row = lock_connection(environment_id)
    waits = row is not None and row.state is ConnectionState.UNCONFIRMED and row.key == key
    return row if waits else None
