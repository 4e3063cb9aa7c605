"""Whether a key opens the account that we know, or another one."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import exists, select

from spotler_plugin.extensions import db, snapshot
from spotler_plugin.models import Link, MirrorContact, Property
from spotler_plugin.spotler import Contact, SpotlerClient

SAMPLE = 20
"""Linked contacts to look for; most are there, or it is another account."""
ALIKE = 0.5
"""Share of all properties that two readings of one account have in common at least."""

Known = tuple[str, str | None, str | None]
"""External id, encrypted id and address of a contact, by the mirror."""


def is_other_account(
    environment_id: int, spotler: SpotlerClient, properties: Collection[str]
) -> bool:
    """Return whether this is not the account that our links and mirror are of.

    Reads up to `SAMPLE` contacts, with no transaction open. Where none was ever read the names of
    the properties decide; where nobody is linked there is nothing to mistake. Raises SpotlerError.
    """
    with snapshot():
        known = _sample(environment_id)
        if not known:
            return _is_anybody_linked(environment_id) and not _are_alike(environment_id, properties)
    there = gone = 0
    for external_id, encrypted_id, address in known:
        found = spotler.contacts.get(external_id)
        same = found is not None and _is_same(found, encrypted_id, address)
        there, gone = there + same, gone + (not same)
        if 2 * max(there, gone) > len(known):
            break
    return gone > there


def _sample(environment_id: int) -> Sequence[Known]:
    """Return linked contacts that the mirror has, those written last."""
    rows = db.session.execute(
        select(Link.contact_id, MirrorContact.encrypted_id, MirrorContact.address)
        .join(
            MirrorContact,
            (MirrorContact.environment_id == Link.environment_id)
            & (MirrorContact.external_id == Link.contact_id),
        )
        .where(Link.environment_id == environment_id, Link.linked_at.is_not(None))
        .order_by(Link.synced_at.desc(), Link.id)
        .limit(SAMPLE)
    )
    return [(id_, encrypted_id, address) for id_, encrypted_id, address in rows]


def _is_same(found: Contact, encrypted_id: str | None, address: str | None) -> bool:
    """Return whether a contact is the known one; just after a write only its address is known."""
    if encrypted_id is not None:
        return found.encrypted_id == encrypted_id
    return (found.email or "").lower() == (address or "")


def _is_anybody_linked(environment_id: int) -> bool:
    linked = exists().where(Link.environment_id == environment_id, Link.linked_at.is_not(None))
    return bool(db.session.scalar(select(linked)))


def _are_alike(environment_id: int, properties: Collection[str]) -> bool:
    known = set(
        db.session.scalars(
            select(Property.name).where(
                Property.environment_id == environment_id, Property.gone_at.is_(None)
            )
        )
    )
    named = set(properties) | known
    return not known or len(known & set(properties)) >= ALIKE * len(named)
