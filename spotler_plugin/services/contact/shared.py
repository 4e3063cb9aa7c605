"""Contacts with one e-mail address: who they are, and whose it is, as a person said."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, select

from spotler_plugin.extensions import db
from spotler_plugin.models import Link, MirrorContact
from spotler_plugin.planning.values.address import address_key
from spotler_plugin.services.actor import Actor
from spotler_plugin.services.catalogue.fields import Person
from spotler_plugin.services.consent.owner import last_settled, settle_owner
from spotler_plugin.services.link.address import find_address
from spotler_plugin.services.mirror.read import name_of

# Made once: making a statement takes as long as executing it, and each modal asks for these.
_OF_LINKS = select(Link.contact_id).where(
    Link.environment_id == bindparam("owner"),
    Link.address == bindparam("address"),
    Link.contact_id != bindparam("contact"),
    Link.deleted_at.is_(None),
    Link.merged_into.is_(None),
)
_OF_MIRROR = select(MirrorContact.external_id, MirrorContact.properties).where(
    MirrorContact.environment_id == bindparam("owner"),
    MirrorContact.address == bindparam("address"),
    MirrorContact.external_id.is_not(None),
    MirrorContact.external_id != bindparam("contact"),
)


@dataclass(frozen=True, slots=True)
class Sharer:
    """Another contact with the address."""

    contact_id: str
    name: str | None
    """By the CRM, or else by Spotler."""
    is_linked: bool
    """Whether Spotler has it with this address."""
    is_in_crm: bool
    """Whether the CRM has it, as far as it was asked."""


@dataclass(frozen=True, slots=True)
class Shared:
    """An address that several contacts have."""

    others: tuple[Sharer, ...]
    owner_id: str | None = None
    """Whose it is, as a person said last of this contact."""
    by: str | None = None
    at: datetime | None = None
    is_settled: bool = False
    """Whether it was said to be this contact's, of each of the others."""

    @property
    def holder(self) -> Sharer | None:
        """Who has it in Spotler."""
        return next((each for each in self.others if each.is_linked), None)

    @property
    def owner(self) -> Sharer | None:
        """The other contact whose it is, as a person said."""
        return next((each for each in self.others if each.contact_id == self.owner_id), None)


def find_shared(
    environment_id: int,
    contact_id: str,
    address: str | None,
    people: Mapping[str, Person] | None = None,
) -> Shared | None:
    """Return who else has the address, of those that we know; None where nobody does.

    `people` are they by the CRM, where that was asked: whoever has another address there by now
    does not share it, unless Spotler still has them with it.
    """
    if not address:
        return None
    given = {"owner": environment_id, "address": address_key(address), "contact": contact_id}
    mirrored = db.session.execute(_OF_MIRROR, given)
    there = {str(id_): name_of(properties) for id_, properties in mirrored}
    known = set(db.session.scalars(_OF_LINKS, given))
    others = [
        Sharer(
            contact_id=id_,
            name=(people[id_].name if people and id_ in people else None) or there.get(id_),
            is_linked=id_ in there,
            is_in_crm=id_ in people if people is not None else id_ in known,
        )
        for id_ in sorted({*known, *there})
        if id_ in there or _has_still(id_, address, people)
    ]
    if not others:
        return None
    said = last_settled(
        environment_id, [contact_id, *(each.contact_id for each in others)], address
    )
    own = said.get(contact_id)
    return Shared(
        tuple(others),
        owner_id=own.owner_id if own else None,
        by=own.actor_name if own else None,
        at=own.at if own else None,
        is_settled=all(
            each.contact_id in said and said[each.contact_id].owner_id == contact_id
            for each in others
        ),
    )


def leave_address(environment_id: int, contact_id: str, owner_id: str, actor: Actor) -> bool:
    """Record that the address is another contact's; False where that one does not have it."""
    address = find_address(environment_id, contact_id)
    shared = find_shared(environment_id, contact_id, address)
    if address is None or shared is None:
        return False
    if owner_id not in {each.contact_id for each in shared.others}:
        return False
    said = last_settled(environment_id, [contact_id], address).get(contact_id)
    if said is not None and said.owner_id == owner_id:
        # Happens when the button is pressed twice.
        return True
    settle_owner(
        environment_id,
        owner_id,
        [contact_id],
        address,
        actor_id=actor.id,
        actor_name=actor.name,
    )
    return True


def _has_still(contact_id: str, address: str, people: Mapping[str, Person] | None) -> bool:
    if people is None:
        return True
    person = people.get(contact_id)
    return person is not None and address_key(person.address) == address_key(address)
