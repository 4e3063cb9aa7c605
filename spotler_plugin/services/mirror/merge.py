"""Merge a page of contacts into rows of the mirror, in memory; `record` stores them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime

from spotler_plugin.services.consent.sign_off import SignOff
from spotler_plugin.spotler import Contact


@dataclass(slots=True, eq=False)
class MirrorRow:
    """A row of the mirror, with what merging needs of it."""

    id: int | None
    external_id: str | None
    encrypted_id: str | None
    permissions: dict[int, bool]
    observed_at: datetime
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
    sign_offs: list[SignOff] = field(default_factory=list)

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
            own = MirrorRow(None, None, contact.encrypted_id, {}, read_at)
            self.rows.append(own)
        elif own.external_id is not None and own.external_id == external_id:
            self._note_sign_offs(own, contact)
        elif own.external_id is not None:
            del self.by_external[own.external_id]
        own.external_id, own.encrypted_id = external_id, contact.encrypted_id
        own.permissions = dict(contact.permissions)
        own.contact, own.observed_at = contact, read_at
        self._index(own)

    def _give_up(self, holder: MirrorRow) -> None:
        """Clear a row's external id, as another contact has it now; drop a row without any id."""
        if holder.external_id is not None:
            del self.by_external[holder.external_id]
        holder.external_id = None
        holder.removed = holder.encrypted_id is None

    def _note_sign_offs(self, row: MirrorRow, contact: Contact) -> None:
        at = contact.last_changed or datetime.now(UTC)
        self.sign_offs += [
            SignOff(str(row.external_id), bit, at, contact.email or "")
            for bit, was_on in row.permissions.items()
            if was_on and not contact.permissions.get(bit, True)
        ]

    def _index(self, row: MirrorRow) -> None:
        if row.encrypted_id is not None:
            self.by_encrypted[row.encrypted_id] = row
        if row.external_id is not None:
            self.by_external[row.external_id] = row


def external_id_of(contact: Contact) -> str | None:
    """Return the external id, cut to the column's length; ours are never longer."""
    return contact.external_id[:120] if contact.external_id is not None else None
