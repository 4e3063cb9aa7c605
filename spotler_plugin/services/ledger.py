"""Write down what happened to each contact of a chunk: outcome, before-image, mirror and link.

The lanes are given back first, in the same transaction: so it is known which of them were still
ours, and nobody takes one before all of it is written.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from typing import cast

from sqlalchemy import Table, Update, bindparam, select, update

from spotler_plugin.extensions import db
from spotler_plugin.models import Act, Link, Outcome, RunItem
from spotler_plugin.planning import image
from spotler_plugin.planning.plan import Change, ChangeKind
from spotler_plugin.planning.reason import Reason
from spotler_plugin.services import enrolment, lane, mirror
from spotler_plugin.services import link as links
from spotler_plugin.services.chunk import Chunk, Item
from spotler_plugin.services.retrying import delay_after
from spotler_plugin.services.writing import NOT_SENT, TAKEN, Written

PLANNED = {
    ChangeKind.LINK: Outcome.LINKED,
    ChangeKind.UPDATE: Outcome.UPDATED,
    ChangeKind.UNCHANGED: Outcome.UNCHANGED,
    ChangeKind.BLOCKED: Outcome.BLOCKED,
}
SENT = frozenset({Outcome.LINKED, Outcome.UPDATED})
UNWRITTEN = frozenset({Outcome.BLOCKED, Outcome.REJECTED, Outcome.FAILED})

ITEMS = cast(Table, RunItem.__table__)
STORED = (
    "outcome",
    "reason",
    "detail",
    "attempts",
    "strikes",
    "due_at",
    "before",
    "after",
    "settled_at",
)
"""What carrying an item out may change."""


def write_down(chunk: Chunk, results: Mapping[str, Written]) -> None:
    """Everything of a chunk in one transaction; contacts whose lane was lost are left to others."""
    kept = lane.release(chunk.environment_id, chunk.items, chunk.lease)
    for contact_id in kept:
        item, change = chunk.items[contact_id], chunk.changes[contact_id]
        # Who should have been written, and has no result, was not.
        written = results.get(contact_id, NOT_SENT if change.writes else TAKEN)
        if written.outcome is Outcome.OPEN:
            postpone(item, written.reason, written.retry_after)
        else:
            _settle(item, change, written)
    written_ids = sorted(id_ for id_ in kept if chunk.items[id_].outcome in SENT)
    changes = {id_: chunk.changes[id_] for id_ in written_ids}
    mirror.record_writes(chunk.environment_id, changes)
    opted_out = [id_ for id_ in kept if chunk.items[id_].reason == Reason.INACTIVE]
    mirror.record_opt_outs(chunk.environment_id, opted_out)
    for contact_id in written_ids:
        if chunk.items[contact_id].take_over:
            _untie_holders(chunk, contact_id)
    _finish(chunk, kept)


def postpone_all(chunk: Chunk, reason: Reason, retry_after: float | None) -> None:
    """The CRM or Spotler could not be read: the whole chunk comes back later."""
    kept = lane.release(chunk.environment_id, chunk.items, chunk.lease)
    for contact_id in kept:
        postpone(chunk.items[contact_id], reason, retry_after)
    _finish(chunk, kept)


def set_aside(chunk: Chunk, reason: Reason) -> None:
    """Give up on the chunk's contacts; the run goes on without them."""
    kept = lane.release(chunk.environment_id, chunk.items, chunk.lease)
    for contact_id in kept:
        item = chunk.items[contact_id]
        item.outcome, item.reason, item.settled_at = Outcome.FAILED, reason, datetime.now(UTC)
    _finish(chunk, kept)


def _finish(chunk: Chunk, kept: Collection[str]) -> None:
    """Write the items back, with what follows from them."""
    _store(chunk.environment_id, [chunk.items[contact_id] for contact_id in sorted(kept)])
    settled = [chunk.items[id_] for id_ in kept if chunk.items[id_].outcome is not Outcome.OPEN]
    versions = {id_: str(person.version) for id_, person in chunk.people.items()}
    links.settle(chunk.environment_id, settled, versions)
    unwritten = {item.contact_id for item in settled if item.outcome in UNWRITTEN}
    _apply_acts(chunk, {item.contact_id for item in settled} - unwritten)
    if unwritten:
        enrolment.drop(chunk.run, "contact_not_written", unwritten)


def postpone(item: Item, reason: Reason | None, retry_after: float | None) -> None:
    """Try the contact again after a while, or set it aside when that was done often enough."""
    now = datetime.now(UTC)
    item.attempts += 1
    item.strikes = 0
    item.reason = reason
    delay = delay_after(item.attempts, retry_after)
    if delay is None:
        item.outcome, item.settled_at = Outcome.FAILED, now
    else:
        item.due_at = now + delay


def keep_images(chunk: Chunk) -> None:
    """Note what each contact has and what it will get, over what an earlier try noted."""
    for contact_id, change in chunk.writes.items():
        item = chunk.items[contact_id]
        item.before = image.earliest(item.before, image.before(change))
        item.after = image.latest(item.after, image.after(change))
    rows = [
        {"item_id": item.id, "before": item.before, "after": item.after}
        for item in (chunk.items[contact_id] for contact_id in sorted(chunk.writes))
    ]
    if rows:
        db.session.connection().execute(_one_of(chunk.environment_id), rows)


def _planned(item: Item, change: Change) -> Outcome:
    """As planned; but what an earlier try, whose answer was lost, did is this run's doing too."""
    if change.kind is ChangeKind.UNCHANGED and item.before is not None:
        linked = item.before["external_id"] != item.contact_id
        return Outcome.LINKED if linked else Outcome.UPDATED
    return PLANNED[change.kind]


def _settle(item: Item, change: Change, written: Written) -> None:
    item.outcome = written.outcome or _planned(item, change)
    item.reason = written.reason or change.reason
    item.detail = {**change.detail, **written.detail} or None
    item.settled_at = datetime.now(UTC)
    if item.outcome in UNWRITTEN and not item.attempts:
        # Refused at the first try: nothing was overwritten.
        item.before = item.after = None


def _store(environment_id: int, items: Collection[Item]) -> None:
    """One statement for all; past the session, which would keep them."""
    if not items:
        return
    rows = [{"item_id": item.id} | {name: getattr(item, name) for name in STORED} for item in items]
    db.session.connection().execute(_one_of(environment_id), rows)


def _one_of(environment_id: int) -> Update:
    """For each of many items, named by `item_id`, what is given beside it."""
    return update(ITEMS).where(
        ITEMS.c.environment_id == environment_id, ITEMS.c.id == bindparam("item_id")
    )


def _untie_holders(chunk: Chunk, contact_id: str) -> None:
    """The address was taken over: who held it in our tables is no longer tied to Spotler."""
    own = (
        select(Link.address)
        .where(Link.environment_id == chunk.environment_id, Link.contact_id == contact_id)
        .scalar_subquery()
    )
    db.session.execute(
        update(Link)
        .where(
            Link.environment_id == chunk.environment_id,
            Link.address == own,
            Link.contact_id != contact_id,
        )
        .values(
            linked_at=None,
            address=None,
            problem=Reason.ADDRESS_OF_ANOTHER,
            problem_detail={"holder": contact_id},
            problem_outcome=Outcome.BLOCKED,
        ),
        execution_options={"synchronize_session": False},
    )


def _apply_acts(chunk: Chunk, contact_ids: Collection[str]) -> None:
    """Acts that took effect are part of the contact's history from now on."""
    now = datetime.now(UTC)
    for act in db.session.scalars(
        select(Act).where(
            Act.environment_id == chunk.environment_id,
            Act.run_id == chunk.run.id,
            Act.contact_id.in_(contact_ids),
            Act.applied_at.is_(None),
        )
    ):
        if act.bit in chunk.verdicts[act.contact_id].permissions:
            act.applied_at = now
