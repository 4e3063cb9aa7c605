"""Which contact ids are one person: those with one e-mail address, and those that were merged."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from sqlalchemy import select

from spotler_plugin.extensions import db
from spotler_plugin.models import Link, MirrorContact
from spotler_plugin.planning.values.address import address_key
from spotler_plugin.sql import among


def same_person(
    environment_id: int, addresses: Mapping[str, Collection[str]]
) -> dict[str, set[str]]:
    """Return contact id to the other ids, linked or not, that have one of its addresses, or
    that the CRM merged into it.

    A contact that is gone from the CRM, or lost its address to another, keeps it on its link.
    """
    keys = {id_: {address_key(one) for one in each} - {""} for id_, each in addresses.items()}
    wanted = set().union(*keys.values())
    having: dict[str, set[str]] = {}
    links = select(Link.address, Link.contact_id).where(
        Link.environment_id == environment_id, among(Link.address, wanted)
    )
    mirrored = select(MirrorContact.address, MirrorContact.external_id).where(
        MirrorContact.environment_id == environment_id,
        among(MirrorContact.address, wanted),
        MirrorContact.external_id.is_not(None),
    )
    for query in (links, mirrored):
        for address, id_ in db.session.execute(query):
            having.setdefault(str(address), set()).add(str(id_))
    merged = _merged_into(environment_id, addresses)
    return {
        contact_id: merged.get(contact_id, set()).union(*(having.get(key, ()) for key in each))
        - {contact_id}
        for contact_id, each in keys.items()
    }


def _merged_into(environment_id: int, contact_ids: Collection[str]) -> dict[str, set[str]]:
    """Return contact id to the ids that were merged into it."""
    found: dict[str, set[str]] = {}
    rows = db.session.execute(
        select(Link.merged_into, Link.contact_id).where(
            Link.environment_id == environment_id, among(Link.merged_into, contact_ids)
        )
    )
    for kept, merged in rows:
        found.setdefault(str(kept), set()).add(merged)
    return found
