"""Keep what Spotler told us about its contacts, and notice who signed off there."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import and_, bindparam, insert, or_, select, update

from spotler_plugin.extensions import db
from spotler_plugin.models import MirrorContact
from spotler_plugin.planning.plan import ADDRESS, Change, Observed
from spotler_plugin.services.mirror_record import TABLE, lock, record
from spotler_plugin.spotler import Bounce, BounceKind, Contact
from spotler_plugin.sql import among

__all__ = ["record"]

SHOWN = ("address", "permissions", "properties")
"""What a write changes."""


def find(environment_id: int, contact_ids: Collection[str]) -> dict[str, MirrorContact]:
    """What is known of these CRM contacts, by external id."""
    rows = db.session.scalars(
        select(MirrorContact)
        .where(
            MirrorContact.environment_id == environment_id,
            among(MirrorContact.external_id, contact_ids),
        )
        # Pages are recorded past the session.
        .execution_options(populate_existing=True)
    )
    return {row.external_id: row for row in rows if row.external_id is not None}


def find_by_address(environment_id: int, addresses: Collection[str]) -> dict[str, MirrorContact]:
    """Who has these addresses, by lower-cased address.

    Of several, one that belongs to nobody comes last: if any belongs to another, a person must
    see it (spotler-api.md §7: a write could move its id).
    """
    rows = db.session.scalars(
        select(MirrorContact)
        .where(
            MirrorContact.environment_id == environment_id,
            among(MirrorContact.address, {address.lower() for address in addresses}),
        )
        .order_by(MirrorContact.external_id.is_not(None), MirrorContact.id.desc())
        .execution_options(populate_existing=True)
    )
    return {row.address: row for row in rows if row.address is not None}


def name_of(properties: Mapping[str, Any]) -> str | None:
    """What a contact is called, by the properties that every account has."""
    parts = (properties.get(name) for name in ("firstName", "infix", "lastName"))
    return " ".join(str(part) for part in parts if part) or None


def known(environment_id: int, contact_ids: Collection[str]) -> dict[str, Observed]:
    """The same as the plan reads it; plain values, because they are many."""
    rows = db.session.execute(
        select(TABLE.c.external_id, TABLE.c.active, TABLE.c.permissions, TABLE.c.properties).where(
            TABLE.c.environment_id == environment_id, among(TABLE.c.external_id, contact_ids)
        )
    )
    return {
        external_id: Observed(external_id, active, _by_bit(permissions), properties)
        for external_id, active, permissions, properties in rows
    }


def observed(row: MirrorContact) -> Observed:
    """A row as the plan reads it."""
    return Observed(
        external_id=row.external_id,
        active=row.active,
        permissions=_by_bit(row.permissions),
        properties=row.properties,
    )


def seen(contact: Contact) -> Observed:
    """A contact fresh from Spotler as the plan reads it."""
    return Observed(
        external_id=contact.external_id,
        active=contact.active,
        permissions=contact.permissions,
        properties=contact.properties,
    )


def record_write(environment_id: int, contact_id: str, change: Change) -> None:
    """Spotler took a change: the mirror shows it at once, without reading it back."""
    record_writes(environment_id, {contact_id: change})


def record_writes(environment_id: int, changes: Mapping[str, Change]) -> None:
    """Spotler took changes, by contact id; one query for all, two statements at most."""
    if not changes:
        return
    lock(environment_id)
    db.session.flush()
    found = db.session.execute(
        select(TABLE.c.external_id, TABLE.c.id, *(TABLE.c[name] for name in SHOWN)).where(
            TABLE.c.environment_id == environment_id, among(TABLE.c.external_id, changes)
        )
    )
    known = {external_id: (id_, *shown) for external_id, id_, *shown in found}
    now = datetime.now(UTC)
    rows, switched, new = [], [], []
    for contact_id, change in changes.items():
        id_, *shown = known.get(contact_id, (None, None, {}, {}))
        values = _with(change, *shown) | {"observed_at": now}
        if id_ is None:
            # Of a contact that we made and never read.
            owner = {"environment_id": environment_id, "external_id": contact_id}
            new.append(values | owner | {"active": True})
        elif change.permissions:
            switched.append(values | {"row_id": id_})
        else:
            del values["permissions"]
            rows.append(values | {"row_id": id_})
    of_one = and_(TABLE.c.environment_id == environment_id, TABLE.c.id == bindparam("row_id"))
    for known_rows in filter(None, (rows, switched)):
        db.session.connection().execute(update(TABLE).where(of_one), known_rows)
    if new:
        db.session.connection().execute(insert(TABLE), new)


def record_bounces(environment_id: int, bounces: Iterable[Bounce]) -> None:
    """A hard bounce makes a contact inactive at once (spotler-api.md §4 [D]).

    A contact that was read as it is after the bounce tells by itself how it stands.
    """
    hard = [
        {"bounced": each.encrypted_id, "bounced_at": each.at}
        for each in bounces
        if each.kind is BounceKind.HARD and each.encrypted_id and each.at
    ]
    if not hard:
        return
    lock(environment_id)
    stale = or_(TABLE.c.last_changed.is_(None), TABLE.c.last_changed < bindparam("bounced_at"))
    closed = update(TABLE).where(
        TABLE.c.environment_id == environment_id,
        TABLE.c.encrypted_id == bindparam("bounced"),
        stale,
    )
    db.session.execute(closed.values(active=False), hard)


def forget(environment_id: int, contact_ids: Collection[str], read_at: datetime) -> None:
    """Spotler no longer knows these ids; absence switches nothing off, it only unties."""
    lock(environment_id)
    for row in find(environment_id, contact_ids).values():
        if row.observed_at <= read_at:
            row.external_id = None


def record_opt_outs(environment_id: int, contact_ids: Collection[str]) -> None:
    """Spotler refused to write these, because they opted out."""
    if not contact_ids:
        return
    lock(environment_id)
    ours = and_(TABLE.c.environment_id == environment_id, TABLE.c.external_id.in_(contact_ids))
    db.session.execute(update(TABLE).where(ours).values(active=False))


def _with(
    change: Change, address: str | None, permissions: dict[str, bool], properties: dict[str, Any]
) -> dict[str, Any]:
    """What a row shows after a change."""
    new = change.sets.get(ADDRESS)
    kept = properties
    if change.clears:
        kept = {name: value for name, value in properties.items() if name not in change.clears}
    return {
        "address": str(new).lower() if new else address,
        "permissions": permissions | _as_text(change.permissions),
        "properties": kept | dict(change.sets),
    }


def _by_bit(permissions: Mapping[str, bool]) -> dict[int, bool]:
    return {int(bit): enabled for bit, enabled in permissions.items()}


def _as_text(permissions: Mapping[int, bool]) -> dict[str, Any]:
    return {str(bit): enabled for bit, enabled in permissions.items()}
