"""One lease per contact: two workers never write one contact at the same time.

It stands on the contact's link. Whoever holds it may read, plan and write the contact; who dies
loses it by time. Every step that writes to our tables checks that the lease is still held.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, cast
from uuid import UUID

from sqlalchemy import ColumnElement, Table, and_, update

from spotler_plugin.extensions import db
from spotler_plugin.models import Link
from spotler_plugin.services.lease import FREE, is_free
from spotler_plugin.sql import among, insert_new

LINKS = cast(Table, Link.__table__)

LEASE = timedelta(seconds=30)
"""Longer than one call with its time-outs (3 + 20 s); renewed before each."""


def open_links(environment_id: int, contact_ids: Collection[str]) -> None:
    """Make sure that each contact has a link to lease."""
    insert_new(
        Link,
        [{"environment_id": environment_id, "contact_id": id_} for id_ in sorted(contact_ids)],
    )


def claim_leases(environment_id: int, contact_ids: Collection[str], lease: UUID) -> set[str]:
    """Take the leases that are free; returns the contacts that are now ours."""
    now = datetime.now(UTC)
    return _set(
        and_(_of(environment_id, contact_ids), is_free(Link, now)),
        {"lease": lease, "leased_until": now + LEASE},
    )


def renew_leases(environment_id: int, contact_ids: Collection[str], lease: UUID) -> set[str]:
    """Hold on for another while; returns the contacts that are still ours."""
    return _set(
        is_held(environment_id, contact_ids, lease), {"leased_until": datetime.now(UTC) + LEASE}
    )


def release_leases(environment_id: int, contact_ids: Collection[str], lease: UUID) -> set[str]:
    """Give them back; returns the contacts that were still ours."""
    return _set(is_held(environment_id, contact_ids, lease), FREE)


def is_held(environment_id: int, contact_ids: Collection[str], lease: UUID) -> ColumnElement[bool]:
    """The condition that these contacts are held by this lease."""
    return and_(_of(environment_id, contact_ids), Link.lease == lease)


def _of(environment_id: int, contact_ids: Collection[str]) -> ColumnElement[bool]:
    return and_(Link.environment_id == environment_id, among(Link.contact_id, contact_ids))


def _set(condition: ColumnElement[bool], values: Mapping[str, Any]) -> set[str]:
    """Returns the contacts that it was set for."""
    changed = db.session.scalars(
        update(Link).where(condition).values(**values).returning(Link.contact_id),
        execution_options={"synchronize_session": False},
    )
    return set(changed)
