"""What we last wrote of some values, from the runs' items."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from sqlalchemy import select

from spotler_plugin.extensions import db
from spotler_plugin.models import SENT, RunItem
from spotler_plugin.services.drift.difference import Written
from spotler_plugin.sql import among


def last_written(
    environment_id: int, wanted: Mapping[str, Collection[str]]
) -> dict[tuple[str, str], Written]:
    """Return contact and property to what was written last, of the properties in `wanted`."""
    missing = {contact_id: set(names) for contact_id, names in wanted.items() if names}
    found: dict[tuple[str, str], Written] = {}
    if not missing:
        return found
    rows = db.session.execute(
        select(RunItem.contact_id, RunItem.after, RunItem.settled_at, RunItem.run_id)
        .where(
            RunItem.environment_id == environment_id,
            among(RunItem.contact_id, missing),
            RunItem.outcome.in_(SENT),
            RunItem.settled_at.is_not(None),
        )
        .order_by(RunItem.settled_at.desc(), RunItem.id.desc())
        .execution_options(yield_per=500)
    )
    for contact_id, after, settled_at, run_id in rows:
        if after is None or settled_at is None:
            continue
        for name in missing[contact_id] & (after.properties.keys() | after.cleared):
            value = after.properties.get(name)
            found[contact_id, name] = Written(value, settled_at, str(run_id))
            missing[contact_id].discard(name)
    return found
