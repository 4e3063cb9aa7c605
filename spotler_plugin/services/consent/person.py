"""Which contact ids are one person: those with one e-mail address, and those that were merged."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, select

from spotler_plugin.extensions import db
from spotler_plugin.models import Link, MirrorContact
from spotler_plugin.planning.values.address import address_key
from spotler_plugin.services.consent.digest import known_digests
from spotler_plugin.services.consent.holders import Holder, held_by, holders_of
from spotler_plugin.sql import among

Addresses = Mapping[str, Collection[str]]
"""By contact, the addresses that it has and gets."""

# Made once: making a statement takes as long as executing it, and each modal asks for these.
_LINKED = select(Link.address, Link.contact_id).where(
    Link.environment_id == bindparam("owner"), among(Link.address, "addresses")
)
_MIRRORED = select(MirrorContact.address, MirrorContact.external_id).where(
    MirrorContact.environment_id == bindparam("owner"),
    among(MirrorContact.address, "addresses"),
    MirrorContact.external_id.is_not(None),
)
_MERGED = select(Link.merged_into, Link.contact_id).where(
    Link.environment_id == bindparam("owner"), among(Link.merged_into, "contacts")
)


@dataclass(frozen=True, slots=True)
class Kin:
    """Another id of a person."""

    contact_id: str
    since: datetime | None = None
    """Since when the two are known to be one; None: since now."""
    until: datetime | None = None
    """What happened under it later is somebody else's: the two had an address in common before."""


def same_person(environment_id: int, addresses: Addresses) -> dict[str, list[Kin]]:
    """Return contact id to the other ids, linked or not, that have or had an address of it, or
    that the CRM merged into it.

    Of an address that one of the two left, what happened under the other id since does not count.
    """
    held: dict[str, dict[str, Holder]] = {}
    for each in held_by(environment_id, addresses):
        held.setdefault(each.contact_id, {})[each.digest] = each
    found = _sharing(environment_id, addresses, held)
    for contact_id, merged in _merged_into(environment_id, addresses).items():
        since = {each.contact_id: each.since for each in found[contact_id]}
        found[contact_id] += [Kin(id_, since.get(id_)) for id_ in sorted(merged)]
    return found


def same_address(environment_id: int, addresses: Mapping[str, str]) -> dict[str, list[Kin]]:
    """Return contact id to the other ids that have, or had, its one address."""
    return _sharing(environment_id, {id_: [each] for id_, each in addresses.items()}, {})


def _sharing(
    environment_id: int, addresses: Addresses, held: Mapping[str, Mapping[str, Holder]]
) -> dict[str, list[Kin]]:
    """Return who shares an address with each contact: one of now, or one that it held."""
    now = {id_: {address_key(each) for each in those} - {""} for id_, those in addresses.items()}
    wanted = set().union(*now.values())
    digests = known_digests(environment_id, wanted)
    sharing: dict[str, list[Holder]] = {}
    for each in holders_of(environment_id, {*digests.values(), *_digests_in(held)}):
        sharing.setdefault(each.digest, []).append(each)
    having = _having(environment_id, wanted)
    found = {}
    for contact_id, those in now.items():
        own = held.get(contact_id, {})
        current = {digests[each] for each in those if each in digests}
        kin = [
            Kin(other.contact_id, _since(own, digest, current), _earliest(other.until, until))
            for digest in sorted(current | own.keys())
            for until in [None if digest in current else own[digest].until]
            for other in sharing.get(digest, ())
        ]
        kin += [
            Kin(other_id, _since(own, digests.get(address), current))
            for address in sorted(those)
            for other_id in sorted(having.get(address, ()))
        ]
        found[contact_id] = [each for each in kin if each.contact_id != contact_id]
    return found


def _having(environment_id: int, addresses: Collection[str]) -> dict[str, set[str]]:
    """Return by address the ids that have it by links or mirror.

    A contact that is gone from the CRM, or lost its address to another, keeps it on its link.
    """
    having: dict[str, set[str]] = {}
    given = {"owner": environment_id, "addresses": addresses}
    for query in (_LINKED, _MIRRORED):
        for address, id_ in db.session.execute(query, given):
            having.setdefault(str(address), set()).add(str(id_))
    return having


def _merged_into(environment_id: int, contact_ids: Collection[str]) -> dict[str, set[str]]:
    """Return contact id to the ids that were merged into it."""
    found: dict[str, set[str]] = {}
    given = {"owner": environment_id, "contacts": contact_ids}
    for kept, merged in db.session.execute(_MERGED, given):
        found.setdefault(str(kept), set()).add(merged)
    return found


def _digests_in(held: Mapping[str, Mapping[str, Holder]]) -> set[str]:
    return {digest for each in held.values() for digest in each}


def _since(
    own: Mapping[str, Holder], digest: str | None, current: Collection[str]
) -> datetime | None:
    """Return since when the contact has an address; None: since now, also where it comes back to
    it. What went on meanwhile lifts nothing that was signed off with it."""
    holder = own.get(digest) if digest else None
    if holder is None or (holder.until is not None and digest in current):
        return None
    return holder.since


def _earliest(*moments: datetime | None) -> datetime | None:
    return min(filter(None, moments), default=None)
