"""Record a page of contacts in the mirror, with one query for what is there and one statement per
kind of change, whatever the number of contacts."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Table, bindparam, delete, insert, or_, select, update

from spotler_plugin.extensions import db
from spotler_plugin.models import Environment, MirrorContact
from spotler_plugin.services.consent.erased import find_erased
from spotler_plugin.services.consent.holders import note_moves
from spotler_plugin.services.consent.seen import note_sightings
from spotler_plugin.services.environment import lock_environment
from spotler_plugin.services.mirror.merge import ContactPage, MirrorRow, external_id_of
from spotler_plugin.services.mirror.name import bare_name
from spotler_plugin.spotler import Contact
from spotler_plugin.sql import among

TABLE = cast(Table, MirrorContact.__table__)


@dataclass(frozen=True, slots=True)
class Recorded:
    """External ids on a page, by whether a contact still has them."""

    known: set[str]
    """Ids whose contacts were recorded."""
    lost: set[str]
    """Ids that no contact has any more."""


def record_contacts(
    environment_id: int, contacts: Iterable[Contact], read_at: datetime
) -> Recorded:
    """Store contacts that were read from Spotler; `read_at` is from before the read began.

    A row that we wrote after `read_at` is newer, and stays. What was read from an account that
    was replaced since is dropped, and so is whoever was erased.
    """
    contacts = list(contacts)
    if not contacts:
        return Recorded(set(), set())
    lock_environment(environment_id)
    if is_replaced_since(environment_id, read_at):
        return Recorded(set(), set())
    contacts = without_erased(environment_id, contacts)
    page = _load(environment_id, contacts)
    for contact in contacts:
        page.take(contact, read_at)
    note_sightings(environment_id, page.sightings)
    note_moves(environment_id, page.moves)
    _store(environment_id, page.rows)
    return Recorded(
        known={row.external_id for row in page.rows if row.contact and row.external_id},
        lost={row.held for row in page.rows if row.held is not None} - page.by_external.keys(),
    )


def without_erased(environment_id: int, contacts: Collection[Contact]) -> list[Contact]:
    """Return those whose data were not erased: of the others nothing is kept."""
    ids = {id_ for id_ in map(external_id_of, contacts) if id_}
    addresses = {contact.email for contact in contacts if contact.email}
    erased = find_erased(environment_id, ids, addresses)
    return [each for each in contacts if not erased.has(external_id_of(each), [each.email])]


def is_replaced_since(environment_id: int, read_at: datetime) -> bool:
    """Return whether another account replaced the one that was read at this moment."""
    since = db.session.scalar(
        select(Environment.account_since).where(Environment.id == environment_id)
    )
    return since is not None and since > read_at


def _load(environment_id: int, contacts: Collection[Contact]) -> ContactPage:
    db.session.flush()
    found = db.session.execute(
        select(
            TABLE.c.id,
            TABLE.c.external_id,
            TABLE.c.encrypted_id,
            TABLE.c.permissions,
            TABLE.c.observed_at,
            TABLE.c.active,
            TABLE.c.address,
            TABLE.c.doubted,
            TABLE.c.external_id,
        ).where(
            TABLE.c.environment_id == environment_id,
            or_(
                among(TABLE.c.encrypted_id, {contact.encrypted_id for contact in contacts}),
                among(TABLE.c.external_id, {id_ for id_ in map(external_id_of, contacts) if id_}),
            ),
        )
    )
    page = ContactPage()
    for values in found:
        page.add(MirrorRow(*values))
    return page


def _store(environment_id: int, rows: Collection[MirrorRow]) -> None:
    """Store the rows; ids that move are cleared first, because they are unique."""
    of_this = TABLE.c.environment_id == environment_id
    gone = [row.id for row in rows if row.removed]
    if gone:
        db.session.execute(delete(TABLE).where(of_this, TABLE.c.id.in_(gone)))
    parted = [row.id for row in rows if row.held is not None and row.external_id != row.held]
    if parted:
        freed = update(TABLE).where(of_this, TABLE.c.id.in_(parted))
        db.session.execute(freed.values(external_id=None))
    known = [_values(row) | {"row_id": row.id} for row in rows if row.contact and row.id]
    if known:
        changed = update(TABLE).where(of_this, TABLE.c.id == bindparam("row_id"))
        db.session.execute(changed, known)
    new = [
        _values(row) | {"environment_id": environment_id}
        for row in rows
        if row.contact and not row.id
    ]
    if new:
        db.session.execute(insert(TABLE), new)


def _values(row: MirrorRow) -> dict[str, Any]:
    contact = row.contact
    assert contact is not None
    return {
        "external_id": row.external_id,
        "encrypted_id": row.encrypted_id,
        "address": row.address,
        "bare_name": bare_name(contact.properties),
        "active": contact.active,
        "permissions": row.permissions,
        "properties": dict(contact.properties),
        "created": contact.created,
        "last_changed": contact.last_changed,
        "observed_at": row.observed_at,
        "doubted": False,
    }
