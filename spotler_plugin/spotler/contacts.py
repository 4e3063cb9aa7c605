"""Contacts: read, search, write, and follow what changed (spotler-api.md §2.1, §2.2)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from spotler_plugin.rest.shapes import maps, text
from spotler_plugin.spotler.contact import Bounce, BounceKind, Contact, read_bounce, read_contact
from spotler_plugin.spotler.contact_write import (
    ContactWrite,
    SaveCode,
    SaveResult,
    read_results,
)
from spotler_plugin.spotler.errors import InvalidAnswer, NotFound
from spotler_plugin.spotler.paging import pages
from spotler_plugin.spotler.shapes import sent_moment
from spotler_plugin.spotler.transport import Transport

__all__ = [
    "MAX_SAVE",
    "Bounce",
    "BounceKind",
    "Contact",
    "ContactWrite",
    "Contacts",
    "SaveCode",
    "SaveResult",
]

MAX_SAVE = 100
"""Contacts in one `save_many` (§6 [D])."""
MAX_PAGE = 10_000
DEFAULT_PAGE = 1000


class Contacts:
    """The contacts of one account. Every method raises SpotlerError."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def get(self, external_id: str) -> Contact | None:
        """Return the contact, or None if Spotler does not know the id."""
        try:
            answer = self._transport.get("contact/{}", external_id)
        except NotFound as error:
            if error.of_contact:
                return None
            raise
        return read_contact(answer, "GET contact/{}")

    def search(self, property_name: str, value: str) -> list[Contact]:
        """Return the contacts whose property has exactly this value.

        One criterion is all that is known to work (§2.2 [C]). How Spotler compares is unknown [U],
        so each hit is compared here: addresses ignoring case, other values exactly. One that cannot
        be read is in the way only where it may be the one that is looked for.
        """
        if not property_name or "=" in property_name or not value:
            raise ValueError("A search names one property and its value.")
        path = "contact/search"
        params: dict[str, str | int] = {
            "MPSearchQuery": f"{property_name}={value}",
            "pageSize": DEFAULT_PAGE,
        }
        return [
            contact
            for page in pages(
                self._transport, path, rows="contacts", size=DEFAULT_PAGE, params=params
            )
            for each in page
            if _may_match(each, property_name, value)
            for contact in (read_contact(each, f"GET {path}"),)
            if _matches(contact, property_name, value)
        ]

    def save(self, write: ContactWrite, *, purge: bool = False) -> None:
        """Create or update one contact; with `purge` what is not named is emptied.

        May be repeated. Raises Refused (INVALID_PROPERTY and the like) and ContactOptedOut.
        """
        body = {"update": True, "purge": purge, "contact": write.as_json()}
        self._transport.post("contact", body=body)

    def save_many(self, writes: Sequence[ContactWrite]) -> dict[str, SaveResult]:
        """Create or update up to 100 contacts; returns a result for each external id.

        May be repeated. Raises ValueError for more than 100, or for one contact twice: which of
        the two would win is unknown (§2.1 [U]).
        """
        if len(writes) > MAX_SAVE:
            raise ValueError(f"At most {MAX_SAVE} contacts can be written in one call.")
        if len({write.external_id for write in writes}) < len(writes):
            raise ValueError("One contact is in the list twice.")
        if not writes:
            return {}
        contacts = [write.as_json() for write in writes]
        body = {"update": True, "purge": False, "contacts": contacts}
        return read_results(self._transport.post("contact/list", body=body), writes)

    def replace(self, write: ContactWrite) -> None:
        """Make an existing contact exactly this: what is not named is emptied.

        Assume that permissions that are not named go off as well (§12 [U]). May be repeated.
        Raises NotFound when Spotler does not know the contact: nothing is created.
        """
        body = {"purge": True, "contact": write.as_json()}
        self._transport.put("contact/{}", write.external_id, body=body)

    def inactivate(self, external_id: str) -> bool:
        """Close the contact's channels; False if Spotler does not know it. May be repeated.

        No call is known that opens them again (§4).
        """
        try:
            self._transport.put("contact/inactivate/{}", external_id)
        except NotFound as error:
            if error.of_contact:
                return False
            raise
        return True

    def anonymise(self, external_id: str) -> bool:
        """Let Spotler wipe the contact's data; False if it does not know it. May be repeated.

        The record stays; whether its id still answers is unknown (§4 [U]).
        """
        try:
            self._transport.put("contact/anonymize/{}", external_id)
        except NotFound as error:
            if error.of_contact:
                return False
            raise
        return True

    def updates(
        self, since: datetime, until: datetime, *, page_size: int = DEFAULT_PAGE
    ) -> Iterator[list[Contact | None]]:
        """Yield pages of the contacts that changed between two moments, in no promised order.

        None is a contact that cannot be read: the others must not wait for it.
        Whether the bounds are included, and whether contacts move between pages while we read, is
        unknown (§5 [U]): let periods overlap, and expect a contact more than once.
        """
        path = "contact/updates/list"
        params = _period(since, until, page_size)
        for page in pages(self._transport, path, rows="contacts", size=page_size, params=params):
            yield [_readable(each, f"GET {path}") for each in page]

    def bounces(
        self, since: datetime, until: datetime, *, page_size: int = DEFAULT_PAGE
    ) -> Iterator[list[Bounce]]:
        """Yield pages of the bounces between two moments; the caveats of `updates` apply."""
        path = "contact/bounces/list"
        params = _period(since, until, page_size)
        for page in pages(self._transport, path, rows="bounces", size=page_size, params=params):
            yield [read_bounce(each) for each in maps(page)]


def _period(since: datetime, until: datetime, page_size: int) -> dict[str, str | int]:
    if not 1 <= page_size <= MAX_PAGE:
        raise ValueError(f"A page holds 1 to {MAX_PAGE} contacts.")
    # Sent in whole seconds; the end is rounded up, so that nothing is cut off.
    end = until + timedelta(microseconds=999_999)
    return {"fromDate": sent_moment(since), "toDate": sent_moment(end), "pageSize": page_size}


def _readable(raw: Any, endpoint: str) -> Contact | None:
    try:
        return read_contact(raw, endpoint)
    except InvalidAnswer:
        return None


def _may_match(raw: Any, name: str, value: str) -> bool:
    """Return whether a hit may be one, as far as its value can be seen."""
    properties = raw.get("properties") if isinstance(raw, dict) else None
    found = properties.get(name) if isinstance(properties, dict) else None
    return not isinstance(found, str) or found.casefold() == value.casefold()


def _matches(contact: Contact, name: str, value: str) -> bool:
    found = contact.external_id if name == "externalId" else contact.properties.get(name)
    if name == "email":
        return text(found).casefold() == value.casefold()
    return text(found) == value
