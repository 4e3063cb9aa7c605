"""Update the run items of a chunk: their images and their results."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any, cast

from sqlalchemy import Table, bindparam, update

from spotler_plugin.extensions import db
from spotler_plugin.models import Outcome, RunItem
from spotler_plugin.services.link.lease import release_leases
from spotler_plugin.services.sync.chunk import Chunk, Item
from spotler_plugin.sql import among, unindexed

ITEMS = cast(Table, RunItem.__table__)
STORED = ("outcome", "reason", "detail", "attempts", "crashes", "due_at", "settled_at")
"""Columns that processing an item may change, besides its images."""


def unclaim(chunk: Chunk) -> None:
    """Release the contacts as if they had not been claimed."""
    kept = release_leases(chunk.environment_id, chunk.items, chunk.lease)
    db.session.execute(
        update(ITEMS)
        .where(
            unindexed(ITEMS.c.environment_id) == chunk.environment_id,
            unindexed(ITEMS.c.outcome) == Outcome.OPEN,
            among(ITEMS.c.id, [chunk.items[contact_id].id for contact_id in kept]),
        )
        .values(crashes=ITEMS.c.crashes - 1)
    )


def keep_images(chunk: Chunk) -> None:
    """Store what each contact has and will get, merged with the images of earlier attempts.

    Replaces the images of a plan that was too old to be sent.
    """
    for item in chunk.items.values():
        item.before, item.after = item.claimed_before, item.claimed_after
    chunk.set_images(chunk.writes)
    store_images(chunk, chunk.writes)


def store_images(chunk: Chunk, contact_ids: Iterable[str]) -> None:
    """Store the images of these contacts as they are now."""
    rows = [
        {"item_id": item.id, "before": item.before, "after": item.after}
        for item in (chunk.items[contact_id] for contact_id in sorted(contact_ids))
    ]
    if rows:
        of_one = update(ITEMS).where(
            ITEMS.c.environment_id == chunk.environment_id, ITEMS.c.id == bindparam("item_id")
        )
        db.session.connection().execute(of_one, rows)


def store(environment_id: int, items: Collection[Item]) -> None:
    """Store the items past the session, with one statement for all that are equal: most are."""
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
