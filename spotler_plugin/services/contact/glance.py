"""What the CRM says of a contact that is not linked: its address, and whether it was mended."""

from __future__ import annotations

from sqlalchemy import select, update
from structlog import get_logger

from spotler_plugin.crm import CrmContact, CrmError
from spotler_plugin.extensions import db
from spotler_plugin.models import Environment, Link, Outcome
from spotler_plugin.planning.detail import Detail
from spotler_plugin.planning.reason import OF_ADDRESS, Reason
from spotler_plugin.planning.values.address import address_key
from spotler_plugin.services import environment
from spotler_plugin.services.account.client import SCREEN_TIMEOUT, SCREEN_TOTAL
from spotler_plugin.services.catalogue.fields import Person, person_fields
from spotler_plugin.services.consent.erased import erased_among
from spotler_plugin.services.consent.holders import note_moves
from spotler_plugin.services.contact.shared import find_shared
from spotler_plugin.services.link.lease import open_links
from spotler_plugin.services.link.tie import WITHOUT_PROBLEM
from spotler_plugin.services.mirror.read import find_mirrored_by_address
from spotler_plugin.services.waiting import TooManyWaiting, waiting

MENDED_BY_READING = frozenset({Reason.GONE, Reason.CRM_UNREADABLE})
"""What is over once the CRM gives the contact."""
WITHOUT_ADDRESS = frozenset({Reason.NO_ADDRESS, Reason.ADDRESS_MALFORMED})
ABOUT_ADDRESS = OF_ADDRESS - {Reason.ID_OF_ANOTHER} | {Reason.ADDRESS_REFUSED, Reason.INACTIVE}
"""What is over once the contact has another address."""

log = get_logger()


def look_at(owner: Environment, contact_id: str) -> None:
    """Ask the CRM for a contact that is not linked, and keep what follows from that. Commits.

    Nothing follows while the CRM is away, or so many screens wait that another one does not ask.
    """
    try:
        with waiting(owner.id):
            _look_at(owner, contact_id)
    except TooManyWaiting:
        log.info("contact.too_many_waiting", environment=owner.id)
    except CrmError as error:
        log.info("contact.glance_failed", environment=owner.id, error=type(error).__name__)


def _look_at(owner: Environment, contact_id: str) -> None:
    crm = environment.crm_of(owner, read_timeout=SCREEN_TIMEOUT, total=SCREEN_TOTAL)
    fields = person_fields(owner.id)
    db.session.commit()
    found = crm.contacts.get_many([contact_id]).contacts.get(contact_id)
    if found is not None:
        note_person(owner.id, found, fields.person(found))
        db.session.commit()


def note_person(environment_id: int, contact: CrmContact, person: Person) -> None:
    """Keep the address that the CRM has of a contact that is not linked, or that it has none; and
    forget a problem that is over. The caller commits."""
    if erased_among(environment_id, {contact.id: [person.address] if person.address else []}):
        return
    open_links(environment_id, [contact.id])
    link = db.session.scalar(
        select(Link)
        .where(
            Link.environment_id == environment_id,
            Link.contact_id == contact.id,
            Link.linked_at.is_(None),
            Link.lease.is_(None),
            Link.deleted_at.is_(None),
            Link.merged_into.is_(None),
        )
        .execution_options(populate_existing=True)
    )
    if link is None:
        return
    had, has = link.address, address_key(person.address) or None
    values: dict[str, object] = {"address": has} if has else {}
    if has is None:
        values |= _without_address(person)
    elif link.problem is not None and _is_over(link, contact, has):
        values |= WITHOUT_PROBLEM
    if had and has and had != has:
        # What was signed off under this id counts for whoever has the address from now on.
        note_moves(environment_id, {contact.id: (had, has)})
    db.session.execute(
        update(Link)
        .where(
            Link.environment_id == environment_id,
            Link.id == link.id,
            Link.linked_at.is_(None),
            Link.lease.is_(None),
        )
        .values(**values)
    )


def _without_address(person: Person) -> dict[str, object]:
    odd = person.odd_address
    return {
        "problem": Reason.ADDRESS_MALFORMED if odd else Reason.NO_ADDRESS,
        "problem_detail": Detail(address=odd) if odd else None,
        "problem_outcome": Outcome.BLOCKED,
    }


def _is_over(link: Link, contact: CrmContact, has: str) -> bool:
    """Return whether the problem of a contact's last attempt is over; it has an address."""
    reason = link.problem
    if reason in MENDED_BY_READING or reason in WITHOUT_ADDRESS:
        return True
    if reason is Reason.CRM_INACTIVE:
        return contact.active
    if reason not in ABOUT_ADDRESS:
        return False
    tried = link.problem_detail.address if link.problem_detail else ""
    if has != (address_key(tried) or link.address):
        return True
    if reason is Reason.INACTIVE:
        found = find_mirrored_by_address(link.environment_id, {contact.id: has}).get(contact.id)
        return found is not None and found.active
    return reason in OF_ADDRESS and find_shared(link.environment_id, contact.id, has) is None
