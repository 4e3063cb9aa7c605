"""Read the contacts of a complete backup; of one that is being made, or failed, there are none.

A place is the number of a chunk and a contact's position in it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, and_, select

from spotler_plugin.extensions import db
from spotler_plugin.models import Backup, BackupChunk, BackupState
from spotler_plugin.planning.backup.contact import FORMAT, BackedUp, UnknownFormat
from spotler_plugin.planning.values.address import address_key
from spotler_plugin.services.backup.chunks import packed, place, unpacked
from spotler_plugin.services.backup.seal import Seal


class Place(NamedTuple):
    chunk: int
    at: int


BEGINNING = Place(0, 0)
FEW = 20
"""Digests that are looked for one after the other."""
AT_ONCE = 50
"""Chunks that are read at once."""


class NoBackup(Exception):
    """There is no complete backup with this id in the environment."""


def read_contacts(
    environment_id: int, backup_id: UUID, *, after: Place = BEGINNING
) -> Iterator[tuple[Place, BackedUp]]:
    """Yield the contacts in their order, one chunk in memory at a time.

    Raises NoBackup, and UnknownFormat. Each chunk is read by a query of its own, in the
    transaction of the caller, who may end it between two contacts.
    """
    seal = _seal_of(environment_id, backup_id)
    number = max(after.chunk, 1)
    while (content := _content(environment_id, backup_id, number)) is not None:
        kept = seal.open_json(place(number), content)
        for at, each in enumerate(kept, start=1):
            # Of one that was erased there is a gap.
            if (number, at) > after and each is not None:
                yield Place(number, at), BackedUp.from_json(each)
        number += 1


def find_contacts(
    environment_id: int,
    backup_id: UUID,
    *,
    external_ids: Collection[str] = (),
    addresses: Collection[str] = (),
    encrypted_ids: Collection[str] = (),
) -> list[BackedUp]:
    """Return the contacts with one of these ids, ours or Spotler's own, or of these addresses.

    Addresses are compared by their keys; several contacts may have one. Raises NoBackup, and
    UnknownFormat.
    """
    seal = _seal_of(environment_id, backup_id)
    ids, keys = set(external_ids), {address_key(each) for each in addresses} - {""}
    theirs = set(encrypted_ids)
    wanted = {seal.digest("id", each) for each in ids}
    wanted |= {seal.digest("address", each) for each in keys}
    wanted |= {seal.digest("contact", each) for each in theirs}
    places = _places_with(environment_id, backup_id, wanted)
    return [
        contact
        for contact in _opened(seal, environment_id, backup_id, places)
        if contact.external_id in ids or contact.encrypted_id in theirs or contact.address in keys
    ]


def chunks_with(environment_id: int, backup_id: UUID, digests: Collection[int]) -> list[int]:
    """Return the numbers of the chunks that have one of these digests."""
    return list(_places_with(environment_id, backup_id, digests))


def _places_with(
    environment_id: int, backup_id: UUID, digests: Collection[int]
) -> dict[int, Sequence[int]]:
    """Return by chunk at which positions it has one of these digests."""
    if not digests:
        return {}
    rows = db.session.execute(
        select(
            BackupChunk.number,
            BackupChunk.contacts,
            BackupChunk.external_ids,
            BackupChunk.addresses,
        )
        .where(_of(environment_id, backup_id))
        .order_by(BackupChunk.number)
    )
    every = frozenset(digests)
    few = [packed([each]) for each in digests] if len(every) <= FEW else []
    found = {number: _positions(columns, few, every) for number, *columns in rows}
    return {number: places for number, places in found.items() if places}


def _positions(
    columns: Sequence[bytes], few: Collection[bytes], every: frozenset[int]
) -> list[int]:
    """Return where one of `every` is; `few` are the same, where it is quicker to look for each."""
    return sorted(
        {
            at
            for column in columns
            if (any(_has(column, each) for each in few) if few else _share(column, every))
            for at, digest in enumerate(unpacked(column))
            if digest in every
        }
    )


def _share(column: bytes, every: frozenset[int]) -> bool:
    return not every.isdisjoint(unpacked(column))


def _has(digests: bytes, wanted: bytes) -> bool:
    """Return whether a digest is among these: quicker than to unpack them, for a few."""
    at = digests.find(wanted)
    while at > 0 and at % len(wanted):
        at = digests.find(wanted, at + 1)
    return at >= 0


def _opened(
    seal: Seal, environment_id: int, backup_id: UUID, places: Mapping[int, Sequence[int]]
) -> Iterator[BackedUp]:
    """Yield the contacts at these positions, by chunk: of the others nothing is made."""
    numbers = list(places)
    for start in range(0, len(numbers), AT_ONCE):
        rows = db.session.execute(
            select(BackupChunk.number, BackupChunk.content)
            .where(
                _of(environment_id, backup_id),
                BackupChunk.number.in_(numbers[start : start + AT_ONCE]),
            )
            .order_by(BackupChunk.number)
        ).all()
        for number, content in rows:
            kept = seal.open_json(place(number), content)
            yield from (BackedUp.from_json(kept[at]) for at in places[number] if kept[at])


def _seal_of(environment_id: int, backup_id: UUID) -> Seal:
    found = db.session.execute(
        select(Backup.key, Backup.format).where(
            Backup.environment_id == environment_id,
            Backup.id == backup_id,
            Backup.state == BackupState.COMPLETE,
        )
    ).one_or_none()
    if found is None:
        raise NoBackup
    key, format_ = found
    if format_ > FORMAT:
        raise UnknownFormat
    return Seal(backup_id, key)


def _content(environment_id: int, backup_id: UUID, number: int) -> bytes | None:
    return db.session.scalar(
        select(BackupChunk.content).where(
            _of(environment_id, backup_id), BackupChunk.number == number
        )
    )


def _of(environment_id: int, backup_id: UUID) -> ColumnElement[bool]:
    return and_(BackupChunk.environment_id == environment_id, BackupChunk.backup_id == backup_id)
