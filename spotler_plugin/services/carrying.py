"""Carry out a chunk: read, plan, write, write down.

No transaction is open while another party is called: on SQLite a writer makes all others wait.
The lanes are held instead, and every step that writes down checks that they still are.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import UTC, datetime

from structlog import get_logger

from spotler_plugin.crm import CrmClient
from spotler_plugin.extensions import db
from spotler_plugin.models import ADDING
from spotler_plugin.planning.plan import Change, ChangeKind, Observed, Terms, Wanted, plan
from spotler_plugin.planning.reason import Reason
from spotler_plugin.services import ledger, mirror, observing, wanting
from spotler_plugin.services.chunk import Chunk
from spotler_plugin.services.holding import hold_on
from spotler_plugin.services.rules import Rules
from spotler_plugin.spotler import SpotlerClient, SpotlerError

HELD = 5.0
"""Seconds after which the lanes are renewed on the way."""
STALE = 5.0
"""Seconds that a chunk may wait for its call; then it is read and planned anew."""

log = get_logger()


def prepare(chunk: Chunk, rules: Rules, crm: CrmClient, spotler: SpotlerClient) -> None:
    """Read and plan the chunk, up to its call. Raises the clients' errors.

    What was not written down is done again.
    """
    _hold_on_if_needed(chunk)
    wanted = wanting.read(chunk, rules, crm)
    known = observing.read(chunk, wanted, spotler)
    rivals = observing.rivals(chunk, wanted, known)
    wanted = wanting.judge(chunk, wanted)
    chunk.changes = _planned(chunk, rules, wanted, known, rivals)
    chunk.planned_at = time.monotonic()
    _hold_on_if_needed(chunk)
    chunk.writes = {
        id_: change
        for id_, change in chunk.changes.items()
        if change.writes and id_ not in chunk.lost
    }
    # Before the call: if its answer is lost, what it overwrote is known all the same.
    ledger.keep_images(chunk)
    db.session.commit()


def is_stale(chunk: Chunk) -> bool:
    """Whether what it was planned by is too old to write by."""
    return time.monotonic() - chunk.planned_at > STALE


def _hold_on_if_needed(chunk: Chunk) -> None:
    if time.monotonic() - chunk.held_at > HELD:
        hold_on(chunk)


def _planned(
    chunk: Chunk,
    rules: Rules,
    wanted: Mapping[str, Wanted],
    known: Mapping[str, Observed],
    rivals: Mapping[str, str],
) -> dict[str, Change]:
    changes = dict.fromkeys(chunk.items, Change(ChangeKind.BLOCKED, Reason.GONE))
    for contact_id, person in wanted.items():
        terms = Terms(
            adds=chunk.run.kind in ADDING,
            take_over=chunk.items[contact_id].take_over,
            rival=rivals.get(contact_id),
        )
        changes[contact_id] = plan(person, known.get(contact_id), terms, rules.types)
    return changes


def read_back(chunk: Chunk, spotler: SpotlerClient) -> None:
    """After a write of one: learn the id that Spotler gave, and what it made of the values.

    The write itself is done and written down; failing here only leaves the mirror a little behind.
    """
    if not (chunk.is_single and chunk.writes):
        return
    read_at = datetime.now(UTC)
    try:
        contacts = [spotler.contacts.get(contact_id) for contact_id in chunk.items]
    except SpotlerError as error:
        log.info("run.read_back_failed", run=str(chunk.run.id), error=type(error).__name__)
        return
    mirror.record(chunk.environment_id, [c for c in contacts if c is not None], read_at)
    db.session.commit()
