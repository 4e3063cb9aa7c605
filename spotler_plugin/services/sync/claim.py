"""Claim the next contacts of a run and lease them; two workers never get the same."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection
from datetime import UTC, datetime
from uuid import uuid4

from sqlalchemy import Select, bindparam, select, update
from structlog import get_logger

from spotler_plugin.extensions import db
from spotler_plugin.models import IN_TURN, Environment, Link, Outcome, Run
from spotler_plugin.planning.reason import Reason
from spotler_plugin.services.lease import is_free
from spotler_plugin.services.link.lease import (
    LINKS,
    claim_leases,
    release_leases,
    renew_leases,
)
from spotler_plugin.services.mirror.look_up import Seen, look_up_each
from spotler_plugin.services.run.lock import RUNS, share_run
from spotler_plugin.services.run.turn import goes_first
from spotler_plugin.services.sync.chunk import Chunk, Item
from spotler_plugin.services.sync.ledger import set_aside
from spotler_plugin.services.sync.rows import ITEMS
from spotler_plugin.sql import among, unindexed

log = get_logger()

CHUNK = 100
"""Contacts per call: the most that Spotler takes at once (spotler-api.md §2.1 [D])."""
SUSPECT = 2
"""After this many claims without a result (the worker died, or hit a bug) a contact is tried alone,
so that it cannot take others along."""
RENEW_AFTER = 5.0
"""Leases older than this many seconds are renewed between the steps of a chunk."""
POISON = 5
"""After this many such claims a contact is given up."""


_OF_RUN = (ITEMS.c.environment_id == bindparam("owner"), ITEMS.c.run_id == bindparam("run"))
_FREE = (
    # Due contacts without a lease, in the order of the run: the index has it.
    select(ITEMS.c.contact_id)
    .join(
        LINKS,
        (LINKS.c.environment_id == ITEMS.c.environment_id)
        & (LINKS.c.contact_id == ITEMS.c.contact_id),
    )
    .where(
        *_OF_RUN,
        ITEMS.c.outcome == Outcome.OPEN,
        ITEMS.c.due_at <= bindparam("now"),
        is_free(Link, bindparam("now")),
    )
    .order_by(ITEMS.c.due_at, ITEMS.c.id)
    # Two workers that query at once get different contacts, instead of waiting for each other.
    .with_for_update(of=LINKS, skip_locked=True)
)
_CLAIM = (
    update(ITEMS)
    .where(
        *_OF_RUN,
        among(ITEMS.c.contact_id, "contacts"),
        unindexed(ITEMS.c.outcome) == Outcome.OPEN,
    )
    # Counts as a crash until a result is recorded.
    .values(crashes=ITEMS.c.crashes + 1)
    .returning(
        ITEMS.c.id,
        ITEMS.c.contact_id,
        ITEMS.c.take_over,
        ITEMS.c.attempts,
        ITEMS.c.crashes,
        ITEMS.c.due_at,
        ITEMS.c.before,
        ITEMS.c.after,
        ITEMS.c.patch_key,
        ITEMS.c.patched_at,
        ITEMS.c.seen,
    )
)


def claim_chunk(run: Run, owner: Environment) -> Chunk | None:
    """Claim up to `CHUNK` contacts that are due and not leased; None when there are none.

    None too when the run is to be cancelled, or its environment is disabled.
    """
    if not share_run(run):
        return None
    due = _due(run)
    if not due:
        return None
    lease = uuid4()
    ours = claim_leases(run.environment_id, due, lease)
    of_run = {"owner": run.environment_id, "run": run.id, "contacts": ours}
    claimed = db.session.connection().execute(_CLAIM, of_run)
    items = [Item(*values) for values in claimed]
    chunk = Chunk(owner, run, lease, {item.contact_id: item for item in items})
    if any(item.crashes > POISON for item in items):
        log.warning("item.given_up", run=str(run.id), items=[item.id for item in items])
        set_aside(chunk, Reason.UNEXPECTED)
        chunk.items = {}
    elif len(items) < len(ours):
        # Another worker finished them between our query and our lease.
        release_leases(run.environment_id, ours - chunk.items.keys(), lease)
    db.session.commit()
    return chunk


def renew_chunk(chunk: Chunk) -> None:
    """Renew the leases, and note the contacts that were lost. Commits."""
    # Taken before the query: waiting for the database must not make the lease seem longer.
    renewed_at = time.monotonic()
    kept = renew_leases(chunk.environment_id, chunk.items, chunk.lease)
    db.session.commit()
    chunk.lost |= chunk.items.keys() - kept
    chunk.renewed_at = renewed_at


def ask_each(
    chunk: Chunk,
    contact_ids: Collection[str],
    look: Callable[[str], Seen],
    ends: Callable[[], bool],
) -> dict[str, Seen]:
    """Ask for each of these contacts; who cannot be read keeps no other from it."""

    def renewed(contact_id: str) -> Seen:
        renew_chunk(chunk)
        return look(contact_id)

    seen, unread = look_up_each(contact_ids, renewed, ends)
    chunk.unread |= dict.fromkeys(unread, Reason.SPOTLER_AWAY)
    return seen


def renew_in_time(chunk: Chunk) -> None:
    """Renew the leases where they are older than `RENEW_AFTER`. Commits then."""
    if time.monotonic() - chunk.renewed_at > RENEW_AFTER:
        renew_chunk(chunk)


def _many_or_one(free: Select[str]) -> tuple[Select[str], Select[str]]:
    """Return the queries of the contacts to claim next, and of one that is suspect."""
    return free.where(ITEMS.c.crashes < SUSPECT).limit(CHUNK), free.limit(1)


def _has_no_older_mutation(free: Select[str]) -> Select[str]:
    """Leave out the contacts that an older run that changes the CRM still has to do."""
    older, item = RUNS.alias(), ITEMS.alias()
    waits = (
        select(item.c.id)
        .join(older, older.c.id == item.c.run_id)
        .where(
            item.c.environment_id == bindparam("owner"),
            item.c.contact_id == ITEMS.c.contact_id,
            item.c.outcome == Outcome.OPEN,
            older.c.environment_id == bindparam("owner"),
            goes_first(older.c, bindparam("created"), bindparam("run")),
        )
    )
    return free.where(~waits.exists())


_ANY = _many_or_one(_FREE)
# What two bulk mutations change in a contact is changed in the order in which they were saved, and
# taken back in it.
_ONE_BY_ONE = _many_or_one(_has_no_older_mutation(_FREE))


def _due(run: Run) -> list[str]:
    """Return the contacts to claim next: many, or one that is suspect."""
    of_run = {"owner": run.environment_id, "run": run.id, "now": datetime.now(UTC)}
    in_turn = run.kind in IN_TURN
    given = of_run | ({"created": run.created_at} if in_turn else {})
    connection = db.session.connection()
    many, one = _ONE_BY_ONE if in_turn else _ANY
    return list(connection.scalars(many, given).all() or connection.scalars(one, given))
