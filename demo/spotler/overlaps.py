"""Writes on one contact that overlap in time, which a client with leases never makes."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Lock
from typing import Any
from urllib.parse import unquote

from demo.spotler.request import Request

MOST_EXAMPLES = 100


def written_contacts(request: Request) -> tuple[str, ...]:
    """The externalIds that a call writes, as far as the request tells."""
    if request.method not in {"POST", "PUT"}:
        return ()
    segments = request.path.strip("/").split("/")
    if segments[0] == "contact" and request.method == "PUT":
        return (unquote(segments[-1]),)
    body = request.get_json(force=True, silent=True)
    if segments[0] not in {"contact", "subscription"} or not isinstance(body, dict):
        return ()
    contacts = body.get("contacts", [body.get("contact", body)])
    if not isinstance(contacts, list):
        return ()
    return tuple(
        str(contact["externalId"])
        for contact in contacts
        if isinstance(contact, dict) and contact.get("externalId") is not None
    )


@dataclass
class Overlaps:
    """Counts calls under way, in total and per contact."""

    calls_now: int = 0
    most_calls: int = 0
    overlapping_writes: int = 0
    most_writes_of_one_contact: int = 0
    examples: dict[str, int] = field(default_factory=dict)
    _open: Counter[str] = field(default_factory=Counter)
    _lock: Lock = field(default_factory=Lock)

    @contextmanager
    def during(self, contacts: tuple[str, ...]) -> Iterator[None]:
        """Count a call, and the contacts it writes, while it is under way."""
        distinct = set(contacts)
        with self._lock:
            self.calls_now += 1
            self.most_calls = max(self.most_calls, self.calls_now)
            self._enter(distinct)
        try:
            yield
        finally:
            with self._lock:
                self.calls_now -= 1
                for contact in distinct:
                    self._open[contact] -= 1
                    if not self._open[contact]:
                        del self._open[contact]

    def _enter(self, contacts: set[str]) -> None:
        for contact in contacts:
            self._open[contact] += 1
            depth = self._open[contact]
            self.most_writes_of_one_contact = max(self.most_writes_of_one_contact, depth)
            if depth < 2:
                continue
            self.overlapping_writes += 1
            if contact in self.examples or len(self.examples) < MOST_EXAMPLES:
                self.examples[contact] = max(depth, self.examples.get(contact, 0))

    def reset(self) -> None:
        """Forget what was counted; calls under way go on."""
        with self._lock:
            self.most_calls = self.overlapping_writes = self.most_writes_of_one_contact = 0
            self.examples.clear()

    def as_json(self) -> dict[str, Any]:
        """Return the counts."""
        return {
            "maxConcurrentCalls": self.most_calls,
            "overlappingContactWrites": self.overlapping_writes,
            "maxConcurrentWritesOfOneContact": self.most_writes_of_one_contact,
            "overlappedContacts": self.examples,
        }
