"""Who may have an e-mail address: two CRM contacts never get the same one."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy import and_, bindparam, or_, select, update

from spotler_plugin.extensions import db
from spotler_plugin.models import Link
from spotler_plugin.planning.plan import ADDRESS
from spotler_plugin.planning.state import Observed, Wanted
from spotler_plugin.planning.values.address import address_key
from spotler_plugin.services.environment import lock_environment
from spotler_plugin.services.lease import is_free
from spotler_plugin.services.link.lease import LINKS
from spotler_plugin.sql import among


def reserve_addresses(
    environment_id: int, addresses: Mapping[str, str], lease: UUID
) -> dict[str, str]:
    """Store on each contact's link the address that it wants, and find who is in the way.

    `addresses` is contact id to the key of its address. Returns contact id to the other contact
    that holds its address, or was first to want it; of those that come together the smaller id is.
    One worker at a time does this in an environment, until it commits.
    """
    lock_environment(environment_id)
    own = and_(
        LINKS.c.environment_id == environment_id,
        LINKS.c.contact_id == bindparam("contact"),
        LINKS.c.lease == lease,
    )
    db.session.connection().execute(
        update(LINKS).where(own).values(address=bindparam("wanted")),
        [{"contact": id_, "wanted": address} for id_, address in sorted(addresses.items())],
    )
    others = db.session.execute(
        select(Link.contact_id, Link.address, Link.linked_at).where(
            Link.environment_id == environment_id,
            among(Link.address, set(addresses.values())),
            or_(Link.linked_at.is_not(None), Link.leased_until > datetime.now(UTC)),
        )
    )
    holders: dict[str | None, list[tuple[str, bool]]] = {}
    for other_id, other_address, linked_at in others:
        # Who is under way with another worker may be written by now.
        is_there = linked_at is not None or other_id not in addresses
        holders.setdefault(other_address, []).append((other_id, is_there))
    found: dict[str, str] = {}
    for contact_id, address in addresses.items():
        for other_id, is_there in holders.get(address, ()):
            if other_id != contact_id and (is_there or other_id < contact_id):
                found.setdefault(contact_id, other_id)
    return found


def find_holding(environment_id: int, addresses: Collection[str]) -> list[tuple[str, str | None]]:
    """Return the linked contacts that have one of these addresses, each with its address."""
    rows = db.session.execute(
        select(Link.contact_id, Link.address).where(
            Link.environment_id == environment_id,
            among(Link.address, addresses),
            Link.linked_at.is_not(None),
        )
    )
    return [(contact_id, address) for contact_id, address in rows]


def find_address(environment_id: int, contact_id: str) -> str | None:
    """Return the address that a contact has or wants, as far as a run ever read it."""
    return db.session.scalar(
        select(Link.address).where(
            Link.environment_id == environment_id, Link.contact_id == contact_id
        )
    )


def note_addresses(environment_id: int, addresses: Mapping[str, str]) -> None:
    """Store the key of the address of each contact that is not linked, where none is known yet.

    One that is known stays, also where the contact has another by now: what was signed off under
    this id counts for whoever has it.
    """
    if not addresses:
        return
    of_one = update(LINKS).where(
        LINKS.c.environment_id == environment_id,
        LINKS.c.contact_id == bindparam("contact"),
        LINKS.c.linked_at.is_(None),
        LINKS.c.address.is_(None),
        is_free(Link, datetime.now(UTC)),
    )
    rows = [{"contact": id_, "has": key} for id_, key in addresses.items()]
    db.session.connection().execute(of_one.values(address=bindparam("has")), rows)


def find_holders(environment_id: int, addresses: Collection[str]) -> dict[str, set[str]]:
    """Return by address the contacts that are linked with it, or are being written with it."""
    rows = db.session.execute(
        select(Link.address, Link.contact_id).where(
            Link.environment_id == environment_id,
            among(Link.address, addresses),
            or_(Link.linked_at.is_not(None), Link.leased_until > datetime.now(UTC)),
        )
    )
    found: dict[str, set[str]] = {}
    for address, contact_id in rows:
        found.setdefault(str(address), set()).add(contact_id)
    return found


def find_linked(environment_id: int, contact_ids: Collection[str]) -> set[str]:
    """Return those of these contacts that are linked."""
    return set(
        db.session.scalars(
            select(Link.contact_id).where(
                Link.environment_id == environment_id,
                among(Link.contact_id, contact_ids),
                Link.linked_at.is_not(None),
            )
        )
    )


def moving(wanted: Mapping[str, Wanted], known: Mapping[str, Observed]) -> dict[str, str]:
    """Return the contacts whose address in Spotler would change, with the key of the new one."""
    return {
        contact_id: key
        for contact_id, person in wanted.items()
        if (key := address_key(person.address))
        and key != _own_address(known.get(contact_id), person)
    }


def linked_among(addresses: Mapping[str, str], known: Mapping[str, Observed]) -> dict[str, str]:
    """Return those of the moving contacts that Spotler knows by our id."""
    return {
        contact_id: address
        for contact_id, address in addresses.items()
        if contact_id in known and known[contact_id].external_id == contact_id
    }


def find_reserved(environment_id: int, holders: Mapping[str, Observed]) -> dict[str, str]:
    """Return the address that each holder has reserved, of those that are being written now."""
    ids = {holder.external_id for holder in holders.values() if holder.external_id is not None}
    if not ids:
        return {}
    rows = db.session.execute(
        select(Link.contact_id, Link.address).where(
            Link.environment_id == environment_id,
            among(Link.contact_id, ids),
            Link.linked_at.is_not(None),
            Link.leased_until > datetime.now(UTC),
        )
    )
    return {contact_id: address for contact_id, address in rows if address is not None}


def leavers_of(
    holders: Mapping[str, Observed], addresses: Mapping[str, str], goes_to: Mapping[str, str]
) -> dict[str, str]:
    """Return contact id to the holder of its new address, where that holder goes to another."""
    return {
        contact_id: holder.external_id
        for contact_id, holder in holders.items()
        if holder.external_id is not None
        and goes_to.get(holder.external_id, addresses[contact_id]) != addresses[contact_id]
    }


def addresses_of(
    wanted: Mapping[str, Wanted], known: Mapping[str, Observed]
) -> dict[str, set[str]]:
    """Return each contact's addresses: the one that it gets, and the one that it has in Spotler."""
    found = {
        contact_id: (address_key(person.address), _own_address(known.get(contact_id), person))
        for contact_id, person in wanted.items()
    }
    return {contact_id: {each for each in both if each} for contact_id, both in found.items()}


def _own_address(observed: Observed | None, person: Wanted) -> str | None:
    """Return the contact's address in Spotler; None when no contact there has our id."""
    if observed is None or observed.external_id != person.contact_id:
        return None
    return address_key(observed.properties.get(ADDRESS))
