"""Update the mirror after our writes, and after bounces and refusals, without reading contacts."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import and_, bindparam, delete, insert, select, update

from spotler_plugin.extensions import db
from spotler_plugin.planning.plan import ADDRESS, Change
from spotler_plugin.planning.values.address import address_key
from spotler_plugin.services.environment import lock_environment
from spotler_plugin.services.mirror.name import bare_name
from spotler_plugin.services.mirror.read import find_mirrored
from spotler_plugin.services.mirror.record import TABLE
from spotler_plugin.sql import among

_SHOWN = select(TABLE.c.external_id, TABLE.c.id, TABLE.c.address, TABLE.c.properties).where(
    TABLE.c.environment_id == bindparam("owner"), among(TABLE.c.external_id, "contacts")
)
"""What a write changes; permissions are read only where some are switched."""
_SWITCHED = _SHOWN.add_columns(TABLE.c.permissions)
_ONE = update(TABLE).where(
    TABLE.c.environment_id == bindparam("owner"), TABLE.c.id == bindparam("row")
)


def record_writes(environment_id: int, changes: Mapping[str, Change]) -> None:
    """Record changes that Spotler took, by contact id: one query, three statements at most."""
    if not changes:
        return
    lock_environment(environment_id)
    db.session.flush()
    connection = db.session.connection()
    switches = any(change.permissions for change in changes.values())
    of_these = {"owner": environment_id, "contacts": changes.keys()}
    found = connection.execute(_SWITCHED if switches else _SHOWN, of_these)
    known = {external_id: before for external_id, *before in found}
    now = datetime.now(UTC)
    rows, switched, new = [], [], []
    for contact_id, change in changes.items():
        id_, *before = known.get(contact_id, (None, None, {}, {}))
        values = _with(change, *before) | {"observed_at": now}
        of_row = {"owner": environment_id, "row": id_}
        if id_ is None:
            # Happens when we created the contact and have not read it since.
            owner = {"environment_id": environment_id, "external_id": contact_id}
            new.append(values | owner | {"active": True})
        elif change.permissions:
            switched.append(values | of_row)
        else:
            del values["permissions"]
            rows.append(values | of_row)
    for known_rows in filter(None, (rows, switched)):
        connection.execute(_ONE, known_rows)
    if new:
        connection.execute(insert(TABLE), new)


def doubt(environment_id: int, contact_ids: Collection[str]) -> None:
    """Mark contacts that may be different now; what was read of them before does not count."""
    lock_environment(environment_id)
    ours = and_(TABLE.c.environment_id == environment_id, among(TABLE.c.external_id, contact_ids))
    values = {"doubted": True, "observed_at": datetime.now(UTC)}
    db.session.execute(update(TABLE).where(ours).values(values))


def forget_ids(environment_id: int, contact_ids: Collection[str], read_at: datetime) -> None:
    """Clear external ids that Spotler no longer knows; permissions stay as they are."""
    lock_environment(environment_id)
    for row in find_mirrored(environment_id, contact_ids).values():
        if row.observed_at <= read_at:
            row.external_id = None


def forget_everybody(environment_id: int) -> None:
    """Empty the mirror: it is of an account that was replaced."""
    lock_environment(environment_id)
    db.session.execute(delete(TABLE).where(TABLE.c.environment_id == environment_id))


def _with(
    change: Change,
    address: str | None,
    properties: dict[str, Any],
    permissions: Mapping[int, bool] | None = None,
) -> dict[str, Any]:
    """Return the columns of a row after a change."""
    new = change.sets.get(ADDRESS)
    kept = properties
    if change.clears:
        kept = {name: value for name, value in properties.items() if name not in change.clears}
    kept = kept | dict(change.sets)
    return {
        "address": address_key(new) or None if new else address,
        "bare_name": bare_name(kept),
        "permissions": {**(permissions or {}), **change.permissions},
        "properties": kept,
    }
