"""Ask Spotler for one contact."""

from __future__ import annotations

from spotler_plugin.planning.plan import ADDRESS
from spotler_plugin.spotler import Contact, SpotlerClient


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
