"""Write one contact, and the result of a write, from what Spotler answered."""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass, replace
from enum import Enum, auto
from typing import Any

from spotler_plugin.planning.detail import NOTHING, Detail, told_by
from spotler_plugin.planning.plan import ADDRESS, Change, ChangeKind
from spotler_plugin.planning.reason import Reason
from spotler_plugin.planning.values.sets import bits_of
from spotler_plugin.spotler import (
    ContactOptedOut,
    ContactWrite,
    CredentialsRefused,
    Decision,
    NotFound,
    RateLimited,
    SaveCode,
    SaveResult,
    SpotlerClient,
    SpotlerError,
    Unavailable,
)


class Fate(Enum):
    """The result of a write."""

    TAKEN = auto()
    """Spotler accepted it."""
    NOT_SENT = auto()
    """It was not tried, so this does not count as a failed attempt."""
    UNANSWERED = auto()
    """It may have arrived or not: try again."""
    BLOCKED = auto()
    """Spotler accepts no write of this contact."""
    REJECTED = auto()
    """Spotler refuses the values."""
    GONE = auto()
    """Spotler does not know the contact's id."""


@dataclass(frozen=True, slots=True)
class Written:
    """The result of a write, and why."""

    fate: Fate
    reason: Reason | None = None
    detail: Detail = NOTHING
    retry_after: float | None = None
    """Seconds that Spotler asks to wait, for UNANSWERED."""
    sent: Change | None = None
    """What was sent, when something was left out of the planned change."""
    never_left: bool = False
    """Whether it surely did not reach Spotler, for UNANSWERED."""

    @property
    def refuses_value(self) -> bool:
        """Whether Spotler refuses a property or its value (two spellings: spotler-api.md §9.5)."""
        return self.detail.code in ("PROPERTY_INVALID", "INVALID_PROPERTY")


TAKEN = Written(Fate.TAKEN)
NOT_SENT = Written(Fate.NOT_SENT)
GONE = Written(Fate.GONE, Reason.GONE_IN_SPOTLER)

Renew = Callable[[], Container[str]]
"""Renews the leases for one more call; returns the contacts that are still leased."""


def failed(error: SpotlerError) -> Written:
    """Return the result of a call for one contact that failed. Raises CredentialsRefused."""
    if isinstance(error, CredentialsRefused):
        raise error
    return _refused(error) if error.decision is Decision.PERMANENT else _to_retry(error)


def _to_retry(error: SpotlerError) -> Written:
    """Return a result that is retried: a write by external id is idempotent."""
    reason = Reason.BUSY if isinstance(error, RateLimited) else Reason.SPOTLER_AWAY
    # No connection was made.
    never_left = isinstance(error, Unavailable) and error.status is None
    return Written(Fate.UNANSWERED, reason, retry_after=error.retry_after, never_left=never_left)


def _refused(error: SpotlerError) -> Written:
    if isinstance(error, NotFound) and error.of_contact:
        return GONE
    if isinstance(error, ContactOptedOut):
        return Written(Fate.BLOCKED, Reason.INACTIVE)
    return _rejected(error.error_type or str(error.status), error.said)


def judged(answer: SaveResult) -> Written:
    """Return the result for one contact of a call for many."""
    if answer.code is SaveCode.OK:
        return TAKEN
    if answer.code in (SaveCode.CONTACT_OPTOUT, SaveCode.NO_ACTIVE_CHANNEL):
        return Written(Fate.BLOCKED, Reason.INACTIVE)
    if answer.code is SaveCode.CONTACT_UNKNOWN:
        return GONE
    if answer.code is SaveCode.ERROR:
        return Written(Fate.UNANSWERED, Reason.SPOTLER_REFUSED)
    return _rejected(answer.code, answer.message)


def _rejected(code: str, message: str) -> Written:
    """Return the result of a refusal.

    Only the message tells that it is about the address (spotler-api.md §2.1 [U]).
    """
    about_address = ADDRESS in message.lower().replace("e-mail", ADDRESS)
    reason = Reason.ADDRESS_REFUSED if about_address else Reason.VALUE_REFUSED
    return Written(Fate.REJECTED, reason, Detail(code=code, message=told_by(message)))


def link_one(spotler: SpotlerClient, contact_id: str, change: Change) -> Written:
    """Write one contact by the only call that is known to create it (spotler-api.md §2.1 [C])."""
    try:
        spotler.contacts.save(payload(contact_id, change))
    except SpotlerError as error:
        return failed(error)
    return TAKEN


def close_contact(spotler: SpotlerClient, contact_id: str) -> Written:
    """Set one contact inactive; may be repeated."""
    try:
        return TAKEN if spotler.contacts.inactivate(contact_id) else GONE
    except SpotlerError as error:
        return failed(error)


def empty_values(spotler: SpotlerClient, contact_id: str, change: Change, renew: Renew) -> Written:
    """Empty properties the only documented way: read all, leave them out, write all with purge.

    Everything else is written back as it was just read, permissions included, because purge is
    assumed to clear what is not sent (spotler-api.md §2.1, §12 [U]). The rest of the change is
    written by the same call.
    """
    try:
        current = spotler.contacts.get(contact_id)
    except SpotlerError as error:
        return replace(failed(error), never_left=True)
    try:
        if current is None:
            # Happens to one just linked when reading lags behind writing (§12 [U]).
            linked = change.kind is ChangeKind.LINK
            return Written(Fate.UNANSWERED, Reason.SPOTLER_REFUSED) if linked else GONE
        if not current.active:
            return Written(Fate.BLOCKED, Reason.INACTIVE)
        if contact_id not in renew():
            return NOT_SENT
        kept = {k: v for k, v in current.properties.items() if k not in change.clears}
        spotler.contacts.replace(
            ContactWrite(
                external_id=contact_id,
                properties=kept | dict(change.sets) | _whole_sets(kept, change),
                permissions={**current.permissions, **change.permissions},
                test_group=current.test_group,
            )
        )
    except SpotlerError as error:
        return failed(error)
    return TAKEN


def payload(contact_id: str, change: Change) -> ContactWrite:
    """Return what Spotler is sent, but for values that are emptied."""
    return ContactWrite(
        external_id=contact_id,
        properties={**change.sets, **change.bits},
        permissions=dict(change.permissions),
    )


def _whole_sets(current: Mapping[str, Any], change: Change) -> dict[str, dict[int, bool]]:
    """Return the sets of a change with all their bits, as purge may switch off what is not sent."""
    return {name: bits_of(current.get(name)) | bits for name, bits in change.bits.items()}
