"""One contact on its screen, after a refresh from CRM and Spotler."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from structlog import get_logger

from spotler_plugin.crm import CrmClient, CrmError, TokenRefused
from spotler_plugin.extensions import db, snapshot
from spotler_plugin.models import Environment
from spotler_plugin.planning.detail import NOTHING, Detail
from spotler_plugin.planning.plan import ADDRESS
from spotler_plugin.planning.reason import Reason
from spotler_plugin.planning.state import Observed
from spotler_plugin.planning.values.address import address_key
from spotler_plugin.services import environment
from spotler_plugin.services.account.client import (
    SCREEN_TIMEOUT,
    SCREEN_TOTAL,
    NotConnected,
    Unconfirmed,
    client_of,
)
from spotler_plugin.services.account.proof import note_refusal
from spotler_plugin.services.catalogue.fields import Person, person_fields
from spotler_plugin.services.contact.first import FirstLink, foresee_link
from spotler_plugin.services.contact.glance import note_person
from spotler_plugin.services.contact.shared import find_shared
from spotler_plugin.services.contact.standing import ContactView, view_contact
from spotler_plugin.services.link.address import note_addresses
from spotler_plugin.services.link.former import find_unwritten, strangers_among
from spotler_plugin.services.link.lease import open_links
from spotler_plugin.services.link.tie import tie_links, untie_link
from spotler_plugin.services.mirror.again import read_again
from spotler_plugin.services.mirror.look_up import look_up
from spotler_plugin.services.mirror.read import find_spellings
from spotler_plugin.services.mirror.record import is_replaced_since, record_contacts
from spotler_plugin.services.mirror.write import forget_ids
from spotler_plugin.services.waiting import TooManyWaiting, waiting
from spotler_plugin.spotler import CredentialsRefused, Sent, SpotlerClient, SpotlerError

MOST = 100
"""Contacts that the CRM is asked for at once."""

log = get_logger()


@dataclass(frozen=True, slots=True)
class FreshView:
    """A contact after a refresh; `mailings` is None when they could not be read."""

    contact: ContactView
    mailings: list[Sent] | None
    trouble: Reason | None
    detail: Detail = NOTHING
    """Of the trouble."""
    first: FirstLink | None = None
    """What linking would come to, where Spotler has somebody with the address already."""


def refresh_contact(owner: Environment, contact_id: str) -> FreshView:
    """Read the contact from the CRM and from Spotler, store that, and return it. Commits.

    What goes wrong is the view's `trouble`; the rest is shown as far as it is known. When many
    screens of the environment wait already, what is known is returned at once.
    """
    try:
        with waiting(owner.id):
            return _refreshed(owner, contact_id)
    except TooManyWaiting:
        log.info("contact.too_many_waiting", environment=owner.id)
        shown = view_contact(owner, contact_id)
        db.session.commit()
        return FreshView(shown, None, Reason.SLOW)


def _refreshed(owner: Environment, contact_id: str) -> FreshView:
    crm = environment.crm_of(owner, read_timeout=SCREEN_TIMEOUT, total=SCREEN_TOTAL)
    fields = person_fields(owner.id)
    db.session.commit()
    began = datetime.now(UTC)
    trouble, person, mailings, there = None, None, None, None
    try:
        found = crm.contacts.get_many([contact_id]).contacts.get(contact_id)
        person = fields.person(found) if found else None
        trouble = None if found else Reason.GONE
        if found and person:
            note_person(owner.id, found, person)
            db.session.commit()
    except CrmError as error:
        trouble = Reason.CRM_REFUSED if isinstance(error, TokenRefused) else Reason.CRM_AWAY
    try:
        with snapshot():
            spotler = client_of(owner, read_timeout=SCREEN_TIMEOUT)
        mailings, there = _read(owner, contact_id, person, spotler)
    except Unconfirmed:
        trouble = Reason.UNCONFIRMED
    except NotConnected:
        trouble = Reason.NOT_CONNECTED
    except CredentialsRefused:
        note_refusal(owner.id, began)
        trouble = Reason.CREDENTIALS_REFUSED
    except SpotlerError as error:
        log.info("contact.read_failed", environment=owner.id, error=type(error).__name__)
        trouble = Reason.SPOTLER_AWAY
    first, people = None, None
    if trouble is None and person is not None:
        first, people = _around(owner, contact_id, person, there, crm)
    shown = view_contact(owner, contact_id, person, people)
    db.session.commit()
    if trouble is None and person is not None and not person.address:
        odd = person.odd_address
        trouble = Reason.ADDRESS_MALFORMED if odd else Reason.NO_ADDRESS
        detail = Detail(address=odd) if odd else NOTHING
        return FreshView(shown, mailings, trouble, detail, first)
    return FreshView(shown, mailings, trouble, first=first)


def _around(
    owner: Environment, contact_id: str, person: Person, there: Observed | None, crm: CrmClient
) -> tuple[FirstLink | None, dict[str, Person] | None]:
    """Ask the CRM what a first link would come to, and who the others with the address are."""
    with snapshot():
        fields = person_fields(owner.id)
        shared = find_shared(owner.id, contact_id, person.address)
    try:
        first = foresee_link(owner, contact_id, there, crm) if there is not None else None
        if shared is None:
            return first, None
        found = crm.contacts.get_many([each.contact_id for each in shared.others][:MOST])
    except CrmError as error:
        log.info("contact.others_unread", environment=owner.id, error=type(error).__name__)
        return None, None
    return first, {id_: fields.person(each) for id_, each in found.contacts.items()}


def _read(
    owner: Environment, contact_id: str, person: Person | None, spotler: SpotlerClient
) -> tuple[list[Sent], Observed | None]:
    """Read it, and return its mailings; or who has its address and is nobody's."""
    read_at = datetime.now(UTC)
    address = person.address if person else None
    read_again(owner.id, spotler, {contact_id: address})
    db.session.commit()
    with snapshot():
        spelt = find_spellings(owner.id, {contact_id: address})
    seen = look_up(spotler, contact_id, address, spelt[contact_id])
    found = seen.observed
    ours = found is not None and found.external_id == contact_id
    if found is not None and ours:
        theirs = str(found.properties.get(ADDRESS) or "")
        with snapshot():
            unwritten = find_unwritten(owner.id, [contact_id])
        ours = not strangers_among(unwritten, {contact_id: (theirs, address)})
    mailings = spotler.mailings.history(contact_id) if ours else []
    # Before the mirror is locked: a worker that writes the contact has its link, and wants that.
    open_links(owner.id, [contact_id])
    record_contacts(owner.id, seen.contacts, read_at)
    if is_replaced_since(owner.id, read_at):
        mailings = []
    elif ours:
        tie_links(owner.id, [contact_id])
    else:
        forget_ids(owner.id, [contact_id], read_at)
        untie_link(owner.id, contact_id, read_at, inactive=found is not None and not found.active)
        if key := address_key(address):
            note_addresses(owner.id, {contact_id: key})
    db.session.commit()
    return mailings, found if found is not None and not found.external_ids else None
