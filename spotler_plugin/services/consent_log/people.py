"""Whom a text means, and what people are called: an act has a contact's id, and no name."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, Select, func, literal, select

from spotler_plugin.extensions import db
from spotler_plugin.models import Act, Link, MirrorContact
from spotler_plugin.planning.values.address import searched_part
from spotler_plugin.services.consent.digest import digests_of
from spotler_plugin.services.consent.setting import find_setting
from spotler_plugin.services.mirror.merge import NO_CRM, name_of_record
from spotler_plugin.services.mirror.name import bare
from spotler_plugin.services.mirror.read import name_of
from spotler_plugin.sql import among, unindexed

MOST = 2000
"""People whose acts are searched together; whoever means more of them searches by period."""


Mirrored = tuple[str | None, str | None, str | None, dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Found:
    """Ids of those whom a text means."""

    ids: frozenset[str]
    too_many: bool = False
    """Whether there are more than can be searched together; then `ids` is empty."""


@dataclass(frozen=True, slots=True)
class Person:
    """What is known of a contact besides its id."""

    name: str | None = None
    address: str | None = None
    in_crm: bool = True
    """Whether its id is one of the CRM."""


def find_people(environment_id: int, query: str) -> Found:
    """Return those with this id, a name or address with this in it, or who had this address.

    Whoever is gone from Spotler has no name here, but is found by the address all the same.
    """
    ids = {query}
    for found in _having(environment_id, query):
        ids.update(id_ for id_ in db.session.scalars(found.limit(MOST + 1)) if id_ is not None)
    if "@" in query:
        ids |= who_had(environment_id, query)
    if len(ids) > MOST:
        return Found(frozenset(), too_many=True)
    return Found(frozenset(ids))


def known_people(environment_id: int, contact_ids: Collection[str]) -> dict[str, Person]:
    """Return what is known of these contacts, by id; the mirror's address is the newest."""
    linked = db.session.execute(
        select(Link.contact_id, Link.address).where(
            Link.environment_id == environment_id, among(Link.contact_id, contact_ids)
        )
    )
    people = {id_: Person(address=address) for id_, address in linked}
    for row in _mirrored(environment_id, contact_ids):
        id_ = name_of_record(row.external_id, row.encrypted_id)
        known = people.get(id_, Person())
        in_crm = row.external_id is not None
        people[id_] = Person(name_of(row.properties), row.address or known.address, in_crm)
    strangers = {id_ for id_ in contact_ids if id_.startswith(NO_CRM)} - people.keys()
    return people | dict.fromkeys(strangers, Person(in_crm=False))


def _mirrored(environment_id: int, contact_ids: Collection[str]) -> Sequence[Row[*Mirrored]]:
    """Read these contacts as Spotler has them, whether the CRM knows them or not."""
    strangers = {id_.removeprefix(NO_CRM) for id_ in contact_ids if id_.startswith(NO_CRM)}
    columns = select(
        MirrorContact.external_id,
        MirrorContact.encrypted_id,
        MirrorContact.address,
        MirrorContact.properties,
    ).where(MirrorContact.environment_id == environment_id)
    rows = db.session.execute(columns.where(among(MirrorContact.external_id, contact_ids))).all()
    if not strangers:
        return rows
    unlinked = columns.where(
        MirrorContact.external_id.is_(None), among(MirrorContact.encrypted_id, strangers)
    )
    return [*rows, *db.session.execute(unlinked).all()]


def who_had(environment_id: int, address: str) -> set[str]:
    """Return those who had this address at one of their acts, also where it is kept nowhere."""
    digest = digest_of(environment_id, address)
    if digest is None:
        return set()
    return set(
        db.session.scalars(
            select(Act.contact_id)
            .where(Act.environment_id == environment_id, Act.address_digest == digest)
            .group_by(Act.contact_id)
            .limit(MOST + 1)
        )
    )


def digest_of(environment_id: int, address: str) -> str | None:
    """Return what stands with acts for an address; None where no act has any yet."""
    if find_setting(environment_id) is None:
        return None
    return digests_of(environment_id, [address]).get(address)


def _having(environment_id: int, query: str) -> list[Select[str | None]]:
    """Select ids by a part of the name or address.

    The inner statements look at an index alone, and not at the rows with all their values.
    """
    wanted = searched_part(query)
    links = select(Link.id).where(
        Link.environment_id == environment_id, Link.address.contains(wanted, autoescape=True)
    )
    statements: list[Select[str | None]] = [
        select(Link.contact_id).where(
            unindexed(Link.environment_id) == environment_id, Link.id.in_(links)
        )
    ]
    parts = [MirrorContact.address.contains(wanted, autoescape=True)]
    if name := bare(query):
        parts.append(MirrorContact.bare_name.contains(name, autoescape=True))
    for part in parts:
        mirrored = select(MirrorContact.id).where(
            MirrorContact.environment_id == environment_id, part
        )
        statements.append(
            select(
                func.coalesce(
                    MirrorContact.external_id, literal(NO_CRM) + MirrorContact.encrypted_id
                )
            ).where(
                unindexed(MirrorContact.environment_id) == environment_id,
                MirrorContact.id.in_(mirrored),
            )
        )
    return statements
