"""What contacts are called, for a screen: by the mirror, or else by the CRM."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from sqlalchemy import select
from structlog import get_logger

from spotler_plugin.crm import MAX_CONTACTS, CrmError
from spotler_plugin.extensions import db
from spotler_plugin.models import Environment, MirrorContact
from spotler_plugin.services.catalogue.fields import Person, person_fields
from spotler_plugin.services.contact_id import is_crm_id
from spotler_plugin.services.environment import crm_of
from spotler_plugin.services.mirror.read import name_of
from spotler_plugin.services.waiting import TooManyWaiting, waiting
from spotler_plugin.sql import among

NAME_SECONDS = 3.0
"""A screen waits no longer for names: there are addresses and numbers."""

log = get_logger()


def names_of(
    owner: Environment, contact_ids: Collection[str], *, asks_crm: bool = True
) -> dict[str, str]:
    """Return the names that are known; without one an address stands in its place.

    The CRM is asked for up to a hundred whose name Spotler never told; while it is away they have
    none. Commits before it calls.
    """
    rows = db.session.execute(
        select(MirrorContact.external_id, MirrorContact.properties, MirrorContact.address).where(
            MirrorContact.environment_id == owner.id,
            among(MirrorContact.external_id, contact_ids),
        )
    )
    known, addresses = {}, {}
    for id_, properties, address in rows:
        known[str(id_)], addresses[str(id_)] = name_of(properties), address
    strange = [id_ for id_ in contact_ids if not known.get(id_) and is_crm_id(id_)]
    people = _of_crm(owner, strange[:MAX_CONTACTS]) if strange and asks_crm else {}
    of_crm = {id_: each.name or each.address for id_, each in people.items()}
    named = {id_: known.get(id_) or of_crm.get(id_) or addresses.get(id_) for id_ in contact_ids}
    return {id_: name for id_, name in named.items() if name}


def _of_crm(owner: Environment, contact_ids: Collection[str]) -> Mapping[str, Person]:
    fields = person_fields(owner.id)
    crm = crm_of(owner, read_timeout=NAME_SECONDS, total=NAME_SECONDS)
    db.session.commit()
    try:
        with waiting(owner.id):
            people = crm.contacts.get_many(contact_ids).contacts
    except (CrmError, TooManyWaiting) as error:
        log.info("contact.names_unread", environment=owner.id, error=type(error).__name__)
        return {}
    return {id_: fields.person(each) for id_, each in people.items()}
