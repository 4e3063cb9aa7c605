"""Update the run items of a chunk: their images and their results."""

from __future__ import annotations

from collections.abc import Collection
from operator import attrgetter
from typing import Any, cast

from sqlalchemy import Table, Update, bindparam, update

from spotler_plugin.extensions import db
from spotler_plugin.models import Outcome, Run, RunItem
from spotler_plugin.planning.image import Loss
from spotler_plugin.services.link.lease import release_leases
from spotler_plugin.services.run.limit import count_loss, has_limit
from spotler_plugin.services.run.lock import share_run
from spotler_plugin.services.sync.chunk import Chunk, Item
from spotler_plugin.sql import among, unindexed

ITEMS = cast(Table, RunItem.__table__)
STORED = ("outcome", "reason", "detail", "attempts", "crashes", "due_at", "settled_at")
"""Columns that processing an item may change, besides its images."""

_stored = attrgetter(*STORED)
_IMAGES = update(ITEMS).where(
    ITEMS.c.environment_id == bindparam("owner"), ITEMS.c.id == bindparam("item")
)
_OPEN = update(ITEMS).where(
    unindexed(ITEMS.c.environment_id) == bindparam("owner"),
    # Happens when the run was closed meanwhile: its counts must stay.
    unindexed(ITEMS.c.outcome) == Outcome.OPEN,
    among(ITEMS.c.id, "items"),
)
_UNCLAIMED = _OPEN.values(crashes=ITEMS.c.crashes - 1)


def unclaim(chunk: Chunk, contact_ids: Collection[str] | None = None) -> None:
    """Release these contacts, or all, as if they had not been claimed: nothing of them was sent."""
    share_run(chunk.run)
    leaving = chunk.items if contact_ids is None else contact_ids
    kept = release_leases(chunk.environment_id, leaving, chunk.lease)
    items = [chunk.items[contact_id] for contact_id in kept]
    _set(_UNCLAIMED, chunk.environment_id, items)
    # An image tells that a write may have left.
    new = [item for item in items if item.claimed_before is None]
    _set(_OPEN, chunk.environment_id, new, before=None, after=None)


def leave_out(chunk: Chunk, contact_ids: Collection[str]) -> None:
    """Leave these contacts to another chunk."""
    if contact_ids:
        unclaim(chunk, contact_ids)
        chunk.items = {id_: each for id_, each in chunk.items.items() if id_ not in contact_ids}


def keep_images(chunk: Chunk) -> None:
    """Store what each contact has and will get, merged with the images of earlier attempts.

    Replaces the images of a plan that was too old to be sent. Raises BeyondAgreed, before anything
    is sent.
    """
    for item in chunk.items.values():
        item.forget_images()
    chunk.set_images(chunk.writes)
    count_losses(chunk.run, chunk.items.values())
    store_images(chunk.environment_id, [chunk.items[id_] for id_ in sorted(chunk.writes)])


def count_losses(run: Run, items: Collection[Item]) -> None:
    """Count in the run what these contacts lose, or did not lose after all. Raises BeyondAgreed."""
    if not has_limit(run):
        return
    changed = [item for item in items if item.loss != item.counted]
    more = Loss()
    for item in changed:
        more = more.plus(item.loss).minus(item.counted)
    count_loss(run, more)
    for item in changed:
        item.counted = item.loss


def store_images(environment_id: int, items: Collection[Item]) -> None:
    """Store the images of these items as they are now."""
    rows = [
        {"owner": environment_id, "item": item.id, "before": item.before, "after": item.after}
        for item in items
    ]
    if rows:
        db.session.connection().execute(_IMAGES, rows)


def store(environment_id: int, items: Collection[Item]) -> None:
    """Store the items past the session, with one statement for all that are equal: most are."""
    # Of a second attempt that reached nobody, the images of the first stay.
    store_images(environment_id, [each for each in items if each.before and each.is_as_claimed])
    alike: dict[tuple[Any, bool], list[Item]] = {}
    for item in items:
        alike.setdefault((_stored(item), item.before is None), []).append(item)
    for (stored, is_bare), group in alike.items():
        bare = {"before": None, "after": None} if is_bare else {}
        _set(_OPEN, environment_id, group, **dict(zip(STORED, stored, strict=True)), **bare)


def _set(statement: Update, environment_id: int, items: Collection[Item], **values: Any) -> None:
    """Update all these items alike, as far as they are open."""
    of_these = {"owner": environment_id, "items": [item.id for item in items]}
    db.session.connection().execute(statement, {**of_these, **values})
