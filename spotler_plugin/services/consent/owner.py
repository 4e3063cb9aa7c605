"""Whose an e-mail address is, where several contacts have it: as a person said last."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from sqlalchemy import insert, select

from spotler_plugin.extensions import db
from spotler_plugin.models import AddressAct, Link, MirrorContact
from spotler_plugin.planning.values.address import address_key
from spotler_plugin.services.consent.digest import digests_of, known_digests
from spotler_plugin.sql import among


def settle_owner(
    environment_id: int,
    owner_id: str,
    others: Collection[str],
    address: str,
    *,
    actor_id: str | None,
    actor_name: str | None,
) -> None:
    """Record that a person said whose the address is, for each contact that has it."""
    digest = digests_of(environment_id, [address]).get(address)
    if digest is None or not others:
        return
    act = {
        "environment_id": environment_id,
        "owner_id": owner_id,
        "address_digest": digest,
        "at": datetime.now(UTC),
        "actor_id": actor_id,
        "actor_name": actor_name,
    }
    contacts = [owner_id, *sorted(set(others) - {owner_id})]
    db.session.execute(insert(AddressAct), [{**act, "contact_id": id_} for id_ in contacts])


def last_settled(
    environment_id: int, contact_ids: Collection[str], address: str
) -> dict[str, AddressAct]:
    """Return by contact what was last said of it and this address."""
    digest = digests_of(environment_id, [address]).get(address)
    rows = db.session.scalars(
        select(AddressAct)
        .where(
            AddressAct.environment_id == environment_id,
            among(AddressAct.contact_id, contact_ids),
            AddressAct.address_digest == digest,
        )
        .order_by(AddressAct.at, AddressAct.id)
    )
    return {row.contact_id: row for row in rows}


@dataclass(frozen=True, slots=True)
class Settled:
    """Of contacts with an address each: what persons said of whose it is."""

    owned: frozenset[str] = frozenset()
    """Contacts whose address it is, by what was said of everybody who has it."""
    left: Mapping[str, str] = field(default_factory=dict)
    """Contact to the other one whose it is, and who has it still."""


NOTHING_SAID = Settled()


def settled_among(environment_id: int, addresses: Mapping[str, str]) -> Settled:
    """Return what counts of what was said; `addresses` has the one of each contact.

    It is not asked again where many are written: the answer of the contact's screen counts there.
    """
    digests = known_digests(environment_id, addresses.values())
    said: dict[str, dict[str, str]] = {}
    for row in db.session.scalars(
        select(AddressAct)
        .where(
            AddressAct.environment_id == environment_id,
            among(AddressAct.address_digest, set(digests.values())),
        )
        .order_by(AddressAct.at, AddressAct.id)
    ):
        said.setdefault(row.address_digest, {})[row.contact_id] = row.owner_id
    about = {id_: each for id_, each in addresses.items() if digests.get(each) in said}
    if not about:
        return NOTHING_SAID
    having = _having(environment_id, {address_key(each) for each in about.values()})
    owned, left = set(), {}
    for contact_id, address in about.items():
        owners = said[digests[address]]
        others = having.get(address_key(address), set()) - {contact_id}
        if owners.get(contact_id) in others:
            left[contact_id] = owners[contact_id]
        elif all(owners.get(id_) == contact_id for id_ in {contact_id, *others}):
            owned.add(contact_id)
    return Settled(frozenset(owned), left)


def _having(environment_id: int, addresses: Collection[str]) -> dict[str, set[str]]:
    """Return by address the ids that have or want it, of contacts that are not gone."""
    of_links = select(Link.address, Link.contact_id).where(
        Link.environment_id == environment_id,
        among(Link.address, addresses),
        Link.deleted_at.is_(None),
        Link.merged_into.is_(None),
    )
    of_mirror = select(MirrorContact.address, MirrorContact.external_id).where(
        MirrorContact.environment_id == environment_id,
        among(MirrorContact.address, addresses),
        MirrorContact.external_id.is_not(None),
    )
    having: dict[str, set[str]] = {}
    for query in (of_links, of_mirror):
        for address, id_ in db.session.execute(query):
            having.setdefault(str(address), set()).add(str(id_))
    return having
