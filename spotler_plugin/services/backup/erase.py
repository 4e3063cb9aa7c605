"""Take a contact out of the backups that there are: its chunks are encrypted anew without it."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Collection, Iterator, Sequence
from typing import Any
from uuid import UUID

from cryptography.exceptions import InvalidTag
from sqlalchemy import Select, select, update

from spotler_plugin.extensions import db
from spotler_plugin.models import Backup, BackupChunk, BackupRefusal, BackupState
from spotler_plugin.planning.backup.contact import BackedUp
from spotler_plugin.services.backup.chunks import NOBODY, place, unpacked
from spotler_plugin.services.backup.rows import chunks_with
from spotler_plugin.services.backup.seal import Seal

AT_ONCE = 500
"""Refused rows that are opened in one transaction."""
UNFINISHED = (BackupState.OPEN, BackupState.UNMATCHED)


def erase_contact(
    environment_id: int, *, external_ids: Collection[str], addresses: Collection[str]
) -> Iterator[int]:
    """Erase the contacts with one of these ids or addresses from every complete backup.

    Yields the number after each chunk, for the caller to commit; may be repeated. Others keep
    their places, which who reads a backup goes by.
    """
    backups = db.session.scalars(
        select(Backup.id).where(
            Backup.environment_id == environment_id, Backup.state == BackupState.COMPLETE
        )
    ).all()
    for backup_id in backups:
        key = db.session.scalar(_backup(environment_id, backup_id).with_only_columns(Backup.key))
        if key is None:
            continue
        seal = Seal(backup_id, key)
        wanted = {seal.digest("id", each) for each in external_ids}
        wanted |= {seal.digest("address", each) for each in addresses}
        for number in chunks_with(environment_id, backup_id, wanted):
            yield _erase(environment_id, backup_id, number, seal, wanted)


def erase_refusals(environment_id: int, tells: Callable[[str], bool]) -> Iterator[int]:
    """Empty the refused values of uploaded files that tell of a contact; yields as above."""
    after = 0
    while True:
        rows = db.session.execute(
            select(BackupRefusal.id, BackupRefusal.backup_id, BackupRefusal.value, Backup.key)
            .join(Backup, Backup.id == BackupRefusal.backup_id)
            .where(BackupRefusal.environment_id == environment_id, BackupRefusal.id > after)
            .order_by(BackupRefusal.id)
            .limit(AT_ONCE)
        ).all()
        if not rows:
            return
        found = 0
        for id_, backup_id, value, key in rows:
            seal = Seal(backup_id, key)
            if tells(_opened(seal, value)):
                own = (BackupRefusal.environment_id == environment_id, BackupRefusal.id == id_)
                empty = {"value": seal.close("refusal", b"")}
                db.session.execute(update(BackupRefusal).where(*own).values(empty))
                found += 1
        after = rows[-1].id
        yield found


def has_unfinished(environment_id: int) -> bool:
    """Return whether a backup is being made, or a file waits: it may hold whom it met before."""
    found = select(Backup.id).where(
        Backup.environment_id == environment_id, Backup.state.in_(UNFINISHED)
    )
    return db.session.scalar(found.limit(1)) is not None


def _erase(
    environment_id: int, backup_id: UUID, number: int, seal: Seal, wanted: Collection[int]
) -> int:
    """Leave a gap in the chunk where each of them was."""
    row = db.session.scalar(
        _backup(environment_id, backup_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    chunk = db.session.scalar(
        select(BackupChunk).where(
            BackupChunk.environment_id == environment_id,
            BackupChunk.backup_id == backup_id,
            BackupChunk.number == number,
        )
    )
    if row is None or chunk is None:
        return 0
    size = len(chunk.content)
    kept = seal.open_json(place(number), chunk.content)
    gone = [at for at, each in enumerate(kept) if each is not None and _is(each, seal, wanted)]
    for at in gone:
        kept[at] = None
    chunk.content = seal.close_json(place(number), kept)
    for name in ("contacts", "external_ids", "addresses"):
        setattr(chunk, name, _without(getattr(chunk, name), gone))
    chunk.count -= len(gone)
    row.found -= len(gone)
    row.size += len(chunk.content) - size
    return len(gone)


def _backup(environment_id: int, backup_id: UUID) -> Select[Backup]:
    return select(Backup).where(
        Backup.environment_id == environment_id,
        Backup.id == backup_id,
        Backup.state == BackupState.COMPLETE,
    )


def _is(kept: Sequence[Any], seal: Seal, wanted: Collection[int]) -> bool:
    contact = BackedUp.from_json(kept)
    by_id = contact.external_id and seal.digest("id", contact.external_id) in wanted
    return bool(by_id or (contact.address and seal.digest("address", contact.address) in wanted))


def _without(digests: bytes, gone: Collection[int]) -> bytes:
    found = array("Q", unpacked(digests))
    for at in gone:
        found[at] = NOBODY
    return found.tobytes()


def _opened(seal: Seal, value: bytes) -> str:
    try:
        return seal.open("refusal", value).decode()
    except InvalidTag:
        # It was tampered with: nobody reads it any more.
        return ""
