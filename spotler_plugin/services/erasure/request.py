"""Ask for an erasure, and lift one. The caller commits, and enqueues what is to be done."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

from sqlalchemy import and_, delete, select, update
from structlog import get_logger

from spotler_plugin.extensions import db
from spotler_plugin.models import ErasedMark, Erasure, ErasureState, Link, Source
from spotler_plugin.services.actor import Actor
from spotler_plugin.services.consent.digest import digests_of
from spotler_plugin.services.environment import enabled_environments
from spotler_plugin.services.erasure.cancel import cancel_waiting
from spotler_plugin.services.erasure.remains import Remains, find_remains
from spotler_plugin.services.erasure.wipe import wipe_tables
from spotler_plugin.services.lease import is_free, overdue
from spotler_plugin.services.link.lease import open_links
from spotler_plugin.services.link.tie import WITHOUT_PROBLEM
from spotler_plugin.sql import among

ENQUEUE_AGAIN = timedelta(seconds=30)

log = get_logger()


def request_erasure(
    environment_id: int, contact_id: str, source: Source, actor: Actor | None
) -> Erasure:
    """Wipe our tables, cancel what waits, and mark the contact, all in the caller's transaction.

    What is left is done by `advance`. Asked again of one that stands, all of it is done again.
    """
    _lock_link(environment_id, contact_id)
    remains = find_remains(environment_id, contact_id)
    row = find_standing(environment_id, contact_id)
    now = datetime.now(UTC)
    if row is None:
        row = Erasure(
            id=uuid4(),
            environment_id=environment_id,
            contact_id=contact_id,
            source=source,
            actor_id=actor.id if actor else None,
            actor_name=actor.name if actor else None,
            asked_at=now,
            counts={},
        )
        db.session.add(row)
    elif row.remains is not None:
        remains = remains.joined(Remains.loads(row.remains))
    row.state, row.finished_at, row.reason = ErasureState.OPEN, None, None
    row.due_at, row.enqueued_at, row.attempts = now, now, 0
    db.session.flush()
    wipe(row, remains)
    log.info("erasure.requested", environment=environment_id, erasure=str(row.id), source=source)
    return row


def _lock_link(environment_id: int, contact_id: str) -> None:
    """Of two who ask at once the second finds the erasure of the first. Links go before all."""
    open_links(environment_id, [contact_id])
    own = and_(Link.environment_id == environment_id, Link.contact_id == contact_id)
    db.session.execute(select(Link.id).where(own).with_for_update())


def wipe(row: Erasure, remains: Remains) -> None:
    """Mark all by which the contact is known, cancel what waits, and wipe our tables."""
    add_marks(row, remains)
    cancel_waiting(row.environment_id, remains.all_ids)
    add_counts(row, wipe_tables(row.environment_id, remains))
    row.remains = remains.dumps()
    db.session.flush()


def add_marks(row: Erasure, remains: Remains) -> None:
    """Add the marks that are not there yet."""
    digests = set(digests_of(row.environment_id, remains.addresses).values())
    known = db.session.execute(
        select(ErasedMark.contact_id, ErasedMark.address_digest).where(
            ErasedMark.environment_id == row.environment_id, ErasedMark.erasure_id == row.id
        )
    ).all()
    new = [{"contact_id": id_} for id_ in sorted(remains.ids - {id_ for id_, _digest in known})]
    new += [
        {"address_digest": each} for each in sorted(digests - {digest for _id, digest in known})
    ]
    for values in new:
        db.session.add(ErasedMark(environment_id=row.environment_id, erasure_id=row.id, **values))


def add_counts(row: Erasure, more: dict[str, int]) -> None:
    """Add what was wiped to what was wiped before."""
    kinds = row.counts.keys() | more.keys()
    row.counts = {kind: row.counts.get(kind, 0) + more.get(kind, 0) for kind in sorted(kinds)}


def lift_erasure(environment_id: int, erasure_id: UUID, actor: Actor) -> bool:
    """Let the contact be linked again; False when that was done, or is not the time for it.

    Nothing comes back: what was signed off still counts, and who asked stays on record.
    """
    row = db.session.scalar(
        select(Erasure)
        .where(
            Erasure.environment_id == environment_id,
            Erasure.id == erasure_id,
            Erasure.state == ErasureState.DONE,
            Erasure.lifted_at.is_(None),
        )
        .with_for_update()
    )
    if row is None:
        return False
    row.lifted_at = datetime.now(UTC)
    row.lifted_by_id, row.lifted_by_name = actor.id[:200], actor.name[:200]
    of_row = and_(ErasedMark.environment_id == environment_id, ErasedMark.erasure_id == row.id)
    ids = select(ErasedMark.contact_id).where(of_row, ErasedMark.contact_id.is_not(None))
    marked = [str(each) for each in db.session.scalars(ids)]
    db.session.execute(delete(ErasedMark).where(of_row))
    own = and_(Link.environment_id == environment_id, among(Link.contact_id, marked))
    free = update(Link).where(own).values(erased_at=None, **WITHOUT_PROBLEM)
    db.session.execute(free, execution_options={"synchronize_session": False})
    log.info("erasure.lifted", environment=environment_id, erasure=str(row.id))
    return True


def find_standing(environment_id: int, contact_id: str) -> Erasure | None:
    """Return the erasure of a contact that was not lifted."""
    return db.session.scalar(
        select(Erasure)
        .join(
            ErasedMark,
            and_(
                ErasedMark.environment_id == Erasure.environment_id,
                ErasedMark.erasure_id == Erasure.id,
            ),
        )
        .where(Erasure.environment_id == environment_id, ErasedMark.contact_id == contact_id)
        .order_by(Erasure.asked_at)
        .limit(1)
        .execution_options(populate_existing=True)
    )


def overdue_erasures() -> Sequence[tuple[int, UUID]]:
    """Return the erasures to enqueue, of all environments, as environment and id."""
    waits = and_(
        Erasure.environment_id.in_(enabled_environments()),
        Erasure.state == ErasureState.OPEN,
        is_free(Erasure, datetime.now(UTC)),
    )
    names = Erasure.environment_id, Erasure.id
    return [(owner, id_) for owner, id_ in overdue(Erasure, waits, ENQUEUE_AGAIN, *names)]
