"""One lease per contact: two workers never write one contact at the same time.

The lease is on the contact's link, and expires when its worker dies. Every step that writes to
our tables checks that the lease is still held.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, cast
from uuid import UUID, uuid4

from sqlalchemy import ColumnElement, Table, and_, update

from spotler_plugin.extensions import db
from spotler_plugin.models import Link
from spotler_plugin.services.environment import enabled_environments
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
    """Lease the contacts that are free; return those."""
    now = datetime.now(UTC)
    return _set(
        and_(_of(environment_id, contact_ids), is_free(Link, now)),
        {"lease": lease, "leased_until": now + LEASE},
    )


def take_leases(environment_id: int, contact_ids: Collection[str]) -> None:
    """Take the leases from whoever has them, for nobody, until what is under way has ended."""
    _set(
        _of(environment_id, contact_ids),
        {"lease": uuid4(), "leased_until": datetime.now(UTC) + LEASE},
    )


def renew_leases(environment_id: int, contact_ids: Collection[str], lease: UUID) -> set[str]:
    """Renew the leases; return the contacts that are still leased.

    None of a disabled environment: what was not sent yet is not sent.
    """
    held = is_held(environment_id, contact_ids, lease)
    enabled = Link.environment_id.in_(enabled_environments())
    return _set(and_(held, enabled), {"leased_until": datetime.now(UTC) + LEASE})


def release_leases(environment_id: int, contact_ids: Collection[str], lease: UUID) -> set[str]:
    """Release the leases; return the contacts that were still leased."""
    return _set(is_held(environment_id, contact_ids, lease), FREE)


def is_held(environment_id: int, contact_ids: Collection[str], lease: UUID) -> ColumnElement[bool]:
    """Return the condition that these contacts are leased under this id."""
    return and_(_of(environment_id, contact_ids), Link.lease == lease)


def _of(environment_id: int, contact_ids: Collection[str]) -> ColumnElement[bool]:
    return and_(Link.environment_id == environment_id, among(Link.contact_id, contact_ids))


def _set(condition: ColumnElement[bool], values: Mapping[str, Any]) -> set[str]:
    """Update the links; return their contacts."""
    changed = db.session.scalars(
        update(Link).where(condition).values(**values).returning(Link.contact_id),
        execution_options={"synchronize_session": False},
    )
    return set(changed)
