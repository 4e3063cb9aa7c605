"""What each event leads to: to nothing, to a run over its contact, or to waiting a little."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from spotler_plugin.models import Event, EventOutcome, EventType, RunKind
from spotler_plugin.planning.reason import Reason
from spotler_plugin.services.backoff import delay_after
from spotler_plugin.services.event.known import Known
from spotler_plugin.services.event.relation import Primary

BUSY_SECONDS = 10
"""When to look again at a contact that is being linked at this moment."""
STANDSTILL_SECONDS = 300
"""When to look again whether there is a connection with Spotler, or the CRM takes our token."""
WITHOUT_CONTACT = (EventOutcome.NOT_LINKED, EventOutcome.NO_PRIMARY, EventOutcome.NO_RELATION)
"""What an event about a relation can lead to where no linked contact is its primary one."""


@dataclass(slots=True)
class Judged:
    """Events that are to wait on a run, by its kind; and contacts that go besides."""

    known: Known
    primaries: Mapping[str, Primary]
    modules: Collection[int]
    """Events of which a changed field is a module field."""
    runs: dict[RunKind, list[Event]] = field(default_factory=dict)
    merges: list[Event] = field(default_factory=list)
    deleted: set[str] = field(default_factory=set)
    triggered: list[Event] = field(default_factory=list)
    erased: set[str] = field(default_factory=set)

    def judge(self, event: Event) -> None:
        """Set the event's outcome, or note which run it takes."""
        event.reason = None
        JUDGES[event.type](self, event)

    def _changed(self, event: Event) -> None:
        if self._is_unlinked(event):
            return
        if self.known.has_version(event.contact_id, event.version):
            event.outcome = EventOutcome.KNOWN
        else:
            self._look(event)

    def _relation(self, event: Event) -> None:
        if event.id not in self.modules:
            event.outcome = EventOutcome.NO_MODULE
            return
        primary = self.primaries.get(event.relation_id or "")
        if primary is None:
            # The turn had no time left to ask.
            return
        _note_former(event, ())
        if primary.outcome is not None:
            event.outcome = primary.outcome
        elif primary.reason is Reason.CRM_REFUSED:
            # It may take our token after all, or once an operator repaired that.
            _wait(event, STANDSTILL_SECONDS, primary.reason)
            return
        elif primary.contact_id is None:
            _postpone(event, primary.reason, primary.retry_after)
            return
        else:
            event.contact_id = primary.contact_id
            if not self._is_unlinked(event):
                self._look(event)
        if primary.former_ids:
            self._take_along(event, primary.former_ids)

    def _take_along(self, event: Event, former_ids: Collection[str]) -> None:
        """Let the run look at who was the primary contact before, too."""
        if event.due_at > datetime.now(UTC):
            # The new one is being linked, or nothing can be sent: all of it waits.
            return
        if event.outcome in WITHOUT_CONTACT:
            event.contact_id = next(iter(former_ids))
        _note_former(event, former_ids)
        if event not in self.runs.get(RunKind.CHANGE, ()):
            self._begin(RunKind.CHANGE, event)

    def _deleted(self, event: Event) -> None:
        link = self.known.links.get(event.contact_id or "")
        # Merging left it active in Spotler.
        merged = link is not None and link.merged_into is not None and link.deleted_at is None
        if merged or not self._is_unlinked(event):
            self._begin(RunKind.PARTING, event)
        waits = event.due_at > datetime.now(UTC)
        if link is not None and not waits:
            self.deleted.add(link.contact_id)

    def _merged(self, event: Event) -> None:
        if event.contact_id in self.known.pending and not self.known.is_linked(event.contact_id):
            _wait(event, BUSY_SECONDS)
        elif not self._stands_still(event):
            event.outcome = EventOutcome.NOT_LINKED
            self.merges.append(event)
            if self.known.is_linked(event.contact_id):
                self._begin(RunKind.MERGE, event)

    def _erased(self, event: Event) -> None:
        """Also where nothing is known of the contact: it is not to be linked later either."""
        event.outcome = EventOutcome.ERASED
        self.erased.add(str(event.contact_id))

    def _triggered(self, event: Event) -> None:
        self.triggered.append(event)

    def _is_unlinked(self, event: Event) -> bool:
        """Settle an event of a contact that is not linked; one that is being linked waits."""
        if self.known.is_linked(event.contact_id):
            return False
        if event.contact_id in self.known.pending:
            _wait(event, BUSY_SECONDS)
        else:
            event.outcome = EventOutcome.NOT_LINKED
        return True

    def _look(self, event: Event) -> None:
        run_id = self.known.looks.get(event.contact_id or "")
        if run_id is not None:
            event.outcome, event.run_id = EventOutcome.RUN, run_id
        else:
            self._begin(RunKind.CHANGE, event)

    def _begin(self, kind: RunKind, event: Event) -> None:
        if not self._stands_still(event):
            self.runs.setdefault(kind, []).append(event)

    def _stands_still(self, event: Event) -> bool:
        """Let an event wait while nothing can be sent."""
        if self.known.standstill is None:
            return False
        _wait(event, STANDSTILL_SECONDS, self.known.standstill)
        return True


JUDGES: Mapping[EventType, Callable[[Judged, Event], None]] = {
    EventType.CONTACT_CHANGED: Judged._changed,
    EventType.CONTACT_DELETED: Judged._deleted,
    EventType.CONTACT_MERGED: Judged._merged,
    EventType.CONTACT_ERASED: Judged._erased,
    EventType.RELATION_CHANGED: Judged._relation,
    EventType.ACTION_TRIGGERED: Judged._triggered,
}


def _note_former(event: Event, former_ids: Collection[str]) -> None:
    others = {name: value for name, value in event.data.items() if name != "former_ids"}
    event.data = others | ({"former_ids": list(former_ids)} if former_ids else {})


def _wait(event: Event, seconds: float, reason: Reason | None = None) -> None:
    event.outcome, event.reason = EventOutcome.WAITING, reason
    event.due_at = datetime.now(UTC) + timedelta(seconds=seconds)


def _postpone(event: Event, reason: Reason | None, retry_after: float | None) -> None:
    """Count a failed attempt, and give the event up after the last."""
    event.attempts, event.reason = event.attempts + 1, reason
    delay = delay_after(event.attempts, retry_after)
    if delay is None:
        event.outcome = EventOutcome.FAILED
    else:
        event.due_at = datetime.now(UTC) + delay
