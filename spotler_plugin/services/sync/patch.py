"""Change a chunk's contacts in the CRM, before they are read and planned.

Which contacts go in one call, its idempotency key, and what they had before are stored before the
call. Where a worker died on it, the call is repeated as it was: the CRM does it once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import cast
from uuid import UUID, uuid4

from sqlalchemy import Table, bindparam, select, update

from spotler_plugin.crm import CrmClient, CrmContact, CrmError, Decision, PatchResult, TokenRefused
from spotler_plugin.extensions import db
from spotler_plugin.models import Outcome, Run, RunItem
from spotler_plugin.planning.undo.order import Undo
from spotler_plugin.planning.undo.patch import Patch, back
from spotler_plugin.services.consent.erased import erased_in_crm
from spotler_plugin.services.environment import crm_of
from spotler_plugin.services.link.part import parted_among
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
    due = [item for item in chunk.items.values() if item.patched_at is None]
    if not due or not _changes_crm(chunk.run):
        return {}
    crm = crm_of(chunk.environment)
    db.session.commit()
    _join(chunk, crm, [item for item in due if item.patch_key is None])
    db.session.commit()
    declined: dict[str, str] = {}
    for key in sorted({item.patch_key for item in due if item.patch_key is not None}):
        contacts = _of_call(chunk.run, key)
        db.session.commit()
        renew_chunk(chunk)
        ours = {item.contact_id for item in due if item.patch_key == key}
        if ours & chunk.lost or not ours.issubset(contacts):
            raise Overtaken
        result = _call(crm, chunk.run, contacts, key)
        _record(chunk, key, result)
        declined |= result.failed
    db.session.commit()
    return {id_: why for id_, why in declined.items() if id_ in chunk.items}


def _changes_crm(run: Run) -> bool:
    if run.undo is not None:
        return run.undo.patches
    return run.adjustment is not None and bool(run.adjustment.changes)


def _join(chunk: Chunk, crm: CrmClient, items: Sequence[Item]) -> None:
    """Let these contacts go in one call, or in one for each change; keep what the CRM has now."""
    if not items:
        return
    read = crm.contacts.get_many([item.contact_id for item in items]).contacts
    # What the CRM has of them would be kept here again.
    erased = erased_in_crm(chunk.environment_id, read)
    items = [item for item in items if item.contact_id not in erased]
    now = {id_: each for id_, each in read.items() if id_ not in erased}
    if chunk.run.undo is not None:
        patches = _patches_back(chunk.run, chunk.run.undo, now)
        items = [item for item in items if item.contact_id in patches]
    else:
        patches = {id_: _patch(chunk.run, each) for id_, each in now.items()}
    keys: dict[str, UUID] = {}
    for item in items:
        # All of a bulk mutation are told the same, whatever becomes of them.
        told = patches[item.contact_id].after if chunk.run.undo is not None else None
        item.patch_key = keys.setdefault(repr(told), uuid4())
    of_one = update(ITEMS).where(
        unindexed(ITEMS.c.environment_id) == chunk.environment_id,
        unindexed(ITEMS.c.outcome) == Outcome.OPEN,
        ITEMS.c.id == bindparam("item_id"),
    )
    values = {"patch_key": bindparam("key"), "patch": bindparam("told", type_=ITEMS.c.patch.type)}
    rows = [
        {"item_id": item.id, "key": item.patch_key, "told": patches.get(item.contact_id)}
        for item in items
    ]
    if rows:
        db.session.connection().execute(of_one.values(values), rows)


def _patch(run: Run, contact: CrmContact) -> Patch:
    """Return what a bulk mutation changes of a contact."""
    assert run.adjustment is not None
    fields = contact.changeable
    names = run.adjustment.changes.keys()
    after = {"active": run.adjustment.active, **run.adjustment.applied_to(contact.fields)}
    return Patch(
        {name: fields[name] for name in names if name in fields},
        {name: after[name] for name in names},
    )


def _patches_back(run: Run, undo: Undo, now: Mapping[str, CrmContact]) -> dict[str, Patch]:
    """Return what goes back of the contacts of which anything does, and that are still there."""
    here = now.keys() - parted_among(run.environment_id, now)
    rows = db.session.execute(
        select(RunItem.contact_id, RunItem.patch).where(
            RunItem.environment_id == run.environment_id,
            RunItem.run_id == run.undoes_id,
            RunItem.patch_key.is_not(None),
            among(RunItem.contact_id, here),
        )
    )
    patches = {}
    for contact_id, patch in rows:
        fields = now[contact_id].changeable
        changes = back(patch or Patch(), fields, overrides=undo.overrides).changes
        if changes:
            patches[contact_id] = Patch({name: fields[name] for name in changes}, changes)
    return patches


def _of_call(run: Run, key: UUID) -> dict[str, Patch | None]:
    """Return the contacts of a call, in its order; none when its answer was recorded."""
    rows = db.session.execute(
        select(RunItem.contact_id, RunItem.patch)
        .where(
            RunItem.environment_id == run.environment_id,
            RunItem.run_id == run.id,
            RunItem.patch_key == key,
            RunItem.patched_at.is_(None),
        )
        .order_by(RunItem.id)
    )
    return {contact_id: patch for contact_id, patch in rows}


def _call(crm: CrmClient, run: Run, contacts: Mapping[str, Patch | None], key: UUID) -> PatchResult:
    told = next((each for each in contacts.values() if each is not None), Patch())
    try:
        return crm.contacts.patch(
            list(contacts),
            run.adjustment.changes if run.adjustment is not None else told.after,
            replace_keywords=run.adjustment is None or run.adjustment.replaces_keywords,
            idempotency_key=f"run-{key}",
        )
    except TokenRefused:
        raise
    except CrmError as error:
        if error.decision is not Decision.PERMANENT:
            raise
        return PatchResult(frozenset(), dict.fromkeys(contacts, ""))


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
