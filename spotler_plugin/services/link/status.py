"""The status of a CRM contact in Spotler, from our tables."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from spotler_plugin.models import WENT_WRONG, MirrorContact
from spotler_plugin.planning.detail import NOTHING, Detail
from spotler_plugin.planning.reason import OF_ADDRESS, Reason
from spotler_plugin.services.link.facts import Facts, read_facts
from spotler_plugin.services.link.lag import (
    Behind,
    Closed,
    Lag,
    There,
    behind_of,
    closed_of,
    there_of,
)


class Status(StrEnum):
    """Status of a contact; the values are those of the CRM's API (crm-developer.md §5)."""

    SYNCED = "synced"
    NOT_SYNCED = "not_synced"
    INACTIVE = "inactive"
    PENDING = "pending"
    ERROR = "error"


NOT_MOVED = OF_ADDRESS | {Reason.INACTIVE}
"""Why a linked contact still has its old address in Spotler."""
NOT_GONE = NOT_MOVED | {
    Reason.NO_ADDRESS,
    Reason.ADDRESS_MALFORMED,
    Reason.GONE,
    Reason.CRM_UNREADABLE,
}
"""Why nothing of a linked contact goes to Spotler, though no call failed."""


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
    automations_unsure: int = 0
    """Those of which nobody knows whether they were started."""
    is_linked: bool = False
    connected: bool = True
    behind: Behind | None = None
    closed: Closed | None = None
    """Of who is inactive."""
    there: There = There.UNKNOWN
    """Of who is not linked."""
    address: str | None = None
    """What its address is known by, of who is not linked."""


def status_of(environment_id: int, contact_id: str) -> LinkStatus:
    """Return the status of a contact from our tables, by one query."""
    return standing_of(environment_id, contact_id)[0]


def standing_of(environment_id: int, contact_id: str) -> tuple[LinkStatus, MirrorContact | None]:
    """Return the status and the mirror's row.

    There may be such a row without a link: the contact was in Spotler before this plugin.
    """
    [facts] = read_facts(environment_id, [contact_id])
    return _judge(facts), facts.mirror


def statuses_of(environment_id: int, contact_ids: Collection[str]) -> dict[str, LinkStatus]:
    """Return the status of each contact, by one query."""
    return {each.contact_id: _judge(each) for each in read_facts(environment_id, contact_ids)}


def _judge(facts: Facts) -> LinkStatus:
    link, mirror = facts.link, facts.mirror
    linked = link is not None and link.linked_at is not None
    behind = behind_of(facts)
    status, reason = _status(facts, behind, linked)
    is_told = link is not None and reason is link.problem
    return LinkStatus(
        status=status,
        synced_at=link.synced_at if link else None,
        reason=reason,
        detail=(link and is_told and link.problem_detail) or NOTHING,
        permissions_on=sum(mirror.permissions.values()) if mirror and mirror.active else 0,
        automations_started=facts.started,
        opted_out=mirror is not None and not mirror.active,
        automations_unsure=facts.unsure,
        is_linked=linked,
        connected=facts.connection is not None,
        behind=behind,
        closed=closed_of(facts) if status is Status.INACTIVE else None,
        there=There.UNKNOWN if linked else there_of(facts),
        address=link.address if link and not linked else None,
    )


def _status(facts: Facts, behind: Behind | None, linked: bool) -> tuple[Status, Reason | None]:
    """Return the status and why; it is never `SYNCED` while Spotler is known to be behind."""
    link, mirror = facts.link, facts.mirror
    reason = Reason.ERASED if link and link.erased_at else link.problem if link else None
    broken = link is not None and link.problem_outcome in WENT_WRONG and not link.erased_at
    if behind is not None and behind.lag is Lag.ASKED:
        return Status.PENDING, behind.reason
    if mirror is not None and not mirror.active:
        return Status.INACTIVE, Reason.INACTIVE
    if broken or (linked and reason in NOT_GONE):
        return Status.ERROR, reason
    if reason is Reason.INACTIVE or (facts.is_out and reason is None):
        return Status.INACTIVE, Reason.INACTIVE
    if behind is not None:
        lags = Status.PENDING if behind.lag is Lag.CHANGED else Status.NOT_SYNCED
        return lags, behind.reason
    return Status.SYNCED if linked else Status.NOT_SYNCED, reason
