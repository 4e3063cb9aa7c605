"""Values of a real contact, so that people recognise the CRM's fields."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import select
from structlog import get_logger

from spotler_plugin.crm import BEGINNING, CrmClient, CrmContact, CrmError, NotFound
from spotler_plugin.extensions import db
from spotler_plugin.models import Environment, Link
from spotler_plugin.planning import mapping as planning
from spotler_plugin.planning.proposal import Key
from spotler_plugin.planning.values.convert import convert
from spotler_plugin.planning.values.parse import is_empty
from spotler_plugin.planning.values.types import PropertyType
from spotler_plugin.services.account.client import SCREEN_TIMEOUT, SCREEN_TOTAL
from spotler_plugin.services.catalogue.fields import crm_fields, person_fields
from spotler_plugin.services.contact_id import is_crm_id
from spotler_plugin.services.environment import crm_of
from spotler_plugin.services.waiting import TooManyWaiting, waiting

CANDIDATES = 20
"""Contacts to read, linked ones if there are any; the one with most values is the sample."""

log = get_logger()


@dataclass(frozen=True, slots=True)
class Sample:
    read: bool
    """Whether the CRM answered."""
    exists: bool = False
    """Whether it has any contact."""
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
    fields = crm_fields(environment.id)
    person = person_fields(environment.id)
    crm = crm_of(environment, read_timeout=SCREEN_TIMEOUT, total=SCREEN_TOTAL)
    db.session.commit()
    try:
        with waiting(environment.id):
            chosen = max(_people(crm, candidates), key=_filled, default=None)
            relation = _relation(crm, chosen) if chosen is not None else {}
    except (CrmError, TooManyWaiting) as error:
        log.info("sample.crm_away", environment=environment.id, error=type(error).__name__)
        return Sample(read=False)
    if chosen is None:
        return Sample(read=True)
    sources = {planning.CONTACT: chosen.fields, planning.RELATION: relation}
    return Sample(True, True, person.person(chosen).name, _texts(fields, sources))


def _people(crm: CrmClient, candidates: Sequence[str]) -> Collection[CrmContact]:
    """Read the candidates; where nobody is linked yet, the first contacts that the CRM has."""
    linked = crm.contacts.get_many(candidates).contacts if candidates else {}
    if linked:
        return linked.values()
    page = next(crm.contacts.changed_since(BEGINNING, limit=CANDIDATES), None)
    return [each for each in page.contacts if each.active] if page is not None else []


def _filled(contact: CrmContact) -> int:
    return sum(not is_empty(value) for value in contact.fields.values())


def _relation(crm: CrmClient, contact: CrmContact) -> Mapping[str, object]:
    relation_id = contact.relation_id or ""
    try:
        return crm.relations.get(relation_id).fields if is_crm_id(relation_id) else {}
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
