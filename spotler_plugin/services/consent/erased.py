"""Who was erased: by the ids and the digests of addresses that were kept of it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import or_, select

from spotler_plugin.crm import CrmContact
from spotler_plugin.extensions import db
from spotler_plugin.models import ErasedMark
from spotler_plugin.services.catalogue.fields import person_fields
from spotler_plugin.services.consent.digest import digests_of
from spotler_plugin.sql import among


@dataclass(frozen=True, slots=True)
class Erased:
    """Those of some ids and addresses by which an erased contact is known."""

    ids: frozenset[str] = frozenset()
    addresses: frozenset[str] = frozenset()

    def has(self, contact_id: str | None, addresses: Iterable[str | None]) -> bool:
        """Return whether a contact is one of them; one address is enough."""
        return contact_id in self.ids or not self.addresses.isdisjoint(addresses)


NOBODY = Erased()


def find_erased(
    environment_id: int, ids: Collection[str], addresses: Collection[str] = ()
) -> Erased:
    """Return which of these ids and addresses are an erased contact's."""
    of_environment = ErasedMark.environment_id == environment_id
    # In most environments nobody is, and nothing is digested.
    if db.session.scalar(select(ErasedMark.id).where(of_environment).limit(1)) is None:
        return NOBODY
    digests = digests_of(environment_id, addresses)
    known = db.session.execute(
        select(ErasedMark.contact_id, ErasedMark.address_digest).where(
            of_environment,
            or_(
                among(ErasedMark.contact_id, ids),
                among(ErasedMark.address_digest, set(digests.values())),
            ),
        )
    ).all()
    marked = {digest for _id, digest in known if digest}
    return Erased(
        frozenset(id_ for id_, _digest in known if id_),
        frozenset(each for each, digest in digests.items() if digest in marked),
    )


def erased_among(environment_id: int, people: Mapping[str, Collection[str]]) -> set[str]:
    """Return those of these contacts that are erased ones; each with all its addresses."""
    addresses = {address for each in people.values() for address in each}
    erased = find_erased(environment_id, people.keys(), addresses)
    return {contact_id for contact_id, each in people.items() if erased.has(contact_id, each)}


def erased_in_crm(environment_id: int, contacts: Mapping[str, CrmContact]) -> set[str]:
    """Return those of the CRM's contacts that are erased ones, by the address that they have."""
    fields = person_fields(environment_id)
    return erased_among(
        environment_id,
        {id_: [fields.address_of(each) or ""] for id_, each in contacts.items()},
    )
