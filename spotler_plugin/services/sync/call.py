"""Make a chunk's call on a thread of its own; meanwhile the worker prepares the next chunk.

Half of a chunk's time is waiting for Spotler, the other half is work of ours. A worker makes one
call at a time, so the account gets as many at once as the run has workers.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from concurrent.futures import Executor, Future
from contextvars import copy_context
from dataclasses import dataclass

from flask import current_app

from spotler_plugin.extensions import db, snapshot
from spotler_plugin.planning.offer import Offer
from spotler_plugin.planning.plan import Change
from spotler_plugin.services.account.client import list_only_updates, note_list_only_updates
from spotler_plugin.services.catalogue.offer import current_offer
from spotler_plugin.services.link.lease import renew_leases
from spotler_plugin.services.sync.chunk import Chunk
from spotler_plugin.services.sync.send import Ends, Sent, send_changes
from spotler_plugin.services.sync.written import Renew
from spotler_plugin.spotler import SpotlerClient

RENEW_AFTER = 1.0
"""Seconds after which leases are renewed before a call: it takes 28 at most, they last 30."""


@dataclass(frozen=True, slots=True, eq=False)
class Call:
    """A chunk whose call is under way."""

    chunk: Chunk
    spotler: SpotlerClient
    future: Future[Sent]

    @property
    def is_over(self) -> bool:
        return self.future.done()

    def fails(self) -> bool:
        """Wait for its end, and return whether it failed: a refused key, or a bug of ours."""
        return self.future.exception() is not None or self.future.result().is_refused

    def sent(self) -> Sent:
        """Wait for its end, and return what became of it. Raises CredentialsRefused."""
        return self.future.result()


def begin_call(thread: Executor, chunk: Chunk, spotler: SpotlerClient, is_urgent: Ends) -> Call:
    """Begin the chunk's call; `thread` makes one at a time.

    `is_urgent` returns whether somebody waits for the worker.
    """
    renew = _renewal(chunk)
    # The copy has the application context, and the values bound to the log lines of the run.
    context = copy_context()
    account = AccountMemory(chunk.environment_id, spotler)
    future = thread.submit(context.run, _write, chunk.writes, spotler, renew, account, is_urgent)
    return Call(chunk, spotler, future)


@dataclass(frozen=True, slots=True)
class AccountMemory:
    """What our tables have learned of the account; used on the call's thread only."""

    environment_id: int
    spotler: SpotlerClient

    def list_only_updates(self) -> bool:
        with snapshot():
            return list_only_updates(self.environment_id)

    def note_list_only_updates(self) -> None:
        note_list_only_updates(self.environment_id)
        db.session.commit()

    def offer(self, *, doubted: bool) -> Offer:
        return current_offer(self.environment_id, self.spotler, doubted=doubted)


def _write(
    changes: Mapping[str, Change],
    spotler: SpotlerClient,
    renew: Renew,
    account: AccountMemory,
    is_urgent: Ends,
) -> Sent:
    # A session of its own: the worker is using the other one.
    with current_app.app_context():
        sent = send_changes(spotler, changes, renew, account, is_urgent)
        # The results may have to wait until the next chunk is prepared.
        renew()
        return sent


def _renewal(chunk: Chunk) -> Renew:
    """Return the function that renews the leases before each call.

    It holds plain values of the chunk only: the chunk's rows belong to the worker's session.
    """
    environment_id, lease = chunk.environment_id, chunk.lease
    renewed_at, kept = chunk.renewed_at, frozenset(chunk.writes)

    def renew() -> frozenset[str]:
        nonlocal renewed_at, kept
        now = time.monotonic()
        if now - renewed_at > RENEW_AFTER:
            kept &= renew_leases(environment_id, kept, lease)
            db.session.commit()
            renewed_at = now
        return kept

    return renew
