"""The status of a CRM contact in Spotler, from our tables."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import and_, exists, func, or_, select

from spotler_plugin.extensions import db
from spotler_plugin.models import (
    WENT_WRONG,
    Enrolment,
    EnrolmentState,
    Link,
    MirrorContact,
    Outcome,
    Run,
    RunItem,
    RunState,
)
from spotler_plugin.planning.detail import NOTHING, Detail
from spotler_plugin.planning.reason import OF_ADDRESS, Reason
from spotler_plugin.sql import listed


class Status(StrEnum):
    """Status of a contact; the values are those of the CRM's API (crm-developer.md §5)."""

    SYNCED = "synced"
    NOT_SYNCED = "not_synced"
    INACTIVE = "inactive"
    PENDING = "pending"
    ERROR = "error"


NOT_MOVED = OF_ADDRESS | {Reason.INACTIVE}
"""Why a linked contact still has its old address in Spotler."""


@dataclass(frozen=True, slots=True)
class LinkStatus:
    status: Status
    synced_at: datetime | None
    reason: Reason | None
    detail: Detail
    permissions_on: int
    automations_started: int
    opted_out: bool
    """Whether its own record in Spotler is inactive, which cannot be undone from here."""


def status_of(environment_id: int, contact_id: str) -> LinkStatus:
    """Return the status of a contact from our tables, by one query."""
    return standing_of(environment_id, contact_id)[0]


def standing_of(environment_id: int, contact_id: str) -> tuple[LinkStatus, MirrorContact | None]:
    """Return the status and the mirror's row.

    There may be such a row without a link: the contact was in Spotler before this plugin.
    """
    return _standings(environment_id, [contact_id])[contact_id]


def statuses_of(environment_id: int, contact_ids: Collection[str]) -> dict[str, LinkStatus]:
    """Return the status of each contact, by one query."""
    found = _standings(environment_id, contact_ids)
    return {contact_id: standing for contact_id, (standing, _mirror) in found.items()}


def _standings(
    environment_id: int, contact_ids: Collection[str]
) -> dict[str, tuple[LinkStatus, MirrorContact | None]]:
    asked = listed(contact_ids)
    started = (
        select(func.count(func.distinct(Enrolment.automation_id)))
        .where(
            Enrolment.environment_id == environment_id,
            Enrolment.contact_id == asked.c.id,
            Enrolment.state == EnrolmentState.STARTED,
        )
        .correlate(asked)
        .scalar_subquery()
    )
    # Open items, except those of a halted run.
    pending = (
        exists()
        .where(
            RunItem.environment_id == environment_id,
            RunItem.contact_id == asked.c.id,
            RunItem.outcome == Outcome.OPEN,
            Run.id == RunItem.run_id,
            Run.state == RunState.OPEN,
        )
        .correlate(asked)
    )
    rows = db.session.execute(
        select(asked.c.id, Link, MirrorContact, started, pending)
        .select_from(asked)
        .outerjoin(Link, and_(Link.environment_id == environment_id, Link.contact_id == asked.c.id))
        .outerjoin(
            MirrorContact,
            and_(
                MirrorContact.environment_id == environment_id,
                MirrorContact.external_id == asked.c.id,
                # Else somebody else has this id, since the account was replaced.
                or_(Link.former_address.is_(None), Link.former_address == MirrorContact.address),
            ),
        )
        # Contacts are recorded past the session, so rows in it may be outdated.
        .execution_options(populate_existing=True)
    )
    return {
        contact_id: (_judge(link, mirror, number, pending=is_pending), mirror)
        for contact_id, link, mirror, number, is_pending in rows
    }


def _judge(
    link: Link | None, mirror: MirrorContact | None, started: int, *, pending: bool
) -> LinkStatus:
    reason = Reason.ERASED if link and link.erased_at else link.problem if link else None
    linked = link is not None and link.linked_at is not None
    opted_out = mirror is not None and not mirror.active
    broken = link is not None and link.problem_outcome in WENT_WRONG and not link.erased_at
    if pending:
        status = Status.PENDING
    elif opted_out:
        status, reason = Status.INACTIVE, Reason.INACTIVE
    elif broken or (linked and reason in NOT_MOVED):
        status = Status.ERROR
    elif reason is Reason.INACTIVE:
        status = Status.INACTIVE
    elif linked:
        status = Status.SYNCED
    else:
        status = Status.NOT_SYNCED
    return LinkStatus(
        status=status,
        synced_at=link.synced_at if link else None,
        reason=reason,
        detail=(link and link.problem_detail) or NOTHING,
        permissions_on=sum(mirror.permissions.values()) if mirror and mirror.active else 0,
        automations_started=started,
        opted_out=opted_out,
    )
