"""Ask Spotler for contacts, one at a time."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from spotler_plugin.planning.plan import ADDRESS
from spotler_plugin.planning.state import Observed, strictest
from spotler_plugin.planning.values.address import spellings
from spotler_plugin.services.mirror.read import observed_from
from spotler_plugin.spotler import Contact, InvalidAnswer, SpotlerClient

ENOUGH = 3
"""Contacts that cannot be read, and none that can: then it is not about them."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What Spotler has, as records for the mirror and as one state; of none, no state."""

    contacts: Sequence[Contact] = ()

    @property
    def observed(self) -> Observed | None:
        return strictest([observed_from(contact) for contact in self.contacts])


def look_up(
    spotler: SpotlerClient, contact_id: str, address: str | None, also: Collection[str] = ()
) -> Seen:
    """Return the contact with our id, or else all that have the address."""
    contact = spotler.contacts.get(contact_id)
    if contact is not None:
        return Seen([contact])
    return look_up_address(spotler, address, also=also) if address else Seen()


def look_up_address(
    spotler: SpotlerClient, address: str, but: str | None = None, also: Collection[str] = ()
) -> Seen:
    """Return the contacts that have the address, without the one with the external id `but`.

    `also` are ways in which the mirror has it: whether a search finds an address in other capitals
    is unknown (spotler-api.md §2.2 [U]).
    """
    found = [
        each
        for spelling in dict.fromkeys([*spellings(address), *also])
        for each in spotler.contacts.search(ADDRESS, spelling)
    ]
    return Seen([each for each in found if but is None or each.external_id != but])


def look_up_each(
    contact_ids: Collection[str], look: Callable[[str], Seen], ends: Callable[[], bool]
) -> tuple[dict[str, Seen], set[str]]:
    """Ask for one after the other, until it `ends`; return also those who could not be read.

    Of these the others need not wait; where the first few are all so, nobody is asked any more.
    """
    seen: dict[str, Seen] = {}
    unread: set[str] = set()
    for contact_id in contact_ids:
        try:
            seen[contact_id] = look(contact_id)
        except InvalidAnswer:
            unread.add(contact_id)
        if len(unread) >= ENOUGH and not seen:
            return seen, set(contact_ids)
        if ends():
            break
    return seen, unread


def contacts_of(found: Iterable[Seen]) -> list[Contact]:
    """Return the records of all these, for the mirror."""
    return [contact for seen in found for contact in seen.contacts]


def states_of(found: Mapping[str, Seen]) -> dict[str, Observed]:
    """Return the state of each that Spotler has."""
    return {id_: state for id_, seen in found.items() if (state := seen.observed) is not None}
