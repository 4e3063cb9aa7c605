"""What our tables know of the contacts that events are about."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy import select

from spotler_plugin.extensions import db
from spotler_plugin.models import (
    ConnectionState,
    Link,
    Outcome,
    Run,
    RunItem,
    RunKind,
    RunState,
)
from spotler_plugin.planning.reason import Reason
from spotler_plugin.services.account.client import find_connection
from spotler_plugin.services.lease import is_free
from spotler_plugin.sql import among

STANDING = {
    ConnectionState.REFUSED: Reason.CREDENTIALS_REFUSED,
    ConnectionState.UNCONFIRMED: Reason.UNCONFIRMED,
}


@dataclass(frozen=True, slots=True)
class Known:
    """Links, and what is on its way for them."""

    links: Mapping[str, Link]
    looks: Mapping[str, UUID]
    """Contact to a run that is about to read it: whatever changed until now goes along."""
    pending: Collection[str]
    """Contacts that some run is not done with."""
    standstill: Reason | None
    """Why nothing can be sent to Spotler."""

    def is_linked(self, contact_id: str | None) -> bool:
        link = self.links.get(contact_id or "")
        return link is not None and link.linked_at is not None

    def has_version(self, contact_id: str | None, version: str | None) -> bool:
        """Return whether Spotler has this version, or a newer one, as far as that can be told."""
        link = self.links.get(contact_id or "")
        ours = link.crm_version if link is not None else None
        if ours is None or version is None:
            return False
        if ours.isdecimal() and version.isdecimal():
            return int(version) <= int(ours)
        return version == ours


def know(environment_id: int, contact_ids: Collection[str]) -> Known:
    """Read what is known; it stays true for who holds the inbox, or was newer meanwhile."""
    links = db.session.scalars(
        select(Link)
        .where(Link.environment_id == environment_id, among(Link.contact_id, contact_ids))
        .execution_options(populate_existing=True)
    )
    connection = find_connection(environment_id)
    standstill = Reason.NOT_CONNECTED if connection is None else STANDING.get(connection.state)
    return Known(
        links={link.contact_id: link for link in links},
        looks=_looks(environment_id, contact_ids),
        pending=_pending(environment_id, contact_ids),
        standstill=standstill,
    )


def _looks(environment_id: int, contact_ids: Collection[str]) -> dict[str, UUID]:
    """Return the runs that have not begun with a contact, but are about to.

    Whoever begins after this query reads the CRM after the event came.
    """
    now = datetime.now(UTC)
    rows = db.session.execute(
        select(RunItem.contact_id, RunItem.run_id)
        .join(Run, Run.id == RunItem.run_id)
        .join(
            Link,
            (Link.environment_id == RunItem.environment_id)
            & (Link.contact_id == RunItem.contact_id),
        )
        .where(
            RunItem.environment_id == environment_id,
            among(RunItem.contact_id, contact_ids),
            RunItem.outcome == Outcome.OPEN,
            RunItem.crashes == 0,
            RunItem.due_at <= now,
            is_free(Link, now),
            Run.kind == RunKind.CHANGE,
            Run.state == RunState.OPEN,
            Run.cancel_asked_at.is_(None),
        )
    )
    return {contact_id: run_id for contact_id, run_id in rows}


def _pending(environment_id: int, contact_ids: Collection[str]) -> set[str]:
    rows = db.session.scalars(
        select(RunItem.contact_id)
        .join(Run, Run.id == RunItem.run_id)
        .where(
            RunItem.environment_id == environment_id,
            among(RunItem.contact_id, contact_ids),
            RunItem.outcome == Outcome.OPEN,
            Run.state == RunState.OPEN,
        )
    )
    return set(rows)
