"""What an automatic action would do with a contact now; nothing is written anywhere."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import and_, func, or_, select, true
from structlog import get_logger

from spotler_plugin.crm import CrmError, TokenRefused
from spotler_plugin.extensions import db
from spotler_plugin.models import Environment, MirrorContact
from spotler_plugin.planning.adjustment import Adjustment
from spotler_plugin.planning.block import Terms
from spotler_plugin.planning.plan import ADDRESS, Change, plan_all
from spotler_plugin.planning.reason import Reason
from spotler_plugin.planning.state import Observed, Wanted
from spotler_plugin.services.account.client import SCREEN_TIMEOUT, SCREEN_TOTAL
from spotler_plugin.services.consent.acts import foresee_acts
from spotler_plugin.services.contact_id import is_crm_id
from spotler_plugin.services.desired import Desired, ThroughMapping
from spotler_plugin.services.enrolment.switches import automation_switches
from spotler_plugin.services.environment import crm_of
from spotler_plugin.services.link.address import (
    addresses_of,
    foresee_rivals,
    leavers_of,
    linked_among,
    moving,
)
from spotler_plugin.services.link.former import find_strangers
from spotler_plugin.services.mapping.rules import rules_of
from spotler_plugin.services.mirror.read import find_mirrored_by_address, find_observed, name_of
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
    starts: tuple[str, ...] = ()
    """Automations that would be started."""
    started: tuple[str, ...] = ()
    """Automations that the contact is, or may be, in already."""
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
            MirrorContact.address.contains(word, autoescape=True),
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
    change = _planned(owner, adjustment, contact_id, desired, source)
    asked = [
        each
        for each in automation_switches(owner.id, contact_id)
        if each.id in adjustment.automations
    ]
    return Foreseen(
        contact_id,
        name=desired.names.get(contact_id),
        change=change,
        starts=tuple(each.label for each in asked if each.available and not each.on),
        started=tuple(each.label for each in asked if each.on),
    )


def _planned(
    owner: Environment,
    adjustment: Adjustment,
    contact_id: str,
    desired: Desired,
    source: ThroughMapping,
) -> Change:
    wanted = dict(desired.wanted)
    known = find_observed(owner.id, wanted)
    terms = _terms(owner, wanted, known)
    if adjustment.permissions:
        addresses = addresses_of(wanted, known)
        verdicts = foresee_acts(owner.id, adjustment.permissions, addresses)
        wanted = {id_: each.judged(verdicts[id_]) for id_, each in wanted.items()}
    changes = plan_all(
        [contact_id], wanted, known, terms.__getitem__, source.types, desired.unreadable
    )
    return changes[contact_id]


def _terms(
    owner: Environment, wanted: Mapping[str, Wanted], known: Mapping[str, Observed]
) -> dict[str, Terms]:
    """Return who stands in the way, by what our tables know (`sync/prepare` asks Spotler)."""
    addresses = moving(wanted, known)
    rivals = foresee_rivals(owner.id, addresses, addresses)
    linked = linked_among(addresses, known)
    holders = find_mirrored_by_address(owner.id, linked) if linked else {}
    leavers = leavers_of(holders, linked, addresses)
    own = {
        id_: str(each.properties.get(ADDRESS) or "")
        for id_, each in known.items()
        if each.external_id == id_
    }
    second = find_mirrored_by_address(owner.id, own) if own else {}
    strangers = (
        find_strangers(owner.id, {id_: (own[id_], wanted[id_].address) for id_ in own})
        if owner.account_since
        else set()
    )
    return {
        id_: Terms(
            rival=rivals.get(id_),
            holder=holders.get(id_),
            leaver=leavers.get(id_),
            is_out=id_ in second and not second[id_].active,
            stranger=id_ in strangers,
        )
        for id_ in wanted
    }
