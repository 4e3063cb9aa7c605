"""Read the mirror: what Spotler last told us about its contacts."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import bindparam, exists, select

from spotler_plugin.extensions import db
from spotler_plugin.models import MirrorContact
from spotler_plugin.planning.plan import ADDRESS
from spotler_plugin.planning.state import Observed, Wanted, strictest
from spotler_plugin.planning.values.address import address_key
from spotler_plugin.services.mirror.merge import external_id_of
from spotler_plugin.services.mirror.name import parts_of
from spotler_plugin.services.mirror.record import TABLE
from spotler_plugin.spotler import Contact
from spotler_plugin.sql import among

_KNOWN = select(TABLE.c.external_id, TABLE.c.active, TABLE.c.permissions, TABLE.c.properties).where(
    TABLE.c.environment_id == bindparam("owner"),
    among(TABLE.c.external_id, "contacts"),
    TABLE.c.doubted.is_(False),
)


def find_mirrored(environment_id: int, contact_ids: Collection[str]) -> dict[str, MirrorContact]:
    """Return the rows of these CRM contacts, by external id."""
    rows = db.session.scalars(
        select(MirrorContact)
        .where(
            MirrorContact.environment_id == environment_id,
            among(MirrorContact.external_id, contact_ids),
        )
        # Contacts are recorded past the session, so rows in it may be outdated.
        .execution_options(populate_existing=True)
    )
    return {row.external_id: row for row in rows if row.external_id is not None}


def find_mirrored_by_address(
    environment_id: int, addresses: Mapping[str, str]
) -> dict[str, Observed]:
    """Return contact id to the state of the others that have its address, in `addresses`.

    Of several records with one address the strictest state counts (`state.strictest`).
    """
    keys = {
        contact_id: key
        for contact_id, address in addresses.items()
        if (key := address_key(address))
    }
    rows = db.session.scalars(
        select(MirrorContact)
        .where(
            MirrorContact.environment_id == environment_id,
            among(MirrorContact.address, set(keys.values())),
        )
        .execution_options(populate_existing=True)
    )
    having: dict[str | None, list[Observed]] = {}
    for row in rows:
        having.setdefault(row.address, []).append(observed_of(row))
    found = {
        contact_id: strictest(
            [each for each in having.get(key, ()) if each.external_id != contact_id]
        )
        for contact_id, key in keys.items()
    }
    return {contact_id: state for contact_id, state in found.items() if state is not None}


def find_spellings(environment_id: int, addresses: Mapping[str, str | None]) -> dict[str, set[str]]:
    """Return contact id to the other ways in which contacts have its address, in `addresses`."""
    keys = {address_key(each) for each in addresses.values() if each}
    rows = db.session.execute(
        select(MirrorContact.address, MirrorContact.properties).where(
            MirrorContact.environment_id == environment_id, among(MirrorContact.address, keys)
        )
    )
    having: dict[str | None, set[str]] = {}
    for key, properties in rows:
        having.setdefault(key, set()).add(str(properties.get(ADDRESS) or ""))
    return {
        id_: having.get(address_key(each or ""), set()) - {each, ""}
        for id_, each in addresses.items()
    }


def opted_out_among(environment_id: int, known: Mapping[str, Observed]) -> set[str]:
    """Return the linked ones of these contacts that have a second one, opted out, with the address
    that they have in Spotler."""
    addresses = {id_: each.address for id_, each in known.items() if each.external_id == id_}
    found = find_mirrored_by_address(environment_id, addresses) if addresses else {}
    return {id_ for id_, holder in found.items() if not holder.active}


def name_of(properties: Mapping[str, Any]) -> str | None:
    """Return a contact's name, by the properties that every account has."""
    return " ".join(parts_of(properties)) or None


def known_states(environment_id: int, contact_ids: Collection[str]) -> dict[str, Observed]:
    """Return the observed state of these contacts, past the ORM because they are many.

    Those that are doubted are left out, as if they were not known.
    """
    given = {"owner": environment_id, "contacts": contact_ids}
    rows = db.session.connection().execute(_KNOWN, given)
    return {
        external_id: Observed(external_id, active, permissions, properties)
        for external_id, active, permissions, properties in rows
    }


def are_doubted(environment_id: int, contact_ids: Collection[str]) -> bool:
    """Return whether any of these contacts is to be read again before it counts."""
    doubted = exists().where(
        TABLE.c.environment_id == environment_id,
        among(TABLE.c.external_id, contact_ids),
        TABLE.c.doubted,
    )
    return bool(db.session.scalar(select(doubted)))


def observed_of(row: MirrorContact) -> Observed:
    """Convert a row to what the plan reads."""
    return Observed(
        external_id=row.external_id,
        active=row.active,
        permissions=row.permissions,
        properties=row.properties,
    )


def observed_from(contact: Contact) -> Observed:
    """Convert a contact read from Spotler to what the plan reads."""
    return Observed(
        external_id=external_id_of(contact),
        active=contact.active,
        permissions=contact.permissions,
        properties=contact.properties,
    )


def find_observed(environment_id: int, wanted: Mapping[str, Wanted]) -> dict[str, Observed]:
    """Return what the mirror has of each contact, by our id or else by the address."""
    known = known_states(environment_id, wanted)
    strange = {
        id_: address
        for id_, each in wanted.items()
        if id_ not in known and (address := each.address)
    }
    return known | (find_mirrored_by_address(environment_id, strange) if strange else {})
