"""Write down what happened to each contact of a chunk: outcome, before-image, mirror and link.

The lanes are given back first, in the same transaction: so it is known which of them were still
ours, and nobody takes one before all of it is written.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, cast

from sqlalchemy import Table, bindparam, select, update

from spotler_plugin.extensions import db
from spotler_plugin.models import Act, Link, Outcome, RunItem
from spotler_plugin.planning import image
from spotler_plugin.planning.plan import Change, ChangeKind
from spotler_plugin.planning.reason import Reason
from spotler_plugin.services import enrolment, lane, link_record, mirror
from spotler_plugin.services.chunk import Chunk, Item
from spotler_plugin.services.retrying import delay_after
from spotler_plugin.services.writing import NOT_SENT, TAKEN, Written
from spotler_plugin.sql import among, aside

PLANNED = {
    ChangeKind.LINK: Outcome.LINKED,
    ChangeKind.UPDATE: Outcome.UPDATED,
    ChangeKind.UNCHANGED: Outcome.UNCHANGED,
    ChangeKind.BLOCKED: Outcome.BLOCKED,
}
SENT = frozenset({Outcome.LINKED, Outcome.UPDATED})
UNWRITTEN = frozenset({Outcome.BLOCKED, Outcome.REJECTED, Outcome.FAILED})

ITEMS = cast(Table, RunItem.__table__)
STORED = ("outcome", "reason", "detail", "attempts", "strikes", "due_at", "settled_at")
"""What carrying an item out may change, besides its images."""


def write_down(chunk: Chunk, results: Mapping[str, Written]) -> None:
    """Everything of a chunk in one transaction; contacts whose lane was lost are left to others."""
    now, delays = datetime.now(UTC), Delays()
    for contact_id, item in chunk.items.items():
        change = chunk.changes[contact_id]
        # Who should have been written, and has no result, was not.
        written = results.get(contact_id, NOT_SENT if change.writes else TAKEN)
        if written is NOT_SENT:
            item.strikes = 0
        elif written.outcome is Outcome.OPEN:
            _postpone(item, written.reason, now, delays.after(item, written.retry_after))
        else:
            _settle(item, change, written, now)
    kept = _finish(chunk, now)
    sent = {item.contact_id: item for item in kept if item.outcome in SENT}
    mirror.record_writes(chunk.environment_id, {id_: chunk.changes[id_] for id_ in sorted(sent)})
    opted_out = [item.contact_id for item in kept if item.reason == Reason.INACTIVE]
    mirror.record_opt_outs(chunk.environment_id, opted_out)
    for contact_id in sorted(sent):
        if sent[contact_id].take_over:
            _untie_holders(chunk, contact_id)


def postpone_all(chunk: Chunk, reason: Reason, retry_after: float | None) -> None:
    """The CRM or Spotler could not be read: the whole chunk comes back later."""
    now, delays = datetime.now(UTC), Delays()
    for item in chunk.items.values():
        _postpone(item, reason, now, delays.after(item, retry_after))
    _finish(chunk, now)


def give_back(chunk: Chunk) -> None:
    """Return the contacts as if they had not been claimed."""
    kept = lane.release(chunk.environment_id, chunk.items, chunk.lease)
    db.session.execute(
        update(ITEMS)
        .where(
            aside(ITEMS.c.environment_id) == chunk.environment_id,
            aside(ITEMS.c.outcome) == Outcome.OPEN,
            among(ITEMS.c.id, [chunk.items[contact_id].id for contact_id in kept]),
        )
        .values(strikes=ITEMS.c.strikes - 1)
    )


def set_aside(chunk: Chunk, reason: Reason) -> None:
    """Give up on the chunk's contacts; the run goes on without them."""
    now = datetime.now(UTC)
    for item in chunk.items.values():
        item.outcome, item.reason, item.settled_at = Outcome.FAILED, reason, now
    _finish(chunk, now)


def _finish(chunk: Chunk, now: datetime) -> list[Item]:
    """Give the lanes back, write the items back, with what follows; returns those still ours."""
    versions = {id_: str(person.version) for id_, person in chunk.people.items()}
    items = chunk.items.values()
    kept_ids = link_record.settle(chunk.environment_id, chunk.lease, items, versions, now)
    kept = [chunk.items[contact_id] for contact_id in sorted(kept_ids)]
    _store(chunk.environment_id, kept)
    settled = {item.contact_id for item in kept if item.outcome is not Outcome.OPEN}
    unwritten = {item.contact_id for item in kept if item.outcome in UNWRITTEN}
    _apply_acts(chunk, settled - unwritten)
    if unwritten:
        enrolment.drop(chunk.run, "contact_not_written", unwritten)
    return kept


class Delays:
    """How long the contacts of a chunk wait: those alike equally long, so that they stay together
    when they come back."""

    def __init__(self) -> None:
        self._known: dict[tuple[int, float | None], timedelta | None] = {}

    def after(self, item: Item, retry_after: float | None) -> timedelta | None:
        """After one more try that came to nothing; None: it was often enough."""
        key = item.attempts + 1, retry_after
        if key not in self._known:
            self._known[key] = delay_after(*key)
        return self._known[key]


def _postpone(item: Item, reason: Reason | None, now: datetime, delay: timedelta | None) -> None:
    """Try the contact again after a while, or set it aside when that was done often enough."""
    item.attempts += 1
    item.strikes = 0
    item.reason = reason
    if delay is None:
        item.outcome, item.settled_at = Outcome.FAILED, now
    else:
        item.due_at = now + delay


def keep_images(chunk: Chunk) -> None:
    """Note what each contact has and what it will get, over what an earlier try noted.

    A plan that was not sent in time left images too: those of this one take their place.
    """
    for item in chunk.items.values():
        item.before, item.after = item.claimed_before, item.claimed_after
    for contact_id, change in chunk.writes.items():
        item = chunk.items[contact_id]
        item.before = image.earliest(item.claimed_before, image.before(change))
        item.after = image.latest(item.claimed_after, image.after(change))
    rows = [
        {"item_id": item.id, "before": item.before, "after": item.after}
        for item in (chunk.items[contact_id] for contact_id in sorted(chunk.writes))
    ]
    if rows:
        of_one = update(ITEMS).where(
            ITEMS.c.environment_id == chunk.environment_id, ITEMS.c.id == bindparam("item_id")
        )
        db.session.connection().execute(of_one, rows)


def _planned(item: Item, change: Change) -> Outcome:
    """As planned; but what an earlier try, whose answer was lost, did is this run's doing too."""
    if change.kind is ChangeKind.UNCHANGED and item.claimed_before is not None:
        linked = item.claimed_before["external_id"] != item.contact_id
        return Outcome.LINKED if linked else Outcome.UPDATED
    return PLANNED[change.kind]


def _settle(item: Item, change: Change, written: Written, now: datetime) -> None:
    item.outcome = written.outcome or _planned(item, change)
    item.reason = written.reason or change.reason
    item.detail = {**change.detail, **written.detail} or None
    item.settled_at = now
    if item.outcome in UNWRITTEN:
        # What this try would have overwritten stands as it was.
        item.before, item.after = item.claimed_before, item.claimed_after


def _store(environment_id: int, items: Collection[Item]) -> None:
    """One statement for all that are alike, which most are; past the session."""
    alike: dict[str, list[Item]] = {}
    for item in items:
        stored = [getattr(item, name) for name in STORED]
        alike.setdefault(repr((stored, item.before is None)), []).append(item)
    for group in alike.values():
        values: dict[str, Any] = {name: getattr(group[0], name) for name in STORED}
        if group[0].before is None:
            values |= {"before": None, "after": None}
        db.session.execute(
            update(ITEMS)
            .where(
                aside(ITEMS.c.environment_id) == environment_id,
                # A run that was closed meanwhile keeps its sums.
                aside(ITEMS.c.outcome) == Outcome.OPEN,
                among(ITEMS.c.id, [item.id for item in group]),
            )
            .values(values)
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
    if not chunk.has_acts:
        return
    now = datetime.now(UTC)
    for act in db.session.scalars(
        select(Act).where(
            Act.environment_id == chunk.environment_id,
            Act.run_id == chunk.run.id,
            among(Act.contact_id, contact_ids),
            Act.applied_at.is_(None),
        )
    ):
        if act.bit in chunk.verdicts[act.contact_id].permissions:
            act.applied_at = now
