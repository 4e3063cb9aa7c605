"""Take a turn at an erasure: Spotler, the backups, what the CRM says, and once more our tables.

A worker may die anywhere in it, and CRM or Spotler may be away: the row says that it is open, and
the next turn does all of it again. What was done already is then found to be gone.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, and_, select
from structlog import get_logger

from spotler_plugin.extensions import db
from spotler_plugin.models import Environment, Erasure, ErasureState
from spotler_plugin.planning.reason import Reason
from spotler_plugin.services.backup.erase import erase_contact, erase_refusals, has_unfinished
from spotler_plugin.services.environment import enabled_environments, lock_environment
from spotler_plugin.services.erasure.cancel import is_under_way
from spotler_plugin.services.erasure.remains import Remains
from spotler_plugin.services.erasure.request import add_counts, wipe
from spotler_plugin.services.erasure.shown import wipe_mentions
from spotler_plugin.services.erasure.there import There, Waits, addresses_in_crm, anonymise
from spotler_plugin.services.erasure.wipe import wipe_mirror
from spotler_plugin.services.lease import claim, renew

LEASE = timedelta(seconds=60)
"""Longer than the calls between two renewals can last."""
SOON = timedelta(seconds=10)
"""When to look again at what ends by itself: a write that is under way, a backup being made."""
LONGEST = timedelta(hours=1)
"""The pause between two tries, which never end: somebody was told that it would be done."""

log = get_logger()


class _Overtaken(Exception):
    """Another worker took over."""


def advance_erasure(environment_id: int, erasure_id: UUID) -> None:
    """Do what can be done now; what goes wrong stands on the row, and is tried again. Commits."""
    lease = claim(Erasure, _open(environment_id, erasure_id), LEASE)
    db.session.commit()
    if lease is None:
        return
    owner = db.session.get_one(Environment, environment_id, populate_existing=True)
    turn = _Turn(owner, erasure_id, lease)
    try:
        turn.take()
    except Waits as waits:
        db.session.rollback()
        turn.postpone(waits)
    except _Overtaken:
        db.session.rollback()


@dataclass(frozen=True, slots=True)
class _Turn:
    owner: Environment
    erasure_id: UUID
    lease: UUID

    def take(self) -> None:
        row = self._held()
        remains = Remains.loads(row.remains or "")
        if is_under_way(self.owner.id, remains.all_ids):
            raise Waits(None)
        if (since := self.owner.account_since) is not None and since > row.asked_at:
            remains = remains.in_another_account()
        db.session.commit()
        there = anonymise(self.owner, remains, self._renew)
        remains = self._learn(remains, there)
        if has_unfinished(self.owner.id):
            raise Waits(None)
        self._each("backups", self._in_backups(remains))
        self._each("mentions", wipe_mentions(self.owner.id, remains))
        self._finish(remains)

    def _learn(self, remains: Remains, there: There) -> Remains:
        """Look for the addresses that Spotler and the CRM have, too."""
        addresses = there.addresses | addresses_in_crm(self.owner, remains)
        row = self._held()
        more = remains.with_addresses(self.owner.id, addresses)
        row.anonymised, row.left_there = max(row.anonymised, there.anonymised), there.left
        wipe(row, more)
        db.session.commit()
        if there.undone:
            raise Waits(Reason.SPOTLER_REFUSED)
        return more

    def _in_backups(self, remains: Remains) -> Iterator[int]:
        ids, addresses = remains.ids - remains.unsure, remains.addresses
        yield from erase_contact(self.owner.id, external_ids=ids, addresses=addresses)
        yield from erase_refusals(self.owner.id, remains.says)

    def _each(self, kind: str, steps: Iterator[int]) -> None:
        """Carry out the steps, a transaction each, with the number on the row."""
        for number in steps:
            db.session.flush()
            row = self._held()
            if number:
                add_counts(row, {kind: number})
            row.leased_until = datetime.now(UTC) + LEASE
            db.session.commit()

    def _finish(self, remains: Remains) -> None:
        """Wipe once more what came meanwhile; from here on the marks are all that is left."""
        row = self._held()
        wipe(row, remains)
        lock_environment(self.owner.id)
        wipe_mirror(self.owner.id, remains)
        row.remains, row.reason = None, None
        row.state, row.finished_at = ErasureState.DONE, datetime.now(UTC)
        row.lease, row.leased_until = None, None
        db.session.commit()
        log.info("erasure.done", environment=self.owner.id, erasure=str(self.erasure_id))

    def postpone(self, waits: Waits) -> None:
        """Keep why it waits; what ends by itself does not count as an attempt."""
        try:
            row = self._held()
        except _Overtaken:
            db.session.commit()
            return
        row.reason, row.enqueued_at = waits.reason, None
        row.lease, row.leased_until = None, None
        if waits.reason is None:
            row.attempts, pause = 0, SOON
        else:
            pause = min(SOON * 2 ** min(row.attempts, 10), LONGEST)
        row.due_at = datetime.now(UTC) + max(pause, timedelta(seconds=waits.retry_after or 0))
        db.session.commit()

    def _held(self) -> Erasure:
        row = db.session.scalar(
            select(Erasure)
            .where(_open(self.owner.id, self.erasure_id), Erasure.lease == self.lease)
            .with_for_update()
            .execution_options(populate_existing=True)
        )
        if row is None:
            raise _Overtaken
        return row

    def _renew(self) -> None:
        kept = renew(Erasure, _open(self.owner.id, self.erasure_id), self.lease, LEASE)
        db.session.commit()
        if not kept:
            raise _Overtaken


def _open(environment_id: int, erasure_id: UUID) -> ColumnElement[bool]:
    return and_(
        Erasure.environment_id == environment_id,
        Erasure.environment_id.in_(enabled_environments()),
        Erasure.id == erasure_id,
        Erasure.state == ErasureState.OPEN,
    )
