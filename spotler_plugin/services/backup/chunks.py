"""Keep contacts in chunks: each contact once, in memory that does not grow with the contacts."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, insert, select

from spotler_plugin.extensions import db
from spotler_plugin.models import Backup, BackupChunk
from spotler_plugin.planning.backup.contact import BackedUp
from spotler_plugin.services.backup.seal import Seal
from spotler_plugin.services.consent.erased import find_erased

CHUNK = 250
"""Contacts; a few milliseconds to open, and compressed about as well as more would be."""
NOBODY = 0
"""The digest of an id or address that a contact does not have."""


class Chunks:
    """The chunks of a backup that is being made; a worker makes one of these for each turn."""

    def __init__(self, row: Backup) -> None:
        self._seal = Seal(row.id, row.key)
        self._known = _known(row.environment_id, row.id)

    def knows(self, digest: int) -> bool:
        """Return whether the backup has a contact with this digest already."""
        return digest in self._known

    def add(self, row: Backup, contacts: Iterable[BackedUp]) -> None:
        """Add those that are not there yet, and count them on the row. The caller commits.

        Whoever was erased is left out: the backup is not to bring anybody back.
        """
        new: dict[int, BackedUp] = {}
        for contact in _without_erased(row.environment_id, list(contacts)):
            digest = self.digest_of(contact)
            if digest not in self._known:
                new.setdefault(digest, contact)
        row.layout = row.layout.widened(new.values())
        listed = list(new.values())
        rows: list[dict[str, Any]] = []
        for start in range(0, len(listed), CHUNK):
            row.chunks += 1
            rows.append(self._chunk(row, listed[start : start + CHUNK]))
        if rows:
            # Past the session, which would keep them all.
            db.session.connection().execute(insert(BackupChunk), rows)
        row.found += len(listed)
        row.size += sum(len(each["content"]) for each in rows)
        row.progress_at = datetime.now(UTC)
        self._known |= new.keys()

    def _chunk(self, row: Backup, contacts: Sequence[BackedUp]) -> dict[str, Any]:
        digest = self._seal.digest
        return {
            "environment_id": row.environment_id,
            "backup_id": row.id,
            "number": row.chunks,
            "count": len(contacts),
            "content": self._seal.close_json(
                place(row.chunks), [each.to_json() for each in contacts]
            ),
            "contacts": packed(self.digest_of(each) for each in contacts),
            "external_ids": packed(
                digest("id", each.external_id) if each.external_id else NOBODY for each in contacts
            ),
            "addresses": packed(
                digest("address", each.address) if each.address else NOBODY for each in contacts
            ),
        }

    def digest_of(self, contact: BackedUp) -> int:
        """Return by what a contact is known to be there already: the surest id that it has."""
        if contact.encrypted_id:
            return self._seal.digest("contact", contact.encrypted_id)
        if contact.external_id:
            return self._seal.digest("contact by id", contact.external_id)
        return self._seal.digest("contact by address", contact.address or "")


def _without_erased(environment_id: int, contacts: Sequence[BackedUp]) -> list[BackedUp]:
    ids = {each.external_id for each in contacts if each.external_id}
    addresses = {each.address for each in contacts if each.address}
    erased = find_erased(environment_id, ids, addresses)
    return [each for each in contacts if not erased.has(each.external_id, [each.address])]


def place(number: int) -> str:
    """Return where a chunk belongs, as it is sealed."""
    return f"chunk {number}"


def packed(digests: Iterable[int]) -> bytes:
    return array("Q", digests).tobytes()


def unpacked(digests: bytes) -> Sequence[int]:
    found = array("Q")
    found.frombytes(digests)
    return found


def adds_up(row: Backup) -> bool:
    """Return whether all chunks are there, with as many contacts as the row says."""
    chunks, contacts = db.session.execute(
        select(func.count(), func.coalesce(func.sum(BackupChunk.count), 0)).where(
            BackupChunk.environment_id == row.environment_id, BackupChunk.backup_id == row.id
        )
    ).one()
    return (chunks, contacts) == (row.chunks, row.found)


def drop_chunks(environment_id: int, backup_id: UUID) -> None:
    """Delete the contacts of a backup that is not to be used."""
    db.session.execute(
        delete(BackupChunk).where(
            BackupChunk.environment_id == environment_id, BackupChunk.backup_id == backup_id
        ),
        execution_options={"synchronize_session": False},
    )


def _known(environment_id: int, backup_id: UUID) -> set[int]:
    rows = db.session.scalars(
        select(BackupChunk.contacts).where(
            BackupChunk.environment_id == environment_id, BackupChunk.backup_id == backup_id
        )
    )
    return {digest for each in rows for digest in unpacked(each)}
