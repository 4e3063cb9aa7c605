"""Ask Spotler again for who has an address by the mirror: they may have moved, or be gone."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime

from sqlalchemy import select

from spotler_plugin.extensions import db, snapshot
from spotler_plugin.models import MirrorContact
from spotler_plugin.planning.values.address import address_key
from spotler_plugin.services.link.tie import untie_links
from spotler_plugin.services.mirror.record import record_contacts
from spotler_plugin.services.mirror.write import forget_ids
from spotler_plugin.spotler import Contact, InvalidAnswer, SpotlerClient
from spotler_plugin.sql import among

MOST = 10
"""Contacts that are asked for, one by one."""


def read_again(
    environment_id: int, spotler: SpotlerClient, addresses: Mapping[str, str | None]
) -> None:
    """Record how the others with the addresses of these contacts are now; those without an
    external id cannot be asked for. No transaction is open meanwhile; the caller commits.
    """
    read_at = datetime.now(UTC)
    with snapshot():
        ids = _others(environment_id, addresses)
    found: dict[str, Contact | None] = {}
    for id_ in ids:
        # Of who cannot be read counts what is known.
        with suppress(InvalidAnswer):
            found[id_] = spotler.contacts.get(id_)
    lost = [id_ for id_, contact in found.items() if contact is None]
    # Links before the mirror, as everywhere.
    untie_links(environment_id, lost)
    there = [contact for contact in found.values() if contact is not None]
    record_contacts(environment_id, there, read_at)
    if lost:
        forget_ids(environment_id, lost, read_at)


def _others(environment_id: int, addresses: Mapping[str, str | None]) -> list[str]:
    wanted = {address_key(each) for each in addresses.values()} - {""}
    if not wanted:
        return []
    rows = db.session.scalars(
        select(MirrorContact.external_id)
        .where(
            MirrorContact.environment_id == environment_id,
            among(MirrorContact.address, wanted),
            MirrorContact.external_id.is_not(None),
        )
        .order_by(MirrorContact.id)
        .limit(MOST)
    )
    return [id_ for id_ in rows if id_ is not None and id_ not in addresses]
