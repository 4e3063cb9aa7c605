"""Store the results of a chunk on its links, and release the leases."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, func, update

from spotler_plugin.extensions import db
from spotler_plugin.models import IN_STEP, Outcome
from spotler_plugin.planning.reason import Reason
from spotler_plugin.services.lease import FREE
from spotler_plugin.services.link.lease import HELD, LINKS, release_leases
from spotler_plugin.services.link.primary import noted_primary
from spotler_plugin.services.sync.chunk import Chunk, Item

_NOW = bindparam("now", type_=LINKS.c.linked_at.type)
_SUCCEED = HELD.values(
    **FREE,
    linked_at=func.coalesce(LINKS.c.linked_at, _NOW),
    synced_at=_NOW,
    former_address=None,
    problem=None,
    problem_detail=None,
    problem_outcome=None,
).returning(LINKS.c.crm_version, LINKS.c.primary_of, LINKS.c.primary_since)
_ONE = update(LINKS).where(
    LINKS.c.environment_id == bindparam("owner"), LINKS.c.contact_id == bindparam("contact")
)


def settle_links(chunk: Chunk, now: datetime) -> set[str]:
    """Release the leases, and store on each link the result of its latest attempt.

    Returns the contacts whose leases were still held; links of the others are not changed.
    """
    good = {item.contact_id for item in chunk.items.values() if item.outcome in IN_STEP}
    kept = _succeed(chunk, good, now) if good else set()
    others = chunk.items.keys() - good
    if others:
        ours = release_leases(chunk.environment_id, others, chunk.lease)
        _fail(chunk.environment_id, [chunk.items[id_] for id_ in sorted(ours)])
        kept |= ours
    return kept


def _succeed(chunk: Chunk, contact_ids: Collection[str], now: datetime) -> set[str]:
    """Store that they are in step, and what differs of the CRM's version and primary contact."""
    held = {"owner": chunk.environment_id, "contacts": contact_ids, "held": chunk.lease}
    kept, notes = set(), []
    for contact_id, *before in db.session.connection().execute(_SUCCEED, {**held, "now": now}):
        kept.add(contact_id)
        _, relation, since = before
        if contact_id in chunk.primaries:
            relation, since = noted_primary(chunk.primaries[contact_id], relation, since, now)
        version = chunk.versions.get(contact_id)
        after = {"crm_version": version, "primary_of": relation, "primary_since": since}
        if [*after.values()] != before:
            notes.append({"contact": contact_id, **after})
    _write(chunk.environment_id, notes)
    return kept


def _fail(environment_id: int, items: Collection[Item]) -> None:
    """Store why contacts were not written; links of contacts to be retried stay as they are.

    So do those of whom who saved it is asked again.
    """
    problems = [
        {
            "contact": item.contact_id,
            "problem": item.reason,
            "problem_detail": item.detail,
            "problem_outcome": item.outcome,
        }
        for item in items
        if item.outcome is not Outcome.OPEN and item.reason is not Reason.SWITCHED_SINCE
    ]
    _write(environment_id, problems)


def _write(environment_id: int, rows: Sequence[dict[str, Any]]) -> None:
    """Update the link of each row's `contact`."""
    if rows:
        given = [{"owner": environment_id, **row} for row in rows]
        db.session.connection().execute(_ONE, given)
