"""Values of a real linked contact, so that people recognise the CRM's fields."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from sqlalchemy import select
from structlog import get_logger

from spotler_plugin.crm import CrmClient, CrmContact, CrmError, NotFound
from spotler_plugin.extensions import db
from spotler_plugin.models import Environment, Link
from spotler_plugin.planning import mapping as planning
from spotler_plugin.planning.proposal import Key
from spotler_plugin.planning.values.convert import convert
from spotler_plugin.planning.values.parse import is_empty
from spotler_plugin.planning.values.types import PropertyType
from spotler_plugin.services.account.client import SCREEN_TIMEOUT, SCREEN_TOTAL
from spotler_plugin.services.catalogue.fields import crm_fields, person_fields
from spotler_plugin.services.environment import crm_of
from spotler_plugin.services.waiting import TooManyWaiting, waiting

CANDIDATES = 20
"""Linked contacts to read; the one with most values is the sample."""

log = get_logger()


@dataclass(frozen=True, slots=True)
class Sample:
    linked: bool
    """Whether any contact is linked."""
    read: bool
    """Whether the CRM returned one."""
    name: str | None = None
    values: Mapping[Key, str] = field(default_factory=dict)
    """Values as text, by field; empty ones are left out."""


def sample(environment: Environment) -> Sample:
    """Read a sample from the CRM; nothing is stored. Commits before it calls."""
    candidates = db.session.scalars(
        select(Link.contact_id)
        .where(Link.environment_id == environment.id, Link.linked_at.is_not(None))
        .order_by(Link.synced_at.desc(), Link.id)
        .limit(CANDIDATES)
    ).all()
    if not candidates:
        return Sample(linked=False, read=False)
    fields = crm_fields(environment.id)
    person = person_fields(environment.id)
    crm = crm_of(environment, read_timeout=SCREEN_TIMEOUT, total=SCREEN_TOTAL)
    db.session.commit()
    try:
        with waiting(environment.id):
            people = crm.contacts.get_many(candidates).contacts.values()
            chosen = max(people, key=_filled, default=None)
            if chosen is None:
                return Sample(linked=True, read=False)
            relation = _relation(crm, chosen)
    except (CrmError, TooManyWaiting) as error:
        log.info("sample.crm_away", environment=environment.id, error=type(error).__name__)
        return Sample(linked=True, read=False)
    sources = {planning.CONTACT: chosen.fields, planning.RELATION: relation}
    return Sample(
        linked=True, read=True, name=person.person(chosen).name, values=_texts(fields, sources)
    )


def _filled(contact: CrmContact) -> int:
    return sum(not is_empty(value) for value in contact.fields.values())


def _relation(crm: CrmClient, contact: CrmContact) -> Mapping[str, object]:
    try:
        return crm.relations.get(contact.relation_id).fields if contact.relation_id else {}
    except NotFound:
        return {}


def _texts(
    fields: Iterable[planning.Field], sources: Mapping[str, Mapping[str, object]]
) -> dict[Key, str]:
    """Format the values as a property of type string gets them, which people can read."""
    texts = {}
    for each in fields:
        value = sources.get(each.entity, {}).get(each.name)
        text = convert(value, each.type, PropertyType.STRING, choices=each.choices).value
        if text is not None:
            texts[each.entity, each.name] = str(text)
    return texts
