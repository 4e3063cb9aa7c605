"""Merge a page of contacts into rows of the mirror, in memory; `record` stores them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime

from spotler_plugin.planning.consent import EVERYTHING
from spotler_plugin.planning.values.address import address_key
from spotler_plugin.services.consent.seen import Sighting
from spotler_plugin.spotler import Contact

NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(slots=True, eq=False)
class MirrorRow:
    """A row of the mirror, with what merging needs of it."""

    id: int | None
    external_id: str | None
    encrypted_id: str | None
    permissions: dict[int, bool]
    observed_at: datetime
    active: bool = True
    address: str | None = None
    doubted: bool = False
    held: str | None = None
    """The external id that the table has for the row."""
    contact: Contact | None = None
    """The contact that it is to show, if one was read."""
    removed: bool = False


@dataclass(slots=True)
class ContactPage:
    """The rows of the mirror that a page of contacts touches."""

    by_encrypted: dict[str, MirrorRow] = field(default_factory=dict)
    by_external: dict[str, MirrorRow] = field(default_factory=dict)
    rows: list[MirrorRow] = field(default_factory=list)
    sightings: list[Sighting] = field(default_factory=list)
    moves: dict[str, tuple[str, str]] = field(default_factory=dict)
    """Contact to the address that it had, and that it has."""

    def add(self, row: MirrorRow) -> None:
        self.rows.append(row)
        self._index(row)

    def take(self, contact: Contact, read_at: datetime) -> None:
        """Merge one contact, unless its row was written after the contact was read."""
        external_id = external_id_of(contact)
        own = self.by_encrypted.get(contact.encrypted_id)
        holder = self.by_external.get(external_id) if external_id is not None else None
        if own is None and holder is not None and holder.encrypted_id is None:
            # Happens when we created the contact and have not read it since.
            own = holder
        if any(row is not None and row.observed_at > read_at for row in (own, holder)):
            return
        if holder is not None and holder is not own:
            self._give_up(holder)
        if own is None:
            own = MirrorRow(None, None, contact.encrypted_id, {}, NEVER)
            self.rows.append(own)
        elif own.external_id is not None and own.external_id != external_id:
            del self.by_external[own.external_id]
        self._look(own, contact)
        own.external_id, own.encrypted_id = external_id, contact.encrypted_id
        own.permissions, own.active = dict(contact.permissions), contact.active
        own.address, own.doubted = address_of(contact), False
        own.contact, own.observed_at = contact, read_at
        self._index(own)

    def _give_up(self, holder: MirrorRow) -> None:
        """Clear a row's external id, as another contact has it now; drop a row without any id."""
        if holder.external_id is not None:
            del self.by_external[holder.external_id]
        holder.external_id = None
        holder.removed = holder.encrypted_id is None

    def _look(self, row: MirrorRow, contact: Contact) -> None:
        """Note what differs of the row that it was: who signed off, came back, or moved.

        A contact that is seen for the first time, and is closed, signed off before. While a row is
        doubted a write of ours may have switched on, so it tells of nobody who came back.
        """
        now = datetime.now(UTC)
        who = name_of_record(external_id_of(contact), contact.encrypted_id)
        at = min(max(contact.last_changed or now, row.observed_at), now)
        was = {**row.permissions, EVERYTHING: row.active}
        now_is = {**contact.permissions, EVERYTHING: contact.active}
        self.sightings += [
            Sighting(who, bit, enabled, at, contact.email or "")
            for bit, enabled in now_is.items()
            if was.get(bit, enabled) is not enabled and not (enabled and row.doubted)
        ]
        address = address_of(contact)
        if row.address and address and row.address != address:
            self.moves[who] = row.address, address

    def _index(self, row: MirrorRow) -> None:
        if row.encrypted_id is not None:
            self.by_encrypted[row.encrypted_id] = row
        if row.external_id is not None:
            self.by_external[row.external_id] = row


NO_CRM = "~"
"""How the name of a record begins that has no id of the CRM."""


def name_of_record(external_id: str | None, encrypted_id: str | None) -> str:
    """Return whose acts those of a contact are: of its external id, or of an id of no CRM."""
    return external_id if external_id is not None else f"{NO_CRM}{encrypted_id}"[:120]


def address_of(contact: Contact) -> str | None:
    """Return the address as the table has it."""
    return address_key(contact.email) or None


def external_id_of(contact: Contact) -> str | None:
    """Return the external id, cut to the column's length; ours are never longer."""
    return contact.external_id[:120] if contact.external_id is not None else None
