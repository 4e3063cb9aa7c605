"""What a person signed off from, and who says so."""

from __future__ import annotations

from spotler_plugin.models import Act
from spotler_plugin.planning import consent
from spotler_plugin.services.catalogue.permissions import listed_permissions
from spotler_plugin.services.consent.history import read_histories
from spotler_plugin.services.consent.person import Addresses


def last_sign_offs(environment_id: int, addresses: Addresses) -> dict[tuple[str, int], Act]:
    """Return contact and bit to the newest act by which it stays off for this person.

    Who signed off from everything did so from each permission.
    """
    histories = read_histories(environment_id, addresses)
    found: dict[tuple[str, int], Act] = {}
    if not histories.acts:
        return found
    for permission in listed_permissions(environment_id):
        for contact_id in addresses:
            own, others = histories.of(contact_id)
            offs = consent.standing_offs(permission.bit, own, others)
            if offs:
                last = max(offs, key=lambda each: (each.at, each.id))
                found[contact_id, permission.bit] = histories.acts[last.id]
    return found
