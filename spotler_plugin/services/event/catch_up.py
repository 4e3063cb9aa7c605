"""What the CRM changed without telling: an event that was lost, or never sent.

Every few minutes the CRM is asked what changed since the last time, and once a night since the
night before. Only linked contacts of which we do not have the version are looked at.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

from structlog import get_logger

from spotler_plugin.crm import CrmContact, CrmError, NotFound, Refused, TokenRefused
from spotler_plugin.crm.contacts import ChangedPage
from spotler_plugin.extensions import db, snapshot
from spotler_plugin.models import Environment, Inbox, RunKind, Source
from spotler_plugin.planning.reason import Reason
from spotler_plugin.services.environment import crm_of
from spotler_plugin.services.event.inbox import Held, find_inbox, holding
from spotler_plugin.services.event.known import know
from spotler_plugin.services.link.primary import overtaken_primaries
from spotler_plugin.services.mapping.store import empties_any_former
from spotler_plugin.services.run.control import resume_halted_runs
from spotler_plugin.services.run.create import create_run

EVERY = timedelta(minutes=5)
OVERLAP = timedelta(minutes=10)
"""How far a read goes back before the last one: changes may show late, and clocks differ."""
NIGHT_HOUR = 3
"""UTC; the hour after which a read goes back further, once a day."""
NIGHT_OVERLAP = timedelta(hours=48)
TURN_SECONDS = 10.0
"""How long one job reads; the next one goes on where it ended."""
LONGEST_CURSOR = 500
AGAIN, AGAIN_REFUSED = timedelta(minutes=1), timedelta(minutes=30)
"""When to ask again a CRM that is away, or that refuses our token."""

log = get_logger()


@dataclass(slots=True)
class Reading:
    """What a turn at reading leaves to do."""

    run_ids: list[UUID] = field(default_factory=list)
    """Runs to enqueue."""
    more: bool = False
    """Whether the list goes on."""


def catch_up(environment_id: int) -> Reading:
    """Read some pages; nothing while another worker has the inbox, or the environment is disabled.

    What goes wrong is kept on the inbox, and the same page is read again later.
    """
    reading = Reading()
    owner = db.session.get(Environment, environment_id, populate_existing=True)
    if owner is None or owner.disabled_at is not None:
        return reading
    with holding(environment_id) as held:
        if held is not None:
            _read(owner, held, reading)
    return reading


def _read(owner: Environment, held: Held, reading: Reading) -> None:
    inbox = find_inbox(owner.id)
    if inbox is None:
        return
    now, end = datetime.now(UTC), time.monotonic() + TURN_SECONDS
    began, since, after = inbox.reading_since, inbox.changes_since, inbox.cursor
    if began is None or since is None or after is None:
        began, since, after = now, _since(inbox, now), None
        held.renew(reading_since=began, changes_since=since)
    db.session.commit()
    try:
        for page in _pages(owner, since, after):
            ends = page.next is None or len(page.next) > LONGEST_CURSOR
            run_id = _record(owner.id, page.contacts, is_last=ends)
            progress = _ended(since, began) if ends else {"cursor": page.next}
            if not held.renew(**progress):
                db.session.rollback()
                return
            # It takes our token after all.
            goes_on = resume_halted_runs(owner.id, Reason.CRM_REFUSED) if ends else ()
            db.session.commit()
            reading.run_ids += [*([run_id] if run_id else []), *goes_on]
            if not ends and time.monotonic() > end:
                reading.more = True
                return
    except CrmError as error:
        db.session.rollback()
        _postpone(held, error)


def _pages(owner: Environment, since: datetime, after: str | None) -> Iterator[ChangedPage]:
    with snapshot():
        crm = crm_of(owner)
    return crm.contacts.changed_since(since, after=after)


def _since(inbox: Inbox, now: datetime) -> datetime:
    """Return where a new read begins; the first one with us, as linking read all before it."""
    if inbox.read_at is None:
        return now - OVERLAP
    night = now.replace(hour=NIGHT_HOUR, minute=0, second=0, microsecond=0)
    last_night = night if night <= now else night - timedelta(days=1)
    if inbox.night_read_at is None or inbox.night_read_at < last_night:
        return min(now - NIGHT_OVERLAP, inbox.read_at - OVERLAP)
    return inbox.read_at - OVERLAP


def _record(environment_id: int, contacts: list[CrmContact], *, is_last: bool) -> UUID | None:
    """Make a run over the contacts that are linked and newer than what we have; None without.

    Those that a run is not done with are left to it: if it has read them before, they come again.
    With the last page go the primary contacts whose place another one was seen to have.
    """
    versions = {contact.id: str(contact.version) for contact in contacts}
    overtaken = _overtaken(environment_id) if is_last else set()
    known = know(environment_id, versions.keys() | overtaken)
    newer = {
        id_
        for id_, version in versions.items()
        if known.is_linked(id_) and not known.has_version(id_, version)
    }
    newer = (newer | overtaken) - set(known.pending)
    if not newer:
        return None
    run, _ = create_run(
        environment_id,
        sorted(newer),
        kind=RunKind.CHANGE,
        source=Source.CRM,
        actor=None,
        request_token=uuid4(),
    )
    log.info("event.caught_up", environment=environment_id, contacts=len(newer))
    return run.id


def _overtaken(environment_id: int) -> set[str]:
    return overtaken_primaries(environment_id) if empties_any_former(environment_id) else set()


def _ended(since: datetime, began: datetime) -> dict[str, datetime | None]:
    """Return the columns of an inbox whose list was read to its end."""
    ended: dict[str, datetime | None] = {
        "cursor": None,
        "reading_since": None,
        "read_at": began,
        "error": None,
        "due_at": datetime.now(UTC) + EVERY,
        "enqueued_at": None,
    }
    return ended | ({"night_read_at": began} if began - since >= NIGHT_OVERLAP else {})


def _postpone(held: Held, error: CrmError) -> None:
    """Keep what went wrong, and when to ask again; a cursor that is refused is dropped."""
    refused = isinstance(error, TokenRefused)
    asked = timedelta(seconds=error.retry_after or 0)
    if isinstance(error, Refused | NotFound):
        held.renew(cursor=None, reading_since=None)
    held.renew(
        error=Reason.CRM_REFUSED if refused else Reason.CRM_AWAY,
        due_at=datetime.now(UTC) + (AGAIN_REFUSED if refused else max(AGAIN, asked)),
        enqueued_at=None,
    )
    db.session.commit()
    log.info("event.catch_up_failed", environment=held.environment_id, error=type(error).__name__)
