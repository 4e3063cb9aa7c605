"""All that is known of one person's permissions, as it goes on paper."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select

from spotler_plugin.extensions import db
from spotler_plugin.models import AddressAct
from spotler_plugin.services.catalogue.permissions import listed_permissions
from spotler_plugin.services.consent.erased import erased_among
from spotler_plugin.services.consent.person import Kin, same_person
from spotler_plugin.services.consent_log.acts import ActView
from spotler_plugin.services.consent_log.people import Person, digest_of, known_people, who_had
from spotler_plugin.services.consent_log.search import acts_of
from spotler_plugin.services.mirror.read import find_mirrored
from spotler_plugin.sql import among


@dataclass(frozen=True, slots=True)
class Standing:
    """A permission as it is now."""

    bit: int
    description: str
    enabled: bool
    act: ActView | None
    """The act that explains it; None where it was switched before we came, or never."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """One person, by everything that was ever done with their permissions."""

    contact_id: str
    person: Person
    digest: str | None
    """Of the address that the contact has now."""
    others: Mapping[str, Person]
    """Other contacts that are, or were, the same person: their acts count too."""
    is_known: bool
    """Whether Spotler has the contact, as far as it told."""
    is_active: bool
    standings: Sequence[Standing]
    acts: Sequence[ActView]
    """The oldest first."""
    settled: Sequence[AddressAct]
    """Whose an address is, as people said; the oldest first."""
    is_erased: bool


def make_sheet(environment_id: int, contact_id: str) -> Sheet | None:
    """Return the sheet of a contact; None of one that nothing is known of."""
    known = known_people(environment_id, {contact_id})
    person = known.get(contact_id, Person())
    addresses = [person.address] if person.address else []
    digest = digest_of(environment_id, person.address or "")
    kin = same_person(environment_id, {contact_id: addresses})[contact_id]
    ids = {contact_id, *(each.contact_id for each in kin)}
    for address in addresses:
        ids |= who_had(environment_id, address)
    acts = [
        act
        for act in reversed(acts_of(environment_id, frozenset(ids)))
        if act.contact_id == contact_id
        or (digest is not None and act.digest == digest)
        or _is_of(act, kin)
    ]
    if not acts and not known:
        return None
    others = {act.contact_id: act.person for act in acts if act.contact_id != contact_id}
    row = find_mirrored(environment_id, [contact_id]).get(contact_id)
    return Sheet(
        contact_id=contact_id,
        person=person,
        digest=digest,
        others=others,
        is_known=row is not None,
        is_active=row is not None and row.active,
        standings=_standings(environment_id, contact_id, row.permissions if row else {}, acts),
        acts=acts,
        settled=_settled(environment_id, ids),
        is_erased=bool(erased_among(environment_id, {contact_id: addresses})),
    )


def _is_of(act: ActView, kin: Iterable[Kin]) -> bool:
    """Whether it happened while its contact was that person."""
    return any(
        act.contact_id == each.contact_id and (each.until is None or act.at <= each.until)
        for each in kin
    )


def _standings(
    environment_id: int, contact_id: str, permissions: Mapping[int, bool], acts: Sequence[ActView]
) -> list[Standing]:
    """Return all permissions of the account, each with the act by which it is as it is."""
    last = {
        act.bit: act for act in acts if act.contact_id == contact_id and act.applied_at is not None
    }
    standings = []
    for permission in listed_permissions(environment_id):
        enabled, act = permissions.get(permission.bit, False), last.get(permission.bit)
        # Happens when it was switched in Spotler since: then the act does not explain it.
        explains = act is not None and act.enabled is enabled
        standings.append(
            Standing(permission.bit, permission.description, enabled, act if explains else None)
        )
    return standings


def _settled(environment_id: int, contact_ids: Collection[str]) -> Sequence[AddressAct]:
    return db.session.scalars(
        select(AddressAct)
        .where(
            AddressAct.environment_id == environment_id,
            among(AddressAct.contact_id, contact_ids),
        )
        .order_by(AddressAct.at, AddressAct.id)
    ).all()
