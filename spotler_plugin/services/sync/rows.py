"""Update the run items of a chunk: their images and their results."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, cast

from sqlalchemy import Table, bindparam, update

from spotler_plugin.extensions import db
from spotler_plugin.models import Outcome, Run, RunItem
from spotler_plugin.planning.image import Loss
from spotler_plugin.services.link.lease import release_leases
from spotler_plugin.services.run.limit import count_loss
from spotler_plugin.services.run.lock import share_run
from spotler_plugin.services.sync.chunk import Chunk, Item
from spotler_plugin.sql import among, unindexed

ITEMS = cast(Table, RunItem.__table__)
STORED = ("outcome", "reason", "detail", "attempts", "crashes", "due_at", "settled_at")
"""Columns that processing an item may change, besides its images."""


def unclaim(chunk: Chunk) -> None:
    """Release the contacts as if they had not been claimed: nothing of them was sent."""
    share_run(chunk.run)
    kept = release_leases(chunk.environment_id, chunk.items, chunk.lease)
    items = [chunk.items[contact_id] for contact_id in kept]
    of_chunk = update(ITEMS).where(
        unindexed(ITEMS.c.environment_id) == chunk.environment_id,
        unindexed(ITEMS.c.outcome) == Outcome.OPEN,
    )
    ids = [item.id for item in items]
    db.session.execute(of_chunk.where(among(ITEMS.c.id, ids)).values(crashes=ITEMS.c.crashes - 1))
    # An image tells that a write may have left.
    new = [item.id for item in items if item.claimed_before is None]
    db.session.execute(of_chunk.where(among(ITEMS.c.id, new)).values(before=None, after=None))


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
    more = Loss()
    for item in items:
        more = more.plus(item.loss).minus(item.counted)
    count_loss(run, more)
    for item in items:
        item.counted = item.loss


def store_images(environment_id: int, items: Collection[Item]) -> None:
    """Store the images of these items as they are now."""
    rows = [{"item_id": item.id, "before": item.before, "after": item.after} for item in items]
    if rows:
        of_one = update(ITEMS).where(
            ITEMS.c.environment_id == environment_id, ITEMS.c.id == bindparam("item_id")
        )
        db.session.connection().execute(of_one, rows)


def store(environment_id: int, items: Collection[Item]) -> None:
    """Store the items past the session, with one statement for all that are equal: most are."""
    # Of a second attempt that reached nobody, the images of the first stay.
    store_images(environment_id, [each for each in items if each.before and each.is_as_claimed])
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
                unindexed(ITEMS.c.environment_id) == environment_id,
                # Happens when the run was closed meanwhile: its counts must stay.
                unindexed(ITEMS.c.outcome) == Outcome.OPEN,
                among(ITEMS.c.id, [item.id for item in group]),
            )
            .values(values)
        )
