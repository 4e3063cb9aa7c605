"""Change a chunk's contacts in the CRM, before they are read and planned.

Which contacts go in one call, and its idempotency key, is stored before the call. Where a worker
died on it, the call is repeated as it was: the CRM does it once.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import cast
from uuid import UUID, uuid4

from sqlalchemy import Table, select, update

from spotler_plugin.crm import CrmClient, CrmError, Decision, PatchResult, TokenRefused
from spotler_plugin.extensions import db
from spotler_plugin.models import Outcome, Run, RunItem
from spotler_plugin.services.environment import crm_of
from spotler_plugin.services.sync.chunk import Chunk, Item
from spotler_plugin.services.sync.claim import renew_chunk
from spotler_plugin.sql import among, unindexed

ITEMS = cast(Table, RunItem.__table__)


class Overtaken(Exception):
    """Another worker has the contacts by now, or made the call: claim them anew."""


def patch_contacts(chunk: Chunk) -> dict[str, str]:
    """Change the contacts that are not changed yet; return those that the CRM declined, and why.

    Raises CrmError, except where the CRM declines all of a call, and Overtaken. Commits.
    """
    adjustment = chunk.run.adjustment
    due = [item for item in chunk.items.values() if item.patched_at is None]
    if adjustment is None or not adjustment.changes or not due:
        return {}
    crm = crm_of(chunk.environment)
    _join(chunk, [item for item in due if item.patch_key is None])
    db.session.commit()
    declined: dict[str, str] = {}
    for key in sorted({item.patch_key for item in due if item.patch_key is not None}):
        contact_ids = _of_call(chunk.run, key)
        db.session.commit()
        renew_chunk(chunk)
        ours = {item.contact_id for item in due if item.patch_key == key}
        if ours & chunk.lost or not ours.issubset(contact_ids):
            raise Overtaken
        result = _call(crm, chunk.run, contact_ids, key)
        _record(chunk, key, result)
        declined |= result.failed
    db.session.commit()
    return {id_: why for id_, why in declined.items() if id_ in chunk.items}


def _join(chunk: Chunk, items: Sequence[Item]) -> None:
    """Let these contacts go in one call."""
    key = uuid4()
    for item in items:
        item.patch_key = key
    db.session.execute(
        update(ITEMS)
        .where(
            unindexed(ITEMS.c.environment_id) == chunk.environment_id,
            unindexed(ITEMS.c.outcome) == Outcome.OPEN,
            among(ITEMS.c.id, [item.id for item in items]),
        )
        .values(patch_key=key)
    )


def _of_call(run: Run, key: UUID) -> list[str]:
    """Return the contacts of a call, in its order; none when its answer was recorded."""
    return list(
        db.session.scalars(
            select(RunItem.contact_id)
            .where(
                RunItem.environment_id == run.environment_id,
                RunItem.run_id == run.id,
                RunItem.patch_key == key,
                RunItem.patched_at.is_(None),
            )
            .order_by(RunItem.id)
        )
    )


def _call(crm: CrmClient, run: Run, contact_ids: list[str], key: UUID) -> PatchResult:
    adjustment = run.adjustment
    assert adjustment is not None
    try:
        return crm.contacts.patch(
            contact_ids,
            adjustment.changes,
            replace_keywords=adjustment.replaces_keywords,
            idempotency_key=f"run-{key}",
        )
    except TokenRefused:
        raise
    except CrmError as error:
        if error.decision is not Decision.PERMANENT:
            raise
        return PatchResult(frozenset(), dict.fromkeys(contact_ids, ""))


def _record(chunk: Chunk, key: UUID, result: PatchResult) -> None:
    """Record who was changed. Who was declined goes in another call, if it is tried again."""
    now = datetime.now(UTC)
    of_call = (
        unindexed(ITEMS.c.environment_id) == chunk.environment_id,
        ITEMS.c.run_id == chunk.run.id,
        ITEMS.c.patch_key == key,
    )
    changed = among(ITEMS.c.contact_id, result.updated)
    db.session.execute(update(ITEMS).where(*of_call, changed).values(patched_at=now))
    declined = among(ITEMS.c.contact_id, result.failed.keys())
    db.session.execute(update(ITEMS).where(*of_call, declined).values(patch_key=None))
    for item in chunk.items.values():
        if item.patch_key == key:
            item.patched_at = now if item.contact_id in result.updated else None
            item.patch_key = key if item.patched_at else None
