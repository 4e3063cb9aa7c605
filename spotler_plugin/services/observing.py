"""The newest known state of contacts in Spotler: from the mirror, or read now where it counts."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from flask import current_app
from sqlalchemy import select

from spotler_plugin.extensions import db, snapshot
from spotler_plugin.models import Act
from spotler_plugin.planning.plan import ADDRESS, Observed, Wanted
from spotler_plugin.services import feed, following, lane, mirror
from spotler_plugin.services.chunk import Chunk
from spotler_plugin.services.holding import hold_on
from spotler_plugin.spotler import Contact, SpotlerClient
from spotler_plugin.sql import among

RECENT = 30.0
"""Seconds; so old may the state be by which permissions of many contacts are switched."""
INTERVALS = 3
"""So many intervals of the feed may it be old when many contacts are tied for the first time."""
CATCH_UP_SECONDS = 10.0
"""How long a chunk reads the feed before it asks for its contacts one by one."""


def read(chunk: Chunk, wanted: Mapping[str, Wanted], spotler: SpotlerClient) -> dict[str, Observed]:
    """What Spotler has of each contact.

    Right before a permission is switched (product.md rule 2), before a contact is tied for the
    first time, and for a single contact, the newest state counts. Spotler is asked for it: of one
    contact what it has, of many what changed; for the rest the mirror answers.
    """
    with snapshot():
        known = mirror.known(chunk.environment_id, wanted)
        acted = wanted.keys() & _acted(chunk)
    unsure = wanted.keys() if chunk.is_single else (wanted.keys() - known.keys()) | acted
    if not unsure:
        return known
    hold_on(chunk)
    oldest = RECENT if acted else INTERVALS * current_app.config["FEED_SECONDS"]
    if not chunk.is_single and _is_current(chunk, spotler, oldest):
        db.session.commit()
        with snapshot():
            return mirrored(chunk.environment_id, wanted)
    db.session.commit()
    asked = {id_: wanted[id_].address for id_ in wanted if id_ in unsure}
    sure = {id_: state for id_, state in known.items() if id_ not in asked}
    return sure | _asked(chunk, asked, spotler)


def _is_current(chunk: Chunk, spotler: SpotlerClient, oldest: float) -> bool:
    """Whether the mirror holds everybody as of `oldest` seconds ago; catches up if need be."""
    row = feed.find(chunk.environment_id)
    if row is None or row.full_finished_at is None:
        return False
    if not feed.read_within(row, oldest):
        following.catch_up(chunk.environment_id, spotler, CATCH_UP_SECONDS)
        hold_on(chunk)
        row = feed.find(chunk.environment_id)
    return feed.read_within(row, oldest)


def mirrored(environment_id: int, wanted: Mapping[str, Wanted]) -> dict[str, Observed]:
    """The mirror's answer for all: by our id, or else by the address."""
    known = mirror.known(environment_id, wanted)
    strange = {id_: wanted[id_].address for id_ in wanted.keys() - known.keys()}
    holders = mirror.find_by_address(
        environment_id, [address for address in strange.values() if address]
    )
    found = {id_: holders[a.lower()] for id_, a in strange.items() if a and a.lower() in holders}
    return known | {id_: mirror.observed(row) for id_, row in found.items()}


def _asked(
    chunk: Chunk, asked: Mapping[str, str | None], spotler: SpotlerClient
) -> dict[str, Observed]:
    """Spotler's answer, contact by contact; the mirror learns from it."""
    read_at = datetime.now(UTC)
    fresh: dict[str, Contact | None] = {}
    for contact_id, address in asked.items():
        hold_on(chunk)
        fresh[contact_id] = look_up(spotler, contact_id, address)
    found = {id_: contact for id_, contact in fresh.items() if contact is not None}
    mirror.record(chunk.environment_id, found.values(), read_at)
    mirror.forget(chunk.environment_id, fresh.keys() - found.keys(), read_at)
    db.session.commit()
    return {id_: mirror.seen(contact) for id_, contact in found.items()}


def look_up(spotler: SpotlerClient, contact_id: str, address: str | None) -> Contact | None:
    """The contact with our id, or else the one with the address, or nobody.

    Of several with the address, one that belongs to nobody comes last: if any belongs to another,
    a person must see it (spotler-api.md §7: a write could move its id).
    """
    contact = spotler.contacts.get(contact_id)
    if contact is not None or not address:
        return contact
    hits = spotler.contacts.search(ADDRESS, address)
    return min(hits, key=lambda hit: hit.external_id is None, default=None)


def rivals(
    chunk: Chunk, wanted: Mapping[str, Wanted], known: Mapping[str, Observed]
) -> dict[str, str]:
    """Which contacts want an address that another CRM contact holds; contact id to that other."""
    addresses = moving(wanted, known)
    return lane.rivals(chunk.environment_id, addresses, chunk.lease) if addresses else {}


def moving(wanted: Mapping[str, Wanted], known: Mapping[str, Observed]) -> dict[str, str]:
    """Who would get another address in Spotler than they have, and which."""
    return {
        contact_id: person.address.lower()
        for contact_id, person in wanted.items()
        if person.address and person.address.lower() != _own_address(known.get(contact_id), person)
    }


def _own_address(observed: Observed | None, person: Wanted) -> str | None:
    """The address under which this very contact is in Spotler already."""
    if observed is None or observed.external_id != person.contact_id:
        return None
    return str(observed.properties.get(ADDRESS) or "").lower()


def _acted(chunk: Chunk) -> set[str]:
    """Of whom the run may switch permissions."""
    if not chunk.has_acts:
        return set()
    return set(
        db.session.scalars(
            select(Act.contact_id).where(
                Act.environment_id == chunk.environment_id,
                Act.run_id == chunk.run.id,
                among(Act.contact_id, chunk.items),
            )
        )
    )
