"""Send changes to Spotler, and return the result for each contact."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from spotler_plugin.planning.offer import Offer, leave_out
from spotler_plugin.planning.plan import Change, ChangeKind
from spotler_plugin.services.sync.written import (
    NOT_SENT,
    TAKEN,
    Fate,
    Renew,
    Written,
    close_contact,
    empty_values,
    failed,
    judged,
    link_one,
    payload,
)
from spotler_plugin.spotler import (
    CredentialsRefused,
    Decision,
    SpotlerClient,
    SpotlerError,
)

SINGLE_SECONDS = 20.0
"""Seconds that a chunk may spend on calls for one contact each; the rest is retried later, so that
the job does not look dead. It ends sooner where somebody waits for the worker."""

Ends = Callable[[], bool]
"""Returns whether no more calls for one contact each are to be made."""


class Account(Protocol):
    """What was learned of the account by writing to it."""

    def list_only_updates(self) -> bool:
        """Return whether `contact/list` creates nobody (spotler-api.md §2.1 [U])."""

    def note_list_only_updates(self) -> None: ...

    def offer(self, *, doubted: bool) -> Offer:
        """Return what the account offers, read anew if need be. Raises SpotlerError."""


@dataclass(frozen=True, slots=True)
class Sent:
    """What became of the changes."""

    results: dict[str, Written]
    is_refused: bool
    """Whether a call was refused after another was made: the rest was not sent, and the run must
    not go on with this key. It may be that only this kind of call is refused, for ever."""


def send_changes(
    spotler: SpotlerClient,
    changes: Mapping[str, Change],
    renew: Renew,
    account: Account,
    is_urgent: Ends = lambda: False,
) -> Sent:
    """Write all changes. Raises CredentialsRefused only, and then nothing was sent.

    `renew` is called before each call. A contact whose lease was lost is not written, and has
    no result. `is_urgent` returns whether somebody waits for the worker.
    """
    sending = _Sending(spotler, renew, account, is_urgent)
    results = sending.send(changes)
    try:
        lesser = {} if sending.is_refused else _without_vanished(changes, results, account)
    except CredentialsRefused:
        sending.is_refused = True
    if sending.is_refused:
        kept = {id_: NOT_SENT if each.refuses_value else each for id_, each in results.items()}
        return Sent(kept, is_refused=True)
    again = {id_: change for id_, change in lesser.items() if change.writes}
    # Where nothing is left to send, all is as it should be.
    second = dict.fromkeys(lesser.keys() - again.keys(), TAKEN)
    try:
        second |= sending.send(again)
    except CredentialsRefused:
        second |= dict.fromkeys(again, NOT_SENT)
        sending.is_refused = True
    kept = {id_: written for id_, written in results.items() if id_ not in lesser}
    kept |= {id_: replace(each, sent=lesser[id_]) for id_, each in second.items()}
    return Sent(kept, sending.is_refused)


class _Sending:
    """The calls of one chunk."""

    def __init__(
        self, spotler: SpotlerClient, renew: Renew, account: Account, is_urgent: Ends
    ) -> None:
        self._spotler, self._renew, self._account = spotler, renew, account
        self._is_urgent = is_urgent
        self._end = time.monotonic() + SINGLE_SECONDS
        self.is_refused = False

    def send(self, changes: Mapping[str, Change]) -> dict[str, Written]:
        """Write all changes once: together, and alone what goes alone."""
        spotler, renew = self._spotler, self._renew
        batched = [id_ for id_, change in changes.items() if change.is_batched]
        links = {id_ for id_ in batched if changes[id_].kind is ChangeKind.LINK}
        singly = bool(links) and self._account.list_only_updates()
        alone = [id_ for id_ in batched if singly and id_ in links]
        results = self._save(changes, [id_ for id_ in batched if id_ not in alone])
        unknown = [id_ for id_ in results if id_ in links and results[id_].fate is Fate.GONE]
        if unknown:
            self._account.note_list_only_updates()
            alone += unknown
        self._one_by_one(results, alone, lambda id_: link_one(spotler, id_, changes[id_]))
        to_empty = [id_ for id_, c in changes.items() if c.clears and id_ not in _failed(results)]
        self._one_by_one(
            results, to_empty, lambda id_: empty_values(spotler, id_, changes[id_], renew)
        )
        to_close = [id_ for id_, c in changes.items() if c.closes and id_ not in _failed(results)]
        self._one_by_one(results, to_close, lambda id_: close_contact(spotler, id_))
        return results

    def _one_by_one(
        self, results: dict[str, Written], ids: Sequence[str], write: Callable[[str], Written]
    ) -> None:
        """Make a call for each contact: one at least, and no more when it takes too long.

        Adds to the results. Raises CredentialsRefused, unless something was sent before.
        """
        results |= dict.fromkeys(ids, NOT_SENT)
        for contact_id in () if self.is_refused else ids:
            try:
                if contact_id in self._renew():
                    results[contact_id] = write(contact_id)
            except CredentialsRefused:
                if all(written.fate is Fate.NOT_SENT for written in results.values()):
                    raise
                self.is_refused = True
                break
            if time.monotonic() > self._end or self._is_urgent():
                break

    def _save(self, changes: Mapping[str, Change], ids: Sequence[str]) -> dict[str, Written]:
        """Write all in one call; when Spotler refuses it, split it until the culprit is alone."""
        kept = self._renew() if ids else ()
        ids = [id_ for id_ in ids if id_ in kept]
        if not ids:
            return {}
        try:
            answers = self._spotler.contacts.save_many([payload(id_, changes[id_]) for id_ in ids])
        except CredentialsRefused:
            raise
        except SpotlerError as error:
            if error.decision is not Decision.PERMANENT or len(ids) == 1:
                return dict.fromkeys(ids, failed(error))
            half = len(ids) // 2
            first = self._save(changes, ids[:half])
            if self.is_refused:
                return first
            try:
                return first | self._save(changes, ids[half:])
            except CredentialsRefused:
                self.is_refused = True
                return first
        return {id_: judged(answers[id_]) for id_ in ids}


def _failed(results: Mapping[str, Written]) -> set[str]:
    return {id_ for id_, written in results.items() if written.fate is not Fate.TAKEN}


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
        change.permissions or change.bits or "unknown" in results[id_].detail.message.lower()
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
