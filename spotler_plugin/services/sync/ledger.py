"""Write down what happened to each contact of a chunk: outcome, before-image, mirror and link.

The leases are given back first, in the same transaction: so it is known which of them were still
ours, and nobody takes one before all of it is written.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from spotler_plugin.models import NOT_WRITTEN, SENT, Outcome
from spotler_plugin.planning.plan import Change, ChangeKind
from spotler_plugin.planning.reason import Reason
from spotler_plugin.services.backoff import delay_after
from spotler_plugin.services.consent.acts import apply_acts
from spotler_plugin.services.enrolment.request import drop_enrolments
from spotler_plugin.services.link.tie import untie_holders
from spotler_plugin.services.mirror.write import record_opt_outs, record_writes
from spotler_plugin.services.sync.chunk import Chunk, Item
from spotler_plugin.services.sync.links import settle_links
from spotler_plugin.services.sync.rows import store
from spotler_plugin.services.sync.send import NOT_SENT, TAKEN, Fate, Written

PLANNED = {
    ChangeKind.LINK: Outcome.LINKED,
    ChangeKind.UPDATE: Outcome.UPDATED,
    ChangeKind.UNCHANGED: Outcome.UNCHANGED,
    ChangeKind.BLOCKED: Outcome.BLOCKED,
}
REFUSED = {Fate.BLOCKED: Outcome.BLOCKED, Fate.REJECTED: Outcome.REJECTED}


def write_down(chunk: Chunk, results: Mapping[str, Written]) -> None:
    """Everything of a chunk in one transaction; who was lost is left to others."""
    now, delays = datetime.now(UTC), Delays()
    for contact_id, item in chunk.items.items():
        change = chunk.changes[contact_id]
        # Who should have been written, and has no result, was not.
        written = results.get(contact_id, NOT_SENT if change.writes else TAKEN)
        if written.fate is Fate.NOT_SENT:
            item.crashes = 0
        elif written.fate is Fate.UNANSWERED:
            _postpone(item, written.reason, now, delays.after(item, written.retry_after))
        else:
            _settle(item, change, written, now)
    kept = _finish(chunk, now)
    sent = {item.contact_id: item for item in kept if item.outcome in SENT}
    record_writes(chunk.environment_id, {id_: chunk.changes[id_] for id_ in sorted(sent)})
    opted_out = [item.contact_id for item in kept if item.reason is Reason.INACTIVE]
    record_opt_outs(chunk.environment_id, opted_out)
    for contact_id in sorted(sent):
        if sent[contact_id].take_over:
            untie_holders(chunk.environment_id, contact_id)


def postpone_all(chunk: Chunk, reason: Reason, retry_after: float | None) -> None:
    """The CRM or Spotler could not be read: the whole chunk comes back later."""
    now, delays = datetime.now(UTC), Delays()
    for item in chunk.items.values():
        _postpone(item, reason, now, delays.after(item, retry_after))
    _finish(chunk, now)


def set_aside(chunk: Chunk, reason: Reason) -> None:
    """Give up on the chunk's contacts; the run goes on without them."""
    now = datetime.now(UTC)
    for item in chunk.items.values():
        item.outcome, item.reason, item.settled_at = Outcome.FAILED, reason, now
    _finish(chunk, now)


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


def _finish(chunk: Chunk, now: datetime) -> list[Item]:
    """Give the leases back, write the items back, with what follows; returns those still ours."""
    items = chunk.items.values()
    kept_ids = settle_links(chunk.environment_id, chunk.lease, items, chunk.versions, now)
    kept = [chunk.items[contact_id] for contact_id in sorted(kept_ids)]
    store(chunk.environment_id, kept)
    settled = {item.contact_id for item in kept if item.outcome is not Outcome.OPEN}
    not_written = {item.contact_id for item in kept if item.outcome in NOT_WRITTEN}
    if chunk.has_acts:
        apply_acts(chunk.run, chunk.verdicts, settled - not_written)
    if not_written:
        drop_enrolments(chunk.run, "contact_not_written", not_written)
    return kept


def _postpone(item: Item, reason: Reason | None, now: datetime, delay: timedelta | None) -> None:
    """Try the contact again after a while, or set it aside when that was done often enough."""
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
    item.detail = change.detail.with_answer(written.detail.code, written.detail.message) or None
    item.settled_at = now
    if item.outcome in NOT_WRITTEN:
        # What this try would have overwritten stands as it was.
        item.before, item.after = item.claimed_before, item.claimed_after


def _planned(item: Item, change: Change) -> Outcome:
    """As planned; but what an earlier try, whose answer was lost, did is this run's doing too."""
    if change.kind is ChangeKind.UNCHANGED and item.claimed_before is not None:
        linked = item.claimed_before.external_id != item.contact_id
        return Outcome.LINKED if linked else Outcome.UPDATED
    return PLANNED[change.kind]
