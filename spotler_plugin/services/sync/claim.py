"""Claim the next contacts of a run and lease them; two workers never get the same."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from uuid import uuid4

from sqlalchemy import ColumnElement, Select, and_, or_, select, update
from sqlalchemy.orm import aliased
from structlog import get_logger

from spotler_plugin.extensions import db
from spotler_plugin.models import IN_TURN, UNDER_WAY, Environment, Link, Outcome, Run, RunItem
from spotler_plugin.planning.reason import Reason
from spotler_plugin.services.lease import is_free
from spotler_plugin.services.link.lease import claim_leases, release_leases, renew_leases
from spotler_plugin.services.run.lock import share_run
from spotler_plugin.services.sync.chunk import Chunk, Item
from spotler_plugin.services.sync.ledger import set_aside
from spotler_plugin.sql import among, unindexed

log = get_logger()

CHUNK = 100
"""Contacts per call: the most that Spotler takes at once (spotler-api.md §2.1 [D])."""
SUSPECT = 2
"""After this many claims without a result (the worker died, or hit a bug) a contact is tried alone,
so that it cannot take others along."""
POISON = 5
"""After this many such claims a contact is given up."""


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
    # Counts as a crash until a result is recorded.
    claimed = db.session.execute(
        update(RunItem)
        .where(
            RunItem.environment_id == run.environment_id,
            RunItem.run_id == run.id,
            among(RunItem.contact_id, ours),
            unindexed(RunItem.outcome) == Outcome.OPEN,
        )
        .values(crashes=RunItem.crashes + 1)
        .returning(
            RunItem.id,
            RunItem.contact_id,
            RunItem.take_over,
            RunItem.attempts,
            RunItem.crashes,
            RunItem.due_at,
            RunItem.before,
            RunItem.after,
            RunItem.patch_key,
            RunItem.patched_at,
        ),
        execution_options={"synchronize_session": False},
    )
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


def _due(run: Run) -> list[str]:
    """Return the contacts to claim next: many, or one that is suspect."""
    trusted = db.session.scalars(_free(run).where(RunItem.crashes < SUSPECT).limit(CHUNK)).all()
    return list(trusted or db.session.scalars(_free(run).limit(1)).all())


def _free(run: Run) -> Select[str]:
    """Select due contacts without a lease, in the order of the run: the index has it."""
    now = datetime.now(UTC)
    # What two bulk mutations change in a contact is changed in the order in which they were saved,
    # and taken back in it.
    turn = [~_has_older_mutation(run)] if run.kind in IN_TURN else []
    return (
        select(RunItem.contact_id)
        .join(
            Link,
            (Link.environment_id == RunItem.environment_id)
            & (Link.contact_id == RunItem.contact_id),
        )
        .where(
            RunItem.environment_id == run.environment_id,
            RunItem.run_id == run.id,
            RunItem.outcome == Outcome.OPEN,
            RunItem.due_at <= now,
            is_free(Link, now),
            *turn,
        )
        .order_by(RunItem.due_at, RunItem.id)
        # Two workers that query at once get different contacts, instead of waiting for each other.
        .with_for_update(of=Link, skip_locked=True)
    )


def _has_older_mutation(run: Run) -> ColumnElement[bool]:
    """Return the condition that an older run that changes the CRM still has to do the contact."""
    older, item = aliased(Run), aliased(RunItem)
    return (
        select(item.id)
        .join(older, older.id == item.run_id)
        .where(
            item.environment_id == run.environment_id,
            item.contact_id == RunItem.contact_id,
            item.outcome == Outcome.OPEN,
            older.environment_id == run.environment_id,
            older.kind.in_(IN_TURN),
            older.state.in_(UNDER_WAY),
            or_(
                older.created_at < run.created_at,
                and_(older.created_at == run.created_at, older.id < run.id),
            ),
        )
        .exists()
    )
