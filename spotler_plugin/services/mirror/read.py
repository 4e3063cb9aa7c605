"""Read the mirror: what Spotler last told us about its contacts."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import exists, select

from spotler_plugin.extensions import db
from spotler_plugin.models import MirrorContact
from spotler_plugin.planning.plan import Observed, Wanted
from spotler_plugin.services.mirror.record import TABLE
from spotler_plugin.spotler import Contact
from spotler_plugin.sql import among


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
    environment_id: int, addresses: Collection[str]
) -> dict[str, MirrorContact]:
    """Return the rows with these addresses, by lower-cased address.

    Of several with one address, one that has an external id is returned: a person must see it,
    because a write could move its id (spotler-api.md §7).
    """
    rows = db.session.scalars(
        select(MirrorContact)
        .where(
            MirrorContact.environment_id == environment_id,
            among(MirrorContact.address, {address.lower() for address in addresses}),
        )
        .order_by(MirrorContact.external_id.is_not(None), MirrorContact.id.desc())
        .execution_options(populate_existing=True)
    )
    return {row.address: row for row in rows if row.address is not None}


def name_of(properties: Mapping[str, Any]) -> str | None:
    """Return a contact's name, by the properties that every account has."""
    parts = (properties.get(name) for name in ("firstName", "infix", "lastName"))
    return " ".join(str(part) for part in parts if part) or None


def known_states(environment_id: int, contact_ids: Collection[str]) -> dict[str, Observed]:
    """Return the observed state of these contacts, past the ORM because they are many.

    Those that are doubted are left out, as if they were not known.
    """
    rows = db.session.execute(
        select(TABLE.c.external_id, TABLE.c.active, TABLE.c.permissions, TABLE.c.properties).where(
            TABLE.c.environment_id == environment_id,
            among(TABLE.c.external_id, contact_ids),
            TABLE.c.doubted.is_(False),
        )
    )
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
        external_id=contact.external_id,
        active=contact.active,
        permissions=contact.permissions,
        properties=contact.properties,
    )


def find_observed(environment_id: int, wanted: Mapping[str, Wanted]) -> dict[str, Observed]:
    """Return what the mirror has of each contact, by our id or else by the address."""
    known = known_states(environment_id, wanted)
    strange = {id_: wanted[id_].address for id_ in wanted.keys() - known.keys()}
    holders = find_mirrored_by_address(
        environment_id, [address for address in strange.values() if address]
    )
    found = {id_: holders[a.lower()] for id_, a in strange.items() if a and a.lower() in holders}
    return known | {id_: observed_of(row) for id_, row in found.items()}
