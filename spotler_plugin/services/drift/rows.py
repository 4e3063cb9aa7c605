"""The rows of who differs: added with the step that found them, counted when all is done."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, select

from spotler_plugin.extensions import db
from spotler_plugin.models import Drift, DriftItem, DriftKind
from spotler_plugin.planning.reason import Reason
from spotler_plugin.planning.values.address import address_key
from spotler_plugin.planning.values.parse import text
from spotler_plugin.sql import insert_new


@dataclass(frozen=True, slots=True)
class Found:
    """A contact that differs."""

    kind: DriftKind
    contact_id: str = ""
    encrypted_id: str = ""
    name: str = ""
    address: str = ""
    reason: Reason | None = None
    differences: Sequence[dict[str, Any]] = ()
    """Each a `Difference`, as JSON."""
    refusals: Sequence[dict[str, Any]] = ()
    changed_at: datetime | None = None


def add_rows(row: Drift, found: Collection[Found]) -> None:
    """Add who was found; one that is there is found by no other step."""
    if not found:
        return
    insert_new(DriftItem, [_values(row, each) for each in found])
    row.counts = dict(Counter(row.counts) + Counter(each.kind.value for each in found))
    in_values = [each for each in found if each.kind is DriftKind.DIFFERENT]
    names = Counter(each["property"] for one in in_values for each in one.differences)
    row.by_property = dict(Counter(row.by_property) + names)


def forget_rows(environment_id: int, drift_id: UUID) -> None:
    """Delete who was found by a comparison that does not come to its end."""
    db.session.execute(
        delete(DriftItem).where(
            DriftItem.environment_id == environment_id, DriftItem.drift_id == drift_id
        )
    )


def count_rows(row: Drift) -> dict[str, int]:
    """Return the number of contacts of each kind that occurs."""
    kinds = db.session.execute(
        select(DriftItem.kind, func.count())
        .where(DriftItem.environment_id == row.environment_id, DriftItem.drift_id == row.id)
        .group_by(DriftItem.kind)
    )
    return {kind.value: number for kind, number in kinds}


def _values(row: Drift, found: Found) -> dict[str, Any]:
    named = "".join(f"|{each['property']}" for each in found.differences)
    return {
        "environment_id": row.environment_id,
        "drift_id": row.id,
        "kind": found.kind,
        "contact_id": found.contact_id,
        "encrypted_id": found.encrypted_id,
        "name": found.name,
        "address": address_key(found.address),
        "searched": f"{text(found.name)} {address_key(found.address)}".casefold(),
        "reason": found.reason,
        "properties": f"{named}|" if named else "",
        "differences": list(found.differences),
        "refusals": list(found.refusals),
        "changed_at": found.changed_at,
    }
