"""Ask Spotler for one contact."""

from __future__ import annotations

from spotler_plugin.planning.plan import ADDRESS
from spotler_plugin.spotler import Contact, SpotlerClient


def look_up(spotler: SpotlerClient, contact_id: str, address: str | None) -> Contact | None:
    """Return the contact with our id, or else one with the address, or None.

    Of several with the address, one that has an external id goes first: a person must see it,
    because a write could move its id (spotler-api.md §7).
    """
    contact = spotler.contacts.get(contact_id)
    if contact is not None or not address:
        return contact
    hits = spotler.contacts.search(ADDRESS, address)
    return min(hits, key=lambda hit: hit.external_id is None, default=None)
