"""Contacts in the order of their last change, kept sorted instead of sorted per call."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from itertools import islice

from demo.spotler.account.contacts import Contact

_Change = tuple[int, int, Contact]


def _moment(change: _Change) -> int:
    return change[0]


class Changes:
    """An append-only log of changes; a contact's older entries are skipped, and dropped later."""

    def __init__(self) -> None:
        self._log: list[_Change] = []
        self._sequence = 0
        self._sorted = True
        self._live = 0

    def note(self, contact: Contact, moment: int) -> None:
        """Record a change of a contact; a moment before the newest (seeding) costs a sort later."""
        self._sequence += 1
        if self._log and moment < self._log[-1][0]:
            self._sorted = False
        if not contact.sequence:
            self._live += 1
        contact.changed, contact.sequence = moment, self._sequence
        self._log.append((moment, self._sequence, contact))
        if len(self._log) > 2 * self._live + 1000:
            self._log = [entry for entry in self._log if entry[2].sequence == entry[1]]

    def forget(self, contact: Contact) -> None:
        """Drop a contact that was removed."""
        self._live -= 1
        contact.sequence = -1

    def between(self, start: int, end: int) -> Iterator[Contact]:
        """Contacts changed in the window, ends included (spotler-api.md §5 [U]), oldest first."""
        if not self._sorted:
            self._log.sort(key=_moment)
            self._sorted = True
        low = bisect_left(self._log, start, key=_moment)
        high = bisect_right(self._log, end, key=_moment)
        return (
            contact
            for _, sequence, contact in islice(self._log, low, high)
            if contact.sequence == sequence
        )
