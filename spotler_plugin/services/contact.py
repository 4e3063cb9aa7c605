"""One contact on its screen: what is known, what Spotler says now, and saving a change."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from structlog import get_logger

from spotler_plugin.crm import CrmError, TokenRefused
from spotler_plugin.extensions import db
from spotler_plugin.models import Environment, MirrorContact, RunKind, Source
from spotler_plugin.planning.plan import ADDRESS
from spotler_plugin.planning.reason import Reason
from spotler_plugin.services import (
    connection,
    enrolment,
    environment,
    link,
    mirror,
    permission,
    run,
)
from spotler_plugin.services.actor import Actor
from spotler_plugin.services.connection import WAITED_FOR, NotConnected
from spotler_plugin.services.enrolment import AutomationSwitch
from spotler_plugin.services.field import Person, person_fields
from spotler_plugin.services.link import LinkStatus
from spotler_plugin.services.observing import look_up
from spotler_plugin.services.permission import PermissionSwitch
from spotler_plugin.spotler import CredentialsRefused, Sent, SpotlerClient, SpotlerError

log = get_logger()


@dataclass(frozen=True, slots=True)
class ContactView:
    """What we know of a contact, without asking anybody."""

    status: LinkStatus
    name: str | None
    address: str | None
    permissions: list[PermissionSwitch]
    automations: list[AutomationSwitch]
    observed_at: datetime | None
    connected: bool


@dataclass(frozen=True, slots=True)
class FreshView:
    """The same after asking CRM and Spotler; `mailings` None: they could not be read."""

    contact: ContactView
    mailings: list[Sent] | None
    trouble: Reason | None


def view(owner: Environment, contact_id: str, person: Person | None = None) -> ContactView:
    """What our tables know of the contact."""
    status, row = link.standing_of(owner.id, contact_id)
    known = person or _person_of(row)
    return ContactView(
        status=status,
        name=known.name,
        address=known.address,
        permissions=permission.switches(owner.id, contact_id, row),
        automations=enrolment.switches(owner.id, contact_id),
        observed_at=row.observed_at if row else None,
        connected=connection.exists(owner.id),
    )


def fresh(owner: Environment, contact_id: str) -> FreshView:
    """Ask the CRM who it is and Spotler how it stands, keep that, and show it; commits.

    What cannot be reached is the view's `trouble`; the rest is shown as far as it is known.
    """
    crm = environment.crm_of(owner, read_timeout=WAITED_FOR)
    fields = person_fields(owner.id)
    db.session.commit()
    trouble, person, mailings = None, None, None
    try:
        found = crm.contacts.get_many([contact_id]).contacts.get(contact_id)
        person = fields.person(found) if found else None
        trouble = None if found else Reason.GONE
    except CrmError as error:
        trouble = Reason.CRM_REFUSED if isinstance(error, TokenRefused) else Reason.CRM_AWAY
    try:
        spotler = connection.client_of(owner, read_timeout=WAITED_FOR)
        mailings = _read(owner, contact_id, person, spotler)
    except NotConnected:
        trouble = Reason.NOT_CONNECTED
    except CredentialsRefused:
        connection.refused(owner.id)
        trouble = Reason.CREDENTIALS_REFUSED
    except SpotlerError as error:
        log.info("contact.unread", environment=owner.id, error=type(error).__name__)
        trouble = Reason.SPOTLER_AWAY
    shown = view(owner, contact_id, person)
    db.session.commit()
    if trouble is None and person is not None and not person.address:
        trouble = Reason.NO_ADDRESS
    return FreshView(shown, mailings, trouble)


def save(
    owner: Environment,
    contact_id: str,
    *,
    actor: Actor,
    request_token: UUID,
    permissions: Mapping[int, bool],
    automations: Collection[int],
    take_over: bool = False,
) -> UUID:
    """Record what a person changed on this screen, with a run of one that carries it out.

    Does not commit: the caller does, and then rings.
    """
    created, is_new = run.create(
        owner.id,
        [contact_id],
        kind=RunKind.CONTACT,
        source=Source.MODAL,
        actor=actor,
        request_token=request_token,
        take_over=take_over,
    )
    if is_new:
        permission.act(created, contact_id, permissions)
        enrolment.request(created, contact_id, automations)
    return created.id


def decide_start(
    owner: Environment,
    contact_id: str,
    enrolment_id: UUID,
    *,
    started: bool,
    actor: Actor,
    request_token: UUID,
) -> UUID | None:
    """Settle an automation start of unknown end: it was started, or else it is started anew.

    Returns the run that starts it anew, to commit and ring for. Does nothing to one that is
    not, or no longer, unknown.
    """
    unknown = enrolment.find_unknown(owner.id, contact_id, enrolment_id)
    if unknown is None:
        return None
    enrolment.decided(unknown, started=started)
    if started:
        return None
    return save(
        owner,
        contact_id,
        actor=actor,
        request_token=request_token,
        permissions={},
        automations=[unknown.automation_id],
    )


def _read(
    owner: Environment, contact_id: str, person: Person | None, spotler: SpotlerClient
) -> list[Sent]:
    read_at = datetime.now(UTC)
    contact = look_up(spotler, contact_id, person.address if person else None)
    ours = contact is not None and contact.external_id == contact_id
    mailings = spotler.mailings.history(contact_id) if ours else []
    mirror.record(owner.id, [contact] if contact else [], read_at)
    if ours:
        link.found_tied(owner.id, contact_id)
    else:
        mirror.forget(owner.id, [contact_id], read_at)
        link.found_untied(owner.id, contact_id, inactive=contact is not None and not contact.active)
    db.session.commit()
    return mailings


def _person_of(row: MirrorContact | None) -> Person:
    if row is None:
        return Person(None, None)
    return Person(mirror.name_of(row.properties), row.properties.get(ADDRESS))
