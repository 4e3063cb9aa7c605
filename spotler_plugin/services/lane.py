"""One lane per contact: two workers never write one contact at the same time.

A lane is a lease on the contact's link. Whoever holds it may read, plan and write the contact; who
dies loses it by time. Every step that writes to our tables checks that the lease is still held.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, cast
from uuid import UUID

from sqlalchemy import ColumnElement, Table, and_, bindparam, or_, select, update

from spotler_plugin.extensions import db
from spotler_plugin.models import Link
from spotler_plugin.sql import among, insert_new

LINKS = cast(Table, Link.__table__)

FREE: Mapping[str, None] = {"lease": None, "leased_until": None}
"""What a link holds whose lane nobody has."""

LEASE = timedelta(seconds=30)
"""Longer than one call with its time-outs (3 + 20 s); renewed before each."""


def open_for(environment_id: int, contact_ids: Collection[str]) -> None:
    """Make sure that each contact has a link to lease."""
    insert_new(
        Link,
        [{"environment_id": environment_id, "contact_id": id_} for id_ in sorted(contact_ids)],
    )


def free(now: datetime) -> ColumnElement[bool]:
    """The condition that nobody holds the lane."""
    return or_(Link.lease.is_(None), Link.leased_until < now)


def claim(environment_id: int, contact_ids: Collection[str], lease: UUID) -> set[str]:
    """Take the lanes that are free; returns the contacts that are now ours."""
    now = datetime.now(UTC)
    return _set(
        and_(_of(environment_id, contact_ids), free(now)),
        {"lease": lease, "leased_until": now + LEASE},
    )


def renew(environment_id: int, contact_ids: Collection[str], lease: UUID) -> set[str]:
    """Hold on for another while; returns the contacts that are still ours."""
    return _set(
        held(environment_id, contact_ids, lease), {"leased_until": datetime.now(UTC) + LEASE}
    )


def release(environment_id: int, contact_ids: Collection[str], lease: UUID) -> set[str]:
    """Give them back; returns the contacts that were still ours."""
    return _set(held(environment_id, contact_ids, lease), FREE)


def held(environment_id: int, contact_ids: Collection[str], lease: UUID) -> ColumnElement[bool]:
    """The condition that the lanes of these contacts are held by this lease."""
    return and_(_of(environment_id, contact_ids), Link.lease == lease)


def rivals(environment_id: int, addresses: Mapping[str, str], lease: UUID) -> dict[str, str]:
    """Reserve each contact's address, and say which other contact holds or wants it.

    `addresses` is contact id to lower-cased address. Both contacts of a pair may find each other
    when two workers come at once; then the one with the smaller id goes on. Commits in between,
    because each must see what the other reserved.
    """
    own = and_(
        LINKS.c.environment_id == environment_id,
        LINKS.c.contact_id == bindparam("contact"),
        LINKS.c.lease == lease,
    )
    db.session.connection().execute(
        update(LINKS).where(own).values(address=bindparam("wanted")),
        [{"contact": id_, "wanted": address} for id_, address in sorted(addresses.items())],
    )
    db.session.commit()
    now = datetime.now(UTC)
    others = db.session.execute(
        select(Link.contact_id, Link.address, Link.linked_at).where(
            Link.environment_id == environment_id,
            among(Link.address, set(addresses.values())),
            or_(Link.linked_at.is_not(None), Link.leased_until > now),
        )
    ).all()
    db.session.commit()
    holders: dict[str | None, list[tuple[str, datetime | None]]] = {}
    for other_id, other_address, linked_at in others:
        holders.setdefault(other_address, []).append((other_id, linked_at))
    found: dict[str, str] = {}
    for contact_id, address in addresses.items():
        for other_id, linked_at in holders.get(address, ()):
            if other_id != contact_id and (linked_at is not None or other_id < contact_id):
                found.setdefault(contact_id, other_id)
    return found


def _of(environment_id: int, contact_ids: Collection[str]) -> ColumnElement[bool]:
    return and_(Link.environment_id == environment_id, among(Link.contact_id, contact_ids))


def _set(condition: ColumnElement[bool], values: Mapping[str, Any]) -> set[str]:
    """Returns the contacts that it was set for."""
    changed = db.session.scalars(
        update(Link).where(condition).values(**values).returning(Link.contact_id),
        execution_options={"synchronize_session": False},
    )
    return set(changed)
