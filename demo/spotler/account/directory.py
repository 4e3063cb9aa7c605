"""All contacts of the account, found by externalId, address, encryptedId or time of change."""

import base64
import random
from collections.abc import Iterator

from demo.spotler import dates
from demo.spotler.account.changes import Changes
from demo.spotler.account.contacts import Contact
from demo.spotler.account.values import Value


class Directory:
    """The contacts and their indexes; every change of a contact goes through here."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng
        self._by_encrypted: dict[str, Contact] = {}
        self._by_external: dict[str, Contact] = {}
        self._by_email: dict[str, list[Contact]] = {}
        self._newest = 0
        self.changes = Changes()

    def __len__(self) -> int:
        return len(self._by_encrypted)

    def __iter__(self) -> Iterator[Contact]:
        return iter(self._by_encrypted.values())

    def encrypted_id(self) -> str:
        """Return a new id of fifty URL-safe characters (spotler-api.md §10)."""
        return base64.urlsafe_b64encode(self._rng.randbytes(37)).decode().rstrip("=")

    def create(self, external_id: str | None = None, created: int | None = None) -> Contact:
        """Create a contact; its address is set by ``set_property``."""
        moment = dates.now() if created is None else created
        contact = Contact(self.encrypted_id(), moment)
        self._by_encrypted[contact.encrypted_id] = contact
        self.changes.note(contact, moment)
        if external_id is not None:
            self.give_external_id(contact, external_id)
        return contact

    def by_external_id(self, external_id: str) -> Contact | None:
        """Return the contact with this externalId."""
        return self._by_external.get(external_id)

    def by_email(self, address: str) -> list[Contact]:
        """Return the contacts with this address, ignoring case, oldest first."""
        return self._by_email.get(address.lower(), [])

    def find(self, reference: str) -> Contact | None:
        """Return the contact with this externalId, encryptedId or address; for people and tests."""
        found = self._by_external.get(reference) or self._by_encrypted.get(reference)
        return found or next(iter(self.by_email(reference)), None)

    def touch(self, contact: Contact, moment: int | None = None, *, is_update: bool = True) -> None:
        """Record that the contact changed, now or at a given moment.

        `is_update`: whether that shows in updates/list.
        """
        if moment is None:
            moment = self._newest = max(dates.now(), self._newest)
        if is_update:
            self.changes.note(contact, moment)
        else:
            contact.changed = moment

    def give_external_id(self, contact: Contact, external_id: str | None) -> None:
        """Set the externalId; a contact that had it loses it, as it is unique (§7 [D])."""
        if contact.external_id is not None:
            self._by_external.pop(contact.external_id, None)
        if external_id is not None:
            former = self._by_external.get(external_id)
            if former is not None:
                former.external_id = None
            self._by_external[external_id] = contact
        contact.external_id = external_id

    def set_property(self, contact: Contact, name: str, value: Value | None) -> None:
        """Set or remove the value of a property."""
        if name == "email":
            self._move_address(contact, None if value is None else str(value))
        if value is None:
            contact.properties.pop(name, None)
        else:
            contact.properties[name] = value

    def remove(self, contact: Contact) -> None:
        """Remove a contact; Mail+ itself has no such call (§2.1 [D])."""
        self.give_external_id(contact, None)
        self._move_address(contact, None)
        del self._by_encrypted[contact.encrypted_id]
        self.changes.forget(contact)

    def _move_address(self, contact: Contact, address: str | None) -> None:
        old = contact.email.lower()
        if old and contact in self._by_email.get(old, []):
            self._by_email[old].remove(contact)
            if not self._by_email[old]:
                del self._by_email[old]
        if address:
            self._by_email.setdefault(address.lower(), []).append(contact)
