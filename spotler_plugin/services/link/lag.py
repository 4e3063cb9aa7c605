"""In what Spotler is behind, since when a contact is closed there, and whom it has instead."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from spotler_plugin.config import settings
from spotler_plugin.models import ConnectionState, Source
from spotler_plugin.planning.reason import Reason
from spotler_plugin.services.link.facts import Facts

CUT_OFF = {
    None: Reason.NOT_CONNECTED,
    ConnectionState.REFUSED: Reason.CREDENTIALS_REFUSED,
    ConnectionState.UNCONFIRMED: Reason.UNCONFIRMED,
}
READINGS, LEAST_SECONDS = 5, 300
"""While the feed was read this lately, the mirror tells who is not in Spotler: intervals of
reading, and seconds."""


class Lag(StrEnum):
    """What Spotler may not have of a contact."""

    ASKED = "asked"
    """Something was asked for, and is not done."""
    CHANGED = "changed"
    """The CRM told of a change that has not gone."""
    CUT_OFF = "cut_off"
    """Nothing can be sent, or is read."""
    STOPPED = "stopped"
    """A synchronisation was stopped before its turn."""
    DIFFERED = "differed"
    """A comparison found it different on both sides."""


class There(StrEnum):
    """What Spotler has of a contact that is not linked, by what we know."""

    UNKNOWN = "unknown"
    NOBODY = "nobody"
    """Neither its id nor its address."""
    ITS_ID = "its_id"
    ITS_ADDRESS = "its_address"
    """With no external id."""
    ANOTHERS = "anothers"
    """Its address, with another external id."""


@dataclass(frozen=True, slots=True)
class Behind:
    """In what Spotler is behind, and since when."""

    lag: Lag
    since: datetime | None
    reason: Reason | None = None
    """Why it waits; None where it is its turn soon."""
    until: datetime | None = None
    """When it is tried again, where that goes by the clock."""


@dataclass(frozen=True, slots=True)
class Closed:
    """Since when a contact is inactive in Spotler, and by what, as far as known."""

    at: datetime | None
    by: Source | None
    """Spotler, or the CRM where it deleted the contact; None: not known."""
    ground: str | None = None


def behind_of(facts: Facts) -> Behind | None:
    """Return what is known not to have gone to Spotler, the most telling first."""
    cut_off = CUT_OFF.get(facts.connection)
    if facts.asked_at is not None:
        stops = facts.halted or cut_off
        until = facts.due_at if facts.why and not stops else None
        return Behind(Lag.ASKED, facts.asked_at, stops or facts.why, until)
    if facts.link is None or facts.link.linked_at is None:
        return None
    told = min(filter(None, (facts.told_at, facts.relation_told_at)), default=None)
    if told is not None:
        return Behind(Lag.CHANGED, told, cut_off)
    if cut_off is not None:
        return Behind(Lag.CUT_OFF, facts.refused_at or facts.read_at, cut_off)
    synced_at = facts.link.synced_at
    for lag, at in ((Lag.STOPPED, facts.stopped_at), (Lag.DIFFERED, facts.differed_at)):
        if at is not None and (synced_at is None or at > synced_at):
            return Behind(lag, at)
    return None


def closed_of(facts: Facts) -> Closed:
    """Return since when it is inactive, where it is."""
    if facts.link is not None and facts.link.deleted_at is not None:
        return Closed(facts.link.deleted_at, Source.CRM)
    return Closed(facts.closed_at, facts.closed_by, facts.closed_ground)


def there_of(facts: Facts) -> There:
    """Return what Spotler has of a contact that is not linked."""
    if facts.mirror is not None:
        return There.ITS_ID
    if facts.owner_id is not None:
        return There.ANOTHERS
    if facts.is_there:
        return There.ITS_ADDRESS
    is_known = facts.link is not None and bool(facts.link.address)
    return There.NOBODY if is_known and _is_current(facts) else There.UNKNOWN


def _is_current(facts: Facts) -> bool:
    """Return whether the mirror has all of Spotler, as of a moment ago."""
    lasts = timedelta(seconds=max(READINGS * settings().feed_seconds, LEAST_SECONDS))
    return bool(
        facts.connection is ConnectionState.CONNECTED
        and facts.is_complete
        and facts.read_at is not None
        and facts.read_at >= datetime.now(UTC) - lasts
    )
