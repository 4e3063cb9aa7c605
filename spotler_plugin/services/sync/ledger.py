"""Record the results of a chunk: outcome, before-image, mirror and link of each contact.

The leases are released first, in the same transaction: so it is known which of them were still
held, and no other worker gets one before everything is stored.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from spotler_plugin.models import IN_STEP, NOT_WRITTEN, SENT, Outcome
from spotler_plugin.planning.detail import NOTHING
from spotler_plugin.planning.plan import ADDRESS, Change, ChangeKind
from spotler_plugin.planning.reason import Reason
from spotler_plugin.planning.values.address import address_key
from spotler_plugin.services.backoff import delay_after
from spotler_plugin.services.consent.acts import apply_acts
from spotler_plugin.services.consent.owner import settle_owner
from spotler_plugin.services.enrolment.request import drop_enrolments
from spotler_plugin.services.link.part import part_links
from spotler_plugin.services.link.tie import note_former_holder, untie_holders, untie_links
from spotler_plugin.services.mirror.close import record_closed, record_refusals
from spotler_plugin.services.mirror.write import forget_ids, record_writes
from spotler_plugin.services.run.lock import share_run
from spotler_plugin.services.sync.chunk import Chunk, Item
from spotler_plugin.services.sync.late import look_again
from spotler_plugin.services.sync.links import settle_links
from spotler_plugin.services.sync.rows import count_losses, store, store_images
from spotler_plugin.services.sync.written import NOT_SENT, TAKEN, Fate, Written

PLANNED = {
    ChangeKind.LINK: Outcome.LINKED,
    ChangeKind.UPDATE: Outcome.UPDATED,
    ChangeKind.UNCHANGED: Outcome.UNCHANGED,
    ChangeKind.BLOCKED: Outcome.BLOCKED,
}
REFUSED = {
    Fate.BLOCKED: Outcome.BLOCKED,
    Fate.GONE: Outcome.BLOCKED,
    Fate.REJECTED: Outcome.REJECTED,
}


def record_results(chunk: Chunk, results: Mapping[str, Written]) -> None:
    """Record the results in one transaction; contacts whose lease was lost are looked at again."""
    now, delays = datetime.now(UTC), Delays()
    lesser = {id_: each.sent for id_, each in results.items() if each.sent is not None}
    chunk.leave_out(lesser)
    for contact_id, item in chunk.items.items():
        if reason := chunk.unread.get(contact_id):
            item.forget_images()
            _postpone(item, reason, now, delays.after(item, None))
            continue
        change = chunk.changes[contact_id]
        # A planned write without a result was not sent.
        written = results.get(contact_id, NOT_SENT if change.writes else TAKEN)
        if written.fate is Fate.NOT_SENT:
            item.crashes = 0
            # Of one that is linked and emptied the first of two calls may have been made.
            if contact_id not in results or not change.is_batched:
                item.forget_images()
        elif written.fate is Fate.UNANSWERED:
            # Else it would explain what goes off in Spotler meanwhile. Closing is a second call.
            if written.never_left and not change.closes:
                item.forget_images()
            _postpone(item, written.reason, now, delays.after(item, written.retry_after))
        else:
            _settle(item, change, written, now)
    kept = _finish(chunk, now)
    store_images(chunk.environment_id, [item for item in kept if item.contact_id in lesser])
    sent = {item.contact_id: item for item in kept if item.outcome in SENT}
    gone = [item.contact_id for item in kept if item.reason is Reason.GONE_IN_SPOTLER]
    # Links before the mirror, as everywhere.
    if gone:
        untie_links(chunk.environment_id, gone)
    if chunk.parts:
        part_links(chunk.environment_id, [i.contact_id for i in kept if i.outcome in IN_STEP])
    for contact_id in sorted(sent):
        if sent[contact_id].take_over or contact_id in chunk.settled.owned:
            _take_over(chunk, contact_id)
    look_again(chunk, results, {item.contact_id for item in kept})
    record_writes(chunk.environment_id, {id_: chunk.changes[id_] for id_ in sorted(sent)})
    opted_out = [
        item.contact_id
        for item in kept
        # With details, it is the contact that has its new address that is inactive.
        if item.reason is Reason.INACTIVE and not item.detail
    ]
    record_refusals(chunk.environment_id, opted_out)
    closed = [contact_id for contact_id in sorted(sent) if chunk.changes[contact_id].closes]
    record_closed(chunk.environment_id, closed)
    if gone:
        forget_ids(chunk.environment_id, gone, now)


def postpone_all(chunk: Chunk, reason: Reason, retry_after: float | None) -> None:
    """Retry the whole chunk later, as the CRM or Spotler could not be read."""
    now, delays = datetime.now(UTC), Delays()
    for item in chunk.items.values():
        item.forget_images()
        _postpone(item, reason, now, delays.after(item, retry_after))
    _finish(chunk, now)


def set_aside(chunk: Chunk, reason: Reason) -> None:
    """Give up on the chunk's contacts; the run goes on without them."""
    now = datetime.now(UTC)
    for item in chunk.items.values():
        item.outcome, item.reason, item.settled_at = Outcome.FAILED, reason, now
    _finish(chunk, now)


class Delays:
    """Retry delays for the contacts of a chunk: equal ones for equal cases, so that these contacts
    come back in one chunk."""

    def __init__(self) -> None:
        self._known: dict[tuple[int, float | None], timedelta | None] = {}

    def after(self, item: Item, retry_after: float | None) -> timedelta | None:
        """Return the delay after one more failed attempt, or None to give up."""
        key = item.attempts + 1, retry_after
        if key not in self._known:
            self._known[key] = delay_after(*key)
        return self._known[key]


def _take_over(chunk: Chunk, contact_id: str) -> None:
    """Note whose the address was, and where a person says so now, whose it is."""
    others = set(untie_holders(chunk.environment_id, contact_id))
    before = chunk.items[contact_id].before
    holder = before.external_id if before else None
    if holder is not None and holder != contact_id:
        note_former_holder(chunk.environment_id, holder, contact_id)
        others.add(holder)
    if not chunk.items[contact_id].take_over:
        return
    settle_owner(
        chunk.environment_id,
        contact_id,
        others,
        address_key(chunk.changes[contact_id].sets[ADDRESS]),
        actor_id=chunk.run.actor_id,
        actor_name=chunk.run.actor_name,
    )


def _finish(chunk: Chunk, now: datetime) -> list[Item]:
    """Release the leases and store the items and what follows; return the items still leased."""
    share_run(chunk.run)
    kept = [chunk.items[contact_id] for contact_id in sorted(settle_links(chunk, now))]
    count_losses(chunk.run, kept)
    store(chunk.environment_id, kept)
    settled = {item.contact_id for item in kept if item.outcome is not Outcome.OPEN}
    not_written = {item.contact_id for item in kept if item.outcome in NOT_WRITTEN}
    if chunk.has_acts:
        apply_acts(chunk.run, chunk.verdicts, settled - not_written)
    if not_written:
        drop_enrolments(chunk.run, "contact_not_written", not_written)
    return kept


def _postpone(item: Item, reason: Reason | None, now: datetime, delay: timedelta | None) -> None:
    """Schedule another attempt; with `delay` None, give the contact up."""
    item.attempts += 1
    item.crashes = 0
    item.reason = reason
    if delay is None:
        item.outcome, item.settled_at = Outcome.FAILED, now
    else:
        item.due_at = now + delay


def _settle(item: Item, change: Change, written: Written, now: datetime) -> None:
    item.outcome = REFUSED.get(written.fate) or _planned(item, change)
    item.reason = written.reason or change.reason
    # What was left out of a write is nothing to tell of one that was blocked altogether.
    told = NOTHING if written.fate is Fate.BLOCKED else change.detail
    if item.outcome not in IN_STEP:
        told = replace(told, left=())
    if item.reason is Reason.ADDRESS_REFUSED:
        told = replace(told, address=str(change.sets.get(ADDRESS) or ""))
    item.detail = told.with_answer(written.detail.code, written.detail.message) or None
    item.settled_at = now
    if item.outcome in NOT_WRITTEN:
        # This attempt overwrote nothing.
        item.forget_images()


def _planned(item: Item, change: Change) -> Outcome:
    """Return the outcome; what an earlier attempt did whose answer was lost counts for this run."""
    if change.kind is ChangeKind.UNCHANGED and item.claimed_before is not None:
        return Outcome.LINKED if item.was_linked else Outcome.UPDATED
    return PLANNED[change.kind]
