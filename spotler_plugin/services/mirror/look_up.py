"""Ask Spotler for one contact."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from spotler_plugin.planning.plan import ADDRESS
from spotler_plugin.planning.state import Observed, strictest
from spotler_plugin.planning.values.address import spellings
from spotler_plugin.services.mirror.read import observed_from
from spotler_plugin.spotler import Contact, SpotlerClient


@dataclass(frozen=True, slots=True)
class Seen:
    """What Spotler has, as records for the mirror and as one state; of none, no state."""

    contacts: Sequence[Contact] = ()

    @property
    def observed(self) -> Observed | None:
        return strictest([observed_from(contact) for contact in self.contacts])


def look_up(spotler: SpotlerClient, contact_id: str, address: str | None) -> Seen:
    """Return the contact with our id, or else all that have the address."""
    contact = spotler.contacts.get(contact_id)
    if contact is not None:
        return Seen([contact])
    return look_up_address(spotler, address) if address else Seen()


def look_up_address(spotler: SpotlerClient, address: str, but: str | None = None) -> Seen:
    """Return the contacts that have the address, without the one with the external id `but`."""
    found = [
        each
        for spelling in spellings(address)
        for each in spotler.contacts.search(ADDRESS, spelling)
    ]
    return Seen([each for each in found if but is None or each.external_id != but])
