"""One contact on its screen: what our tables have, and a refresh from CRM and Spotler."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from structlog import get_logger

from spotler_plugin.crm import CrmError, TokenRefused
from spotler_plugin.extensions import db, snapshot
from spotler_plugin.models import Environment, MirrorContact
from spotler_plugin.planning.detail import NOTHING, Detail
from spotler_plugin.planning.plan import ADDRESS
from spotler_plugin.planning.reason import Reason
from spotler_plugin.planning.state import UNKNOWN, Observed
from spotler_plugin.services import environment
from spotler_plugin.services.account.client import (
    SCREEN_TIMEOUT,
    SCREEN_TOTAL,
    NotConnected,
    Unconfirmed,
    client_of,
    is_connected,
)
from spotler_plugin.services.account.proof import note_refusal
from spotler_plugin.services.catalogue.fields import Person, person_fields
from spotler_plugin.services.consent.switches import (
    PermissionSwitch,
    permission_switches,
    sign_offs_of,
)
from spotler_plugin.services.enrolment.switches import AutomationSwitch, automation_switches
from spotler_plugin.services.link.address import find_address
from spotler_plugin.services.link.former import find_unwritten, strangers_among
from spotler_plugin.services.link.lease import open_links
from spotler_plugin.services.link.status import LinkStatus, standing_of
from spotler_plugin.services.link.tie import tie_links, untie_link
from spotler_plugin.services.mirror.look_up import look_up
from spotler_plugin.services.mirror.read import (
    find_mirrored_by_address,
    name_of,
    observed_of,
)
from spotler_plugin.services.mirror.record import is_replaced_since, record_contacts
from spotler_plugin.services.mirror.write import forget_ids
from spotler_plugin.services.waiting import TooManyWaiting, waiting
from spotler_plugin.spotler import CredentialsRefused, Sent, SpotlerClient, SpotlerError

log = get_logger()


@dataclass(frozen=True, slots=True)
class ContactView:
    """A contact as our tables have it."""

    status: LinkStatus
    name: str | None
    address: str | None
    permissions: list[PermissionSwitch]
    automations: list[AutomationSwitch]
    observed_at: datetime | None
    connected: bool


@dataclass(frozen=True, slots=True)
class FreshView:
    """A contact after a refresh; `mailings` is None when they could not be read."""

    contact: ContactView
    mailings: list[Sent] | None
    trouble: Reason | None
    detail: Detail = NOTHING
    """Of the trouble."""


def view_contact(owner: Environment, contact_id: str, person: Person | None = None) -> ContactView:
    """Return the contact as our tables have it; `person` is newer than their name and address."""
    status, row = standing_of(owner.id, contact_id)
    known = person or _person_of(row)
    address = known.address or find_address(owner.id, contact_id)
    there = observed_of(row) if row else _at_address(owner.id, contact_id, address)
    addresses = {each for each in (address, there.address) if each}
    return ContactView(
        status=status,
        name=known.name,
        address=known.address,
        permissions=permission_switches(
            owner.id,
            contact_id,
            there.permissions,
            sign_offs_of(owner.id, contact_id, addresses),
        ),
        automations=automation_switches(owner.id, contact_id),
        observed_at=row.observed_at if row else None,
        connected=is_connected(owner.id),
    )


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
    trouble, person, mailings = None, None, None
    try:
        found = crm.contacts.get_many([contact_id]).contacts.get(contact_id)
        person = fields.person(found) if found else None
        trouble = None if found else Reason.GONE
    except CrmError as error:
        trouble = Reason.CRM_REFUSED if isinstance(error, TokenRefused) else Reason.CRM_AWAY
    try:
        with snapshot():
            spotler = client_of(owner, read_timeout=SCREEN_TIMEOUT)
        mailings = _read(owner, contact_id, person, spotler)
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
    shown = view_contact(owner, contact_id, person)
    db.session.commit()
    if trouble is None and person is not None and not person.address:
        odd = person.odd_address
        trouble = Reason.ADDRESS_MALFORMED if odd else Reason.NO_ADDRESS
        return FreshView(shown, mailings, trouble, Detail(address=odd))
    return FreshView(shown, mailings, trouble)


def _read(
    owner: Environment, contact_id: str, person: Person | None, spotler: SpotlerClient
) -> list[Sent]:
    read_at = datetime.now(UTC)
    address = person.address if person else None
    seen = look_up(spotler, contact_id, address)
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
    db.session.commit()
    return mailings


def _at_address(environment_id: int, contact_id: str, address: str | None) -> Observed:
    """Return what Spotler has with the address of somebody who is not linked, if it is nobody's."""
    asked = {contact_id: address} if address else {}
    found = find_mirrored_by_address(environment_id, asked).get(contact_id) if asked else None
    return found if found is not None and not found.external_ids else UNKNOWN


def _person_of(row: MirrorContact | None) -> Person:
    if row is None:
        return Person(None, None)
    return Person(name_of(row.properties), row.properties.get(ADDRESS))
