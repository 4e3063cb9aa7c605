"""Record a page of contacts; one that cannot be kept is skipped, and the others go on."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.exc import InterfaceError, OperationalError, SQLAlchemyError
from structlog import get_logger

from spotler_plugin.extensions import db
from spotler_plugin.services.feed.windows import Page
from spotler_plugin.services.link.tie import tie_links, untie_links
from spotler_plugin.services.mirror.record import record_contacts
from spotler_plugin.spotler import Contact

UNKEPT = (SQLAlchemyError, ArithmeticError, LookupError, RecursionError, TypeError, ValueError)
"""What a value may do that no database, and nobody before, expects."""

log = get_logger()


def record_page(environment_id: int, page: Page[Contact | None]) -> int:
    """Record a page in the mirror, and update the links accordingly.

    Returns how many contacts could not be read or kept.
    """
    contacts = [contact for contact in page.rows if contact is not None]
    skipped = len(page.rows) - len(contacts)
    skipped += _record(environment_id, contacts, page.read_at)
    if skipped:
        log.warning("feed.skipped", environment=environment_id, number=skipped)
    return skipped


def _record(environment_id: int, contacts: Sequence[Contact], read_at: datetime) -> int:
    """Record all, or halve until who cannot be kept is alone; return how many these are."""
    try:
        with db.session.begin_nested():
            recorded = record_contacts(environment_id, contacts, read_at)
            tie_links(environment_id, recorded.known)
            untie_links(environment_id, recorded.lost)
    except (OperationalError, InterfaceError):  # The database is away; that is about no contact.
        raise
    except UNKEPT as error:
        if len(contacts) <= 1:
            kind = type(error).__name__
            log.warning("feed.contact_skipped", environment=environment_id, error=kind)
            return len(contacts)
        half = len(contacts) // 2
        return sum(
            _record(environment_id, part, read_at) for part in (contacts[:half], contacts[half:])
        )
    return 0
