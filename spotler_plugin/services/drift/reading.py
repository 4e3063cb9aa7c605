"""Read all contacts of Spotler into the mirror, and note where the mirror was wrong about them.

The mirror is compared with each page before the page is recorded in it; after that it is Spotler
as it is now, and the CRM is compared with it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import func, or_, select

from spotler_plugin.extensions import db, snapshot
from spotler_plugin.models import Drift, DriftKind, DriftStage
from spotler_plugin.planning.state import Observed
from spotler_plugin.services.drift.comparing import linked_contacts
from spotler_plugin.services.drift.difference import mistaken
from spotler_plugin.services.drift.rows import Found, add_rows
from spotler_plugin.services.drift.turn import Turn, note_progress
from spotler_plugin.services.feed.page import record_page
from spotler_plugin.services.feed.read import SHORT_OVERLAP
from spotler_plugin.services.feed.state import find_feed
from spotler_plugin.services.feed.windows import Page, read_windows
from spotler_plugin.services.mirror.merge import external_id_of
from spotler_plugin.services.mirror.read import name_of, observed_from
from spotler_plugin.services.mirror.record import TABLE, without_erased
from spotler_plugin.spotler import Contact
from spotler_plugin.sql import among

RECENT = timedelta(seconds=30)
"""A reading that took longer is followed by one of what changed meanwhile."""
GRACE = timedelta(minutes=1)
"""What changed right before the feed was last read may not have shown there yet."""


@dataclass(frozen=True, slots=True)
class _Believed:
    """What the mirror has of a contact."""

    at: datetime
    state: Observed


def read_pages(turn: Turn) -> bool:
    """Read page after page until the turn is over, or all was read."""
    row = turn.held()
    if row is None:
        return False
    since, until = row.read_since, row.read_until
    db.session.commit()
    for page in read_windows(turn.spotler.contacts.updates, since, until, _changed):
        mistakes = list(_mistakes(turn, page))
        record_page(turn.owner.id, page)
        row = turn.held()
        if row is None:
            db.session.rollback()
            return False
        row.read += len(page.rows)
        row.read_since = page.covered
        add_rows(row, mistakes)
        note_progress(row)
        if page.ends_window and turn.is_over:
            return True
    return _end(turn, until)


def _end(turn: Turn, until: datetime) -> bool:
    """Read what changed meanwhile, where that may be something; else go on to the next stage."""
    row = turn.held()
    if row is None:
        return False
    now = datetime.now(UTC)
    if now - until > RECENT:
        row.read_since, row.read_until = until - SHORT_OVERLAP, now
    else:
        row.stage, row.position = DriftStage.COMPARING, 0
        row.to_compare = _count_linked(row)
    note_progress(row)
    return True


def _count_linked(row: Drift) -> int:
    linked = linked_contacts(row.environment_id).subquery()
    return db.session.scalar(select(func.count()).select_from(linked)) or 0


def _mistakes(turn: Turn, page: Page[Contact | None]) -> Iterator[Found]:
    """Yield the contacts of which the feed should have told the mirror, and did not."""
    read = [each for each in page.rows if each is not None]
    if not read:
        return
    with snapshot():
        contacts = without_erased(turn.owner.id, read)
        feed = find_feed(turn.owner.id)
        known = _known(turn.owner.id, contacts)
    if feed is None or feed.read_at is None:
        return
    told_until, all_seen = feed.read_at - GRACE, feed.full_finished_at is not None
    for contact in contacts:
        if contact.last_changed is not None and contact.last_changed > told_until:
            continue
        believed = known.get(contact.encrypted_id) or known.get(contact.external_id or "")
        if believed is None:
            if all_seen:
                yield _found(contact, [])
        elif believed.at <= page.read_at:
            wrong = mistaken(believed.state, observed_from(contact), turn.source.types)
            if wrong:
                yield _found(contact, [each.to_json() for each in wrong])


def _found(contact: Contact, differences: Sequence[dict[str, Any]]) -> Found:
    return Found(
        kind=DriftKind.MIRROR,
        contact_id=external_id_of(contact) or "",
        encrypted_id="" if contact.external_id else contact.encrypted_id,
        name=name_of(contact.properties) or "",
        address=contact.email or "",
        differences=differences,
        changed_at=contact.last_changed,
    )


def _known(environment_id: int, contacts: Sequence[Contact]) -> dict[str, _Believed]:
    """Return what the mirror has, by Spotler's own id, and by the external one where it has no
    other; doubted rows say nothing."""
    external = {each.external_id for each in contacts if each.external_id}
    rows = db.session.execute(
        select(
            TABLE.c.encrypted_id,
            TABLE.c.external_id,
            TABLE.c.observed_at,
            TABLE.c.active,
            TABLE.c.permissions,
            TABLE.c.properties,
        ).where(
            TABLE.c.environment_id == environment_id,
            or_(
                among(TABLE.c.encrypted_id, {each.encrypted_id for each in contacts}),
                among(TABLE.c.external_id, external),
            ),
            TABLE.c.doubted.is_(False),
        )
    )
    return {
        encrypted_id or external_id or "": _Believed(
            at, Observed(external_id, active, bits, properties)
        )
        for encrypted_id, external_id, at, active, bits, properties in rows
    }


def _changed(contact: Contact | None) -> datetime | None:
    return contact.last_changed if contact else None
