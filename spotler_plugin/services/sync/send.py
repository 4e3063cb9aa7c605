"""Send changes to Spotler, and return the result for each contact."""

from __future__ import annotations

import time
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Protocol

from spotler_plugin.planning.offer import Offer, leave_out
from spotler_plugin.planning.plan import Change, ChangeKind
from spotler_plugin.planning.reason import Reason
from spotler_plugin.services.sync.written import (
    GONE,
    NOT_SENT,
    TAKEN,
    Fate,
    Written,
    failed,
    judged,
)
from spotler_plugin.spotler import (
    ContactWrite,
    CredentialsRefused,
    Decision,
    SpotlerClient,
    SpotlerError,
)

SINGLE_SECONDS = 20.0
"""Seconds that a chunk may spend on calls for one contact each; the rest is retried later, so that
the job does not look dead."""

Renew = Callable[[], Container[str]]
"""Renews the leases for one more call; returns the contacts that are still leased."""


class Account(Protocol):
    """What was learned of the account by writing to it."""

    def list_only_updates(self) -> bool:
        """Return whether `contact/list` creates nobody (spotler-api.md §2.1 [U])."""

    def note_list_only_updates(self) -> None: ...

    def offer(self, *, doubted: bool) -> Offer:
        """Return what the account offers, read anew if need be. Raises SpotlerError."""


def send_changes(
    spotler: SpotlerClient, changes: Mapping[str, Change], renew: Renew, account: Account
) -> dict[str, Written]:
    """Write all changes. Raises CredentialsRefused only; everything else is a result.

    `renew` is called before each call. A contact whose lease was lost is not written, and has
    no result.
    """
    end = time.monotonic() + SINGLE_SECONDS
    results = _send(spotler, changes, renew, account, end)
    lesser = _without_vanished(changes, results, account)
    again = {id_: change for id_, change in lesser.items() if change.writes}
    # Where nothing is left to send, all is as it should be.
    second = dict.fromkeys(lesser.keys() - again.keys(), TAKEN)
    second |= _send(spotler, again, renew, account, end)
    kept = {id_: written for id_, written in results.items() if id_ not in lesser}
    return kept | {id_: replace(each, sent=lesser[id_]) for id_, each in second.items()}


def _send(
    spotler: SpotlerClient,
    changes: Mapping[str, Change],
    renew: Renew,
    account: Account,
    end: float,
) -> dict[str, Written]:
    """Write all changes once: together, and alone what goes alone."""
    batched = [id_ for id_, change in changes.items() if change.is_batched]
    links = {id_ for id_ in batched if changes[id_].kind is ChangeKind.LINK}
    singly = bool(links) and account.list_only_updates()
    alone = [id_ for id_ in batched if singly and id_ in links]
    results = _save(spotler, changes, [id_ for id_ in batched if id_ not in alone], renew)
    unknown = [id_ for id_ in results if id_ in links and results[id_].fate is Fate.GONE]
    if unknown:
        account.note_list_only_updates()
        alone += unknown
    results |= _one_by_one(alone, renew, end, lambda id_: _link(spotler, id_, changes[id_]))
    to_empty = [id_ for id_, c in changes.items() if c.clears and id_ not in _refused_in(results)]
    return results | _one_by_one(
        to_empty, renew, end, lambda id_: _empty(spotler, id_, changes[id_], renew)
    )


def _without_vanished(
    changes: Mapping[str, Change], results: Mapping[str, Written], account: Account
) -> dict[str, Change]:
    """Return, of the changes whose values were refused, those that the account's loss explains.

    They are without what vanished; the rest of the contact is to be sent.
    """
    refused = {id_: changes[id_] for id_, written in results.items() if written.refuses_value}
    if not refused:
        return {}
    # Which words the service has for it is unknown (spotler-api.md §12 [U]).
    doubted = any(
        change.permissions or "unknown" in results[id_].detail.message.lower()
        for id_, change in refused.items()
    )
    try:
        offer = account.offer(doubted=doubted)
    except CredentialsRefused:
        raise
    except SpotlerError:
        return {}
    lesser = {id_: leave_out(change, offer) for id_, change in refused.items()}
    return {id_: change for id_, change in lesser.items() if change is not changes[id_]}


def _one_by_one(
    ids: Iterable[str], renew: Renew, end: float, write: Callable[[str], Written]
) -> dict[str, Written]:
    """Make a call for each contact: one at least, and no more after `end`."""
    results = dict.fromkeys(ids, NOT_SENT)
    for contact_id in results:
        if contact_id in renew():
            results[contact_id] = write(contact_id)
        if time.monotonic() > end:
            break
    return results


def _refused_in(results: Mapping[str, Written]) -> set[str]:
    return {id_ for id_, written in results.items() if written.fate is not Fate.TAKEN}


def _save(
    spotler: SpotlerClient, changes: Mapping[str, Change], ids: Sequence[str], renew: Renew
) -> dict[str, Written]:
    """Write all in one call; when Spotler refuses the call, split it until the culprit is alone."""
    kept = renew() if ids else ()
    ids = [id_ for id_ in ids if id_ in kept]
    if not ids:
        return {}
    try:
        answers = spotler.contacts.save_many([_payload(id_, changes[id_]) for id_ in ids])
    except CredentialsRefused:
        raise
    except SpotlerError as error:
        if error.decision is not Decision.PERMANENT or len(ids) == 1:
            return dict.fromkeys(ids, failed(error))
        half = len(ids) // 2
        first = _save(spotler, changes, ids[:half], renew)
        return first | _save(spotler, changes, ids[half:], renew)
    return {id_: judged(answers[id_]) for id_ in ids}


def _link(spotler: SpotlerClient, contact_id: str, change: Change) -> Written:
    """Write one contact by the only call that is known to create it (spotler-api.md §2.1 [C])."""
    try:
        spotler.contacts.save(_payload(contact_id, change))
    except SpotlerError as error:
        return failed(error)
    return TAKEN


def _empty(spotler: SpotlerClient, contact_id: str, change: Change, renew: Renew) -> Written:
    """Empty properties the only documented way: read all, leave them out, write all with purge.

    Everything else is written back as it was just read, permissions included, because purge is
    assumed to clear what is not sent (spotler-api.md §2.1, §12 [U]). The rest of the change is
    written by the same call.
    """
    try:
        current = spotler.contacts.get(contact_id)
        if current is None:
            # Happens to one just linked when reading lags behind writing (§12 [U]).
            linked = change.kind is ChangeKind.LINK
            return Written(Fate.UNANSWERED, Reason.SPOTLER_REFUSED) if linked else GONE
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
    except SpotlerError as error:
        return failed(error)
    return TAKEN


def _payload(contact_id: str, change: Change) -> ContactWrite:
    return ContactWrite(
        external_id=contact_id,
        properties=dict(change.sets),
        permissions=dict(change.permissions),
    )
