"""What the account offers, read again when Spotler refuses something that it may have lost."""

from __future__ import annotations

from sqlalchemy import select

from spotler_plugin.extensions import db, snapshot
from spotler_plugin.models import Permission, Property
from spotler_plugin.planning.offer import Offer
from spotler_plugin.services.catalogue.due import is_read_within
from spotler_plugin.services.catalogue.entries import labels_of, stored_entries
from spotler_plugin.services.catalogue.fetch import fetch_properties
from spotler_plugin.services.catalogue.store import PERMISSIONS, store_properties
from spotler_plugin.spotler import SpotlerClient

RECENT = 300.0
"""Seconds; a catalogue this old is believed when Spotler refuses a value for another reason."""


def current_offer(environment_id: int, spotler: SpotlerClient, *, doubted: bool) -> Offer:
    """Return what the account offers; `doubted`: Spotler says that something is not there.

    Reads it from Spotler unless it was read lately and is not doubted. Commits; raises
    SpotlerError.
    """
    with snapshot():
        recent = is_read_within(environment_id, RECENT)
    takes_permissions = True
    if doubted or not recent:
        properties = fetch_properties(spotler)
        takes_permissions = any(each.name == PERMISSIONS for each in properties)
        store_properties(environment_id, properties)
        db.session.commit()
    with snapshot():
        offer = stored_offer(environment_id)
    return offer if takes_permissions else offer.without_permissions()


def stored_offer(environment_id: int) -> Offer:
    """Return what the account offers, as it was last read."""
    properties = db.session.execute(
        select(Property.name, Property.description, Property.gone_at).where(
            Property.environment_id == environment_id
        )
    ).all()
    permissions = db.session.execute(
        select(Permission.bit, Permission.description, Permission.gone_at).where(
            Permission.environment_id == environment_id
        )
    ).all()
    entries = stored_entries(environment_id)
    return Offer(
        {name: label for name, label, gone_at in properties if gone_at is None},
        {bit: label for bit, label, gone_at in permissions if gone_at is None},
        {name: label for name, label, gone_at in properties if gone_at is not None},
        {bit: label for bit, label, gone_at in permissions if gone_at is not None},
        {name: labels_of(each, gone=False) for name, each in entries.items()},
        {name: labels_of(each, gone=True) for name, each in entries.items()},
    )
