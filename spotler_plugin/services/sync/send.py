"""Send changes to Spotler, and return the result for each contact."""

from __future__ import annotations

import time
from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, auto

from spotler_plugin.planning.detail import NOTHING, Detail
from spotler_plugin.planning.plan import ADDRESS, Change
from spotler_plugin.planning.reason import Reason
from spotler_plugin.spotler import (
    ContactOptedOut,
    ContactWrite,
    CredentialsRefused,
    Decision,
    RateLimited,
    SaveCode,
    SaveResult,
    SpotlerClient,
    SpotlerError,
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


@dataclass(frozen=True, slots=True)
class Written:
    """The result of a write, and why."""

    fate: Fate
    reason: Reason | None = None
    detail: Detail = NOTHING
    retry_after: float | None = None
    """Seconds that Spotler asks to wait, for UNANSWERED."""


TAKEN = Written(Fate.TAKEN)
NOT_SENT = Written(Fate.NOT_SENT)

EMPTY_SECONDS = 20.0
"""Seconds that a chunk may spend on emptying values, contact by contact; the rest is retried later,
so that the job does not look dead."""

Renew = Callable[[], Container[str]]
"""Renews the leases for one more call; returns the contacts that are still leased."""


def send_changes(
    spotler: SpotlerClient, changes: Mapping[str, Change], renew: Renew
) -> dict[str, Written]:
    """Write all changes. Raises CredentialsRefused only, and then nothing was sent.

    `renew` is called before each call. A contact whose lease was lost is not written, and has
    no result.
    """
    together = [id_ for id_, change in changes.items() if change.is_batched]
    results = _save(spotler, changes, together, renew)
    end = time.monotonic() + EMPTY_SECONDS
    to_empty = [id_ for id_, c in changes.items() if c.clears and id_ not in _refused_in(results)]
    results |= dict.fromkeys(to_empty, NOT_SENT)
    for contact_id in to_empty:
        try:
            if contact_id in renew():
                results[contact_id] = _empty(spotler, contact_id, changes[contact_id], renew)
        except CredentialsRefused:
            if all(written.fate is Fate.NOT_SENT for written in results.values()):
                raise
            # What was sent before is recorded; the next call is refused as well.
            break
        if time.monotonic() > end:
            break
    return results


def _refused_in(results: Mapping[str, Written]) -> set[str]:
    return {id_ for id_, written in results.items() if written.fate is not Fate.TAKEN}


def _save(
    spotler: SpotlerClient, changes: Mapping[str, Change], ids: Sequence[str], renew: Renew
) -> dict[str, Written]:
    """Write all in one call; when Spotler refuses the call, split it until the culprit is alone."""
    kept = renew()
    ids = [id_ for id_ in ids if id_ in kept]
    if not ids:
        return {}
    try:
        answers = spotler.contacts.save_many([_payload(id_, changes[id_]) for id_ in ids])
    except CredentialsRefused:
        raise
    except SpotlerError as error:
        if error.decision is not Decision.PERMANENT:
            return dict.fromkeys(ids, _again(error))
        if len(ids) == 1:
            return {ids[0]: _refused(error)}
        half = len(ids) // 2
        first = _save(spotler, changes, ids[:half], renew)
        try:
            return first | _save(spotler, changes, ids[half:], renew)
        except CredentialsRefused:
            # The first half is recorded; the next call is refused as well.
            return first
    return {id_: _judged(answers[id_]) for id_ in ids}


def _empty(spotler: SpotlerClient, contact_id: str, change: Change, renew: Renew) -> Written:
    """Empty properties the only documented way: read all, leave them out, write all with purge.

    Everything else is written back as it was just read, permissions included, because purge is
    assumed to clear what is not sent (spotler-api.md §2.1, §12 [U]). The rest of the change is
    written by the same call.
    """
    try:
        current = spotler.contacts.get(contact_id)
        if current is None:
            return Written(Fate.UNANSWERED, Reason.SPOTLER_REFUSED)
        if contact_id not in renew():
            return NOT_SENT
        kept = {k: v for k, v in current.properties.items() if k not in change.clears}
        spotler.contacts.replace(
            ContactWrite(
                external_id=contact_id,
                properties=kept | dict(change.sets),
                permissions={**current.permissions, **change.permissions},
                test_group=current.test_group,
            )
        )
    except CredentialsRefused:
        raise
    except SpotlerError as error:
        return _refused(error) if error.decision is Decision.PERMANENT else _again(error)
    return TAKEN


def _payload(contact_id: str, change: Change) -> ContactWrite:
    return ContactWrite(
        external_id=contact_id,
        properties=dict(change.sets),
        permissions=dict(change.permissions),
    )


def _again(error: SpotlerError) -> Written:
    """Return a result that is retried: a write by external id is idempotent."""
    reason = Reason.BUSY if isinstance(error, RateLimited) else Reason.SPOTLER_AWAY
    return Written(Fate.UNANSWERED, reason, retry_after=error.retry_after)


def _refused(error: SpotlerError) -> Written:
    if isinstance(error, ContactOptedOut):
        return Written(Fate.BLOCKED, Reason.INACTIVE)
    return _rejected(error.error_type or str(error.status), error.message)


def _judged(answer: SaveResult) -> Written:
    if answer.code is SaveCode.OK:
        return TAKEN
    if answer.code in (SaveCode.CONTACT_OPTOUT, SaveCode.NO_ACTIVE_CHANNEL):
        return Written(Fate.BLOCKED, Reason.INACTIVE)
    if answer.code is SaveCode.ERROR:
        return Written(Fate.UNANSWERED, Reason.SPOTLER_REFUSED)
    return _rejected(answer.code, answer.message)


def _rejected(code: str, message: str) -> Written:
    """Return the result of a refusal; only the message tells that it is the address (§2.1 [U])."""
    about_address = ADDRESS in message.lower().replace("e-mail", ADDRESS)
    reason = Reason.ADDRESS_REFUSED if about_address else Reason.VALUE_REFUSED
    return Written(Fate.REJECTED, reason, Detail(code=code, message=message))
