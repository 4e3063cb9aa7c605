"""One lease per contact: two workers never write one contact at the same time.

The lease is on the contact's link, and expires when its worker dies. Every step that writes to
our tables checks that the lease is still held.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from typing import Any, cast
from uuid import UUID, uuid4

from sqlalchemy import Table, bindparam, update
from sqlalchemy.sql.dml import ReturningUpdate

from spotler_plugin.extensions import db
from spotler_plugin.models import Link
from spotler_plugin.services.environment import enabled_environments
from spotler_plugin.services.lease import FREE, is_free
from spotler_plugin.sql import among, insert_new

LINKS = cast(Table, Link.__table__)

LEASE = timedelta(seconds=30)
"""Longer than one call with its time-outs (3 + 20 s); renewed before each."""

# Made once: making a statement takes as long as executing it. Each gets the columns to set.
_TAKE = (
    update(LINKS)
    .where(LINKS.c.environment_id == bindparam("owner"), among(LINKS.c.contact_id, "contacts"))
    .returning(LINKS.c.contact_id)
)
_CLAIM = _TAKE.where(is_free(Link, bindparam("now")))
HELD = _TAKE.where(LINKS.c.lease == bindparam("held"))
"""Updates the links of `contacts` that are leased as `held`; returns who they are."""
_RENEW = HELD.where(LINKS.c.environment_id.in_(enabled_environments()))


def open_links(environment_id: int, contact_ids: Collection[str]) -> None:
    """Make sure that each contact has a link to lease."""
    insert_new(
        Link,
        [{"environment_id": environment_id, "contact_id": id_} for id_ in sorted(contact_ids)],
    )


def claim_leases(environment_id: int, contact_ids: Collection[str], lease: UUID) -> set[str]:
    """Lease the contacts that are free; return those."""
    now = datetime.now(UTC)
    taken = {"lease": lease, "leased_until": now + LEASE}
    return _set(_CLAIM, environment_id, contact_ids, now=now, **taken)


def take_leases(environment_id: int, contact_ids: Collection[str]) -> None:
    """Take the leases from whoever has them, for nobody, until what is under way has ended."""
    until = datetime.now(UTC) + LEASE
    _set(_TAKE, environment_id, contact_ids, lease=uuid4(), leased_until=until)


def renew_leases(environment_id: int, contact_ids: Collection[str], lease: UUID) -> set[str]:
    """Renew the leases; return the contacts that are still leased.

    None of a disabled environment: what was not sent yet is not sent.
    """
    until = datetime.now(UTC) + LEASE
    return _set(_RENEW, environment_id, contact_ids, held=lease, leased_until=until)


def release_leases(environment_id: int, contact_ids: Collection[str], lease: UUID) -> set[str]:
    """Release the leases; return the contacts that were still leased."""
    return _set(HELD, environment_id, contact_ids, held=lease, **FREE)


def _set(
    links: ReturningUpdate[tuple[str]],
    environment_id: int,
    contact_ids: Collection[str],
    **given: Any,
) -> set[str]:
    """Update the links; return their contacts."""
    of_these = {"owner": environment_id, "contacts": contact_ids}
    return set(db.session.connection().scalars(links, {**of_these, **given}))
