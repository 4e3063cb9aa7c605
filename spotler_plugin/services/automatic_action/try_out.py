"""What an automatic action would do with a contact now; nothing is written anywhere.

It is a preview of one contact (`preview/foresee`), of which the CRM's side is shown too.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import and_, func, or_, select, true
from structlog import get_logger

from spotler_plugin.crm import CrmError, TokenRefused
from spotler_plugin.extensions import db
from spotler_plugin.models import Environment, MirrorContact
from spotler_plugin.planning.adjustment import NONE_SKIPPED, Adjustment, Skipped
from spotler_plugin.planning.plan import Change
from spotler_plugin.planning.reason import Reason
from spotler_plugin.planning.values.address import searched_part
from spotler_plugin.services.account.client import SCREEN_TIMEOUT, SCREEN_TOTAL
from spotler_plugin.services.automatic_action.choices import skipped_of
from spotler_plugin.services.contact_id import is_crm_id
from spotler_plugin.services.desired import Alteration, ThroughMapping
from spotler_plugin.services.enrolment.switches import automation_switches
from spotler_plugin.services.environment import crm_of
from spotler_plugin.services.mapping.rules import rules_of
from spotler_plugin.services.mirror.read import name_of
from spotler_plugin.services.preview.foresee import Asked, foresee_changes
from spotler_plugin.services.waiting import TooManyWaiting, waiting

MOST_PEOPLE = 20

log = get_logger()


@dataclass(frozen=True, slots=True)
class FoundPerson:
    contact_id: str
    name: str | None
    address: str | None


@dataclass(frozen=True, slots=True)
class Foreseen:
    """What would happen; without a change the contact could not be read."""

    contact_id: str
    name: str | None = None
    change: Change | None = None
    """In Spotler."""
    in_crm: Collection[Alteration] = ()
    """What differs in the CRM afterwards."""
    starts: tuple[str, ...] = ()
    """Automations that would be started."""
    started: tuple[str, ...] = ()
    """Automations that the contact is, or may be, in already."""
    skipped: Skipped = NONE_SKIPPED
    """What it would do with something that Spotler no longer has."""
    trouble: Reason | None = None


def find_people(environment_id: int, query: str) -> list[FoundPerson]:
    """Find contacts by a part of their name or address, as far as Spotler has them; or by id."""
    words = query.lower().split()
    name = func.lower(
        func.coalesce(MirrorContact.properties["firstName"].as_string(), "")
        + " "
        + func.coalesce(MirrorContact.properties["infix"].as_string(), "")
        + " "
        + func.coalesce(MirrorContact.properties["lastName"].as_string(), "")
    )
    named = [
        or_(
            name.contains(word, autoescape=True),
            MirrorContact.address.contains(searched_part(word), autoescape=True),
        )
        for word in words
    ]
    rows = db.session.scalars(
        select(MirrorContact)
        .where(
            MirrorContact.environment_id == environment_id,
            MirrorContact.external_id.is_not(None),
            or_(and_(true(), *named), MirrorContact.external_id == query),
        )
        .order_by(MirrorContact.address, MirrorContact.id)
        .limit(MOST_PEOPLE)
    )
    found = [
        FoundPerson(row.external_id, name_of(row.properties), row.address)
        for row in rows
        if row.external_id
    ]
    # The CRM may know it, though Spotler does not.
    return found or ([FoundPerson(query, None, None)] if is_crm_id(query) else [])


def foresee(owner: Environment, adjustment: Adjustment, contact_id: str) -> Foreseen:
    """Plan the action for one contact, as its run would. Commits before it calls the CRM."""
    rules = rules_of(owner.id)
    crm = crm_of(owner, read_timeout=SCREEN_TIMEOUT, total=SCREEN_TOTAL)
    source = ThroughMapping(rules, crm, adjustment)
    db.session.commit()
    try:
        with waiting(owner.id):
            desired = source.read([contact_id])
    except TooManyWaiting:
        return Foreseen(contact_id, trouble=Reason.SLOW)
    except CrmError as error:
        log.info("action.crm_away", environment=owner.id, error=type(error).__name__)
        refused = isinstance(error, TokenRefused)
        return Foreseen(contact_id, trouble=Reason.CRM_REFUSED if refused else Reason.CRM_AWAY)
    asked = Asked(adds=True, permissions=adjustment.permissions)
    seen = foresee_changes(owner, [contact_id], desired, source.types, asked)
    starts = [
        each
        for each in automation_switches(owner.id, contact_id)
        if each.id in adjustment.automations
    ]
    return Foreseen(
        contact_id,
        name=desired.names.get(contact_id),
        change=seen.changes[contact_id],
        in_crm=desired.alterations.get(contact_id, ()),
        starts=tuple(each.label for each in starts if each.available and not each.on),
        started=tuple(each.label for each in starts if each.on),
        skipped=skipped_of(owner.id, adjustment),
    )
