"""Contacts: read, follow what changed, change fields, record an opt-out in the CRM."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from spotler_plugin.crm.answer import unexpected
from spotler_plugin.crm.contact import CrmContact, id_in, read_contact
from spotler_plugin.crm.errors import InvalidAnswer, NotFound, Refused
from spotler_plugin.crm.paging import pages
from spotler_plugin.crm.shapes import ids, listed, rows
from spotler_plugin.crm.transport import Transport
from spotler_plugin.rest.shapes import in_utc, text, word

__all__ = [
    "BEGINNING",
    "MAX_CONTACTS",
    "ChangedPage",
    "ContactBatch",
    "Contacts",
    "CrmContact",
    "PatchResult",
]

MAX_CONTACTS = 100
"""Most contacts in one call of `get_many` or `patch`."""
DEFAULT_LIMIT = 500
BEGINNING = datetime(2000, 1, 1, tzinfo=UTC)
"""Earlier than anything in a CRM: all its contacts changed since."""


@dataclass(frozen=True, slots=True)
class ContactBatch:
    """The contacts that were asked for, by id, and the ids that the CRM does not have."""

    contacts: dict[str, CrmContact]
    missing: frozenset[str]
    unreadable: frozenset[str] = frozenset()
    """Ids of contacts that are not of the contract's form: the others must not wait for them."""


@dataclass(frozen=True, slots=True)
class ChangedPage:
    """Some contacts that changed, and where the next page begins; None after the last."""

    contacts: list[CrmContact]
    next: str | None


@dataclass(frozen=True, slots=True)
class PatchResult:
    """The ids that were changed, and for those that were not the CRM's reason."""

    updated: frozenset[str]
    failed: dict[str, str]


class Contacts:
    """The contacts of one environment. Every method raises CrmError."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def get_many(self, contact_ids: Collection[str]) -> ContactBatch:
        """Read up to 100 contacts; ValueError for more.

        A contact that the answer does not mention counts as missing, unless a row without an id may
        be of it; one that was not requested is dropped. InvalidAnswer when none can be read.
        """
        wanted = _checked(contact_ids)
        if not wanted:
            return ContactBatch({}, frozenset())
        answer = self._transport.get("contacts", params={"ids": ",".join(wanted)})
        contacts: dict[str, CrmContact] = {}
        unreadable: set[str] = set()
        found = {id_in(raw): raw for raw in listed(answer, "contacts", "GET contacts")}
        for contact_id in found.keys() & set(wanted):
            try:
                contacts[contact_id] = read_contact(found[contact_id], "GET contacts")
            except InvalidAnswer:
                unreadable.add(contact_id)
        if (unreadable or "" in found) and not contacts:
            # Not odd contacts, but an answer of another form.
            raise unexpected("GET contacts", writes=False)
        missing = frozenset(wanted) - found.keys()
        if "" in found:
            said = answer.get("missing")
            gone = missing.intersection(map(word, said if isinstance(said, list) else ()))
            unreadable |= missing - gone
            missing = gone
        return ContactBatch(contacts, missing, frozenset(unreadable))

    def changed_since(
        self, since: datetime, *, limit: int = DEFAULT_LIMIT, after: str | None = None
    ) -> Iterator[ChangedPage]:
        """Yield pages, of `limit` at most, of the contacts that changed since a moment.

        Contacts that cannot be read are left out; InvalidAnswer when none of a page can.
        `after` is where an earlier read with the same moment and limit ended.
        """
        params: dict[str, str | int] = {"changed_since": in_utc(since).isoformat(), "limit": limit}
        if after is not None:
            params["after"] = after
        for answer in pages(self._transport, "contacts", params=params):
            found = listed(answer, "contacts", "GET contacts")
            yield ChangedPage(_readable(found), text(answer.get("next")) or None)

    def patch(
        self,
        contact_ids: Collection[str],
        changes: Mapping[str, Any],
        *,
        replace_keywords: bool = False,
        idempotency_key: str,
    ) -> PatchResult:
        """Set the same values on up to 100 contacts; ValueError for more.

        The values are ready for JSON. Repeating it with the same key changes nothing. A contact
        that the answer does not mention counts as failed.
        """
        wanted = _checked(contact_ids)
        body = {
            "ids": wanted,
            "changes": dict(changes),
            "replace_keywords": replace_keywords,
        }
        answer = self._transport.patch("contacts", body=body, idempotency_key=idempotency_key)
        failed = {
            text(raw.get("id")): text(raw.get("reason"))
            for raw in rows(answer, "failed", "PATCH contacts", writes=True)
        }
        told = ids(answer, "updated", "PATCH contacts", writes=True)
        updated = frozenset(wanted).intersection(told) - failed.keys()
        return PatchResult(
            updated, {each: failed.get(each, "") for each in wanted if each not in updated}
        )

    def record_opt_out(
        self,
        contact_id: str,
        *,
        permission: str,
        at: datetime,
        source: str,
        idempotency_key: str,
    ) -> bool:
        """Record in the CRM an opt-out that was seen in Spotler.

        False when the CRM does not know the contact or does not offer this call: it is optional.
        """
        body = {"permission": permission, "at": in_utc(at).isoformat(), "source": source}
        try:
            self._transport.post(
                "contacts/{}/opt-outs", contact_id, body=body, idempotency_key=idempotency_key
            )
        except NotFound:
            return False
        except Refused as error:
            if error.status == 405:
                return False
            raise
        return True


def _readable(found: Collection[Any]) -> list[CrmContact]:
    contacts: list[CrmContact] = []
    for raw in found:
        try:
            contacts.append(read_contact(raw, "GET contacts"))
        except InvalidAnswer:
            continue
    if found and not contacts:  # Not odd contacts, but an answer of another form.
        raise unexpected("GET contacts", writes=False)
    return contacts


def _checked(contact_ids: Collection[str]) -> list[str]:
    wanted = list(dict.fromkeys(contact_ids))
    if len(wanted) > MAX_CONTACTS:
        raise ValueError(f"At most {MAX_CONTACTS} contacts go in one call.")
    if any(not each or "," in each for each in wanted):
        raise ValueError("An id of a contact is empty or holds a comma.")
    return wanted
