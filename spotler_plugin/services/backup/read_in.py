"""Make a backup of the rows of a file, turn by turn; which are refused is kept with the reason."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import islice
from uuid import UUID

from sqlalchemy import insert, or_, select

from spotler_plugin.extensions import db, snapshot
from spotler_plugin.models import Backup, BackupRefusal, MirrorContact
from spotler_plugin.planning.backup.contact import BackedUp
from spotler_plugin.planning.backup.damage import damage_of_id, shadow
from spotler_plugin.planning.backup.fault import Fault, Refused
from spotler_plugin.planning.backup.reading import Candidate, RowReader
from spotler_plugin.planning.reason import Reason
from spotler_plugin.services.backup.chunks import Chunks
from spotler_plugin.services.backup.pieces import Unreadable, Uploaded, drop_pieces
from spotler_plugin.services.backup.seal import Seal
from spotler_plugin.services.backup.turn import (
    Turn,
    claim_backup,
    complete_backup,
    fail_backup,
    release_backup,
    watched,
)
from spotler_plugin.sql import among

TURN_SECONDS = 10.0
AT_ONCE = 500
"""Rows of one transaction."""
MOST_REFUSALS = 5000
"""Refused rows that are kept; all are counted."""
SHOWN = 120
"""Characters of a refused value."""


@dataclass(frozen=True, slots=True)
class _Read:
    """What became of some rows."""

    contacts: list[BackedUp]
    refused: list[tuple[int, Refused]]
    rows: int


def advance_upload(
    environment_id: int, backup_id: UUID, gives_way: Callable[[], bool] = lambda: False
) -> bool:
    """Take a turn; True when there is more to do now, False when it is over."""
    turn = claim_backup(environment_id, backup_id)
    if turn is None:
        return False
    with watched(turn):
        try:
            return _read(turn, gives_way)
        except Unreadable:
            db.session.rollback()
            if row := turn.held():
                fail_backup(row, Reason.FILE_UNREADABLE)
            db.session.commit()
    return False


def _read(turn: Turn, gives_way: Callable[[], bool]) -> bool:
    end = time.monotonic() + TURN_SECONDS
    row = turn.held()
    if row is None:
        db.session.commit()
        return False
    reader = RowReader((row.matching or {}).get("columns", []), row.layout)
    chunks, shadows = Chunks(row), _shadows(row.environment_id)
    lines, done = Uploaded.of(row).rows(), row.rows
    db.session.commit()
    headings = next(lines, [])
    for _row in islice(lines, done):
        pass
    while True:
        cells = list(islice(lines, AT_ONCE))
        db.session.rollback()
        if row := turn.held():
            if cells:
                _keep(row, chunks, headings, _judged(row, reader, cells, shadows, chunks))
            else:
                complete_backup(row)
                drop_pieces(row.environment_id, row.id)
        db.session.commit()
        if row is None or not cells:
            return False
        if time.monotonic() > end or gives_way():
            return release_backup(turn)


def _judged(
    row: Backup,
    reader: RowReader,
    cells: Sequence[Sequence[str]],
    shadows: frozenset[str],
    chunks: Chunks,
) -> _Read:
    """Read rows; of each id is seen whether it can have been another one."""
    candidates: dict[int, Candidate] = {}
    refused: list[tuple[int, Refused]] = []
    # As a spreadsheet counts, with the headings in row 1.
    for number, each in enumerate(cells, start=row.rows + 2):
        try:
            if candidate := reader.read(each):
                candidates[number] = candidate
        except Refused as refusal:
            refused.append((number, refusal))
    ids = {each.contact.external_id for each in candidates.values()}
    known = _known(row.environment_id, {id_ for id_ in ids if id_})
    contacts: list[BackedUp] = []
    met: set[int] = set()
    for number, candidate in candidates.items():
        contact = candidate.contact
        id_, who = contact.external_id, chunks.digest_of(contact)
        fault = damage_of_id(id_, known, shadows) if id_ and not candidate.id_exact else None
        if fault is not None:
            refused.append((number, Refused(fault, candidate.id_column, id_ or "")))
        elif who in met or chunks.knows(who):
            refused.append((number, Refused(Fault.DOUBLED, candidate.id_column, id_ or "")))
        else:
            met.add(who)
            contacts.append(contact)
    return _Read(contacts, refused, len(cells))


def _keep(row: Backup, chunks: Chunks, headings: Sequence[str], read: _Read) -> None:
    chunks.add(row, read.contacts)
    seal = Seal(row.id, row.key)
    room = max(MOST_REFUSALS - row.skipped, 0)
    refusals = [
        {
            "environment_id": row.environment_id,
            "backup_id": row.id,
            "row": number,
            "heading": headings[each.column] if each.column is not None else "",
            "fault": each.fault,
            "value": seal.close("refusal", each.value[:SHOWN].encode()),
        }
        for number, each in sorted(read.refused, key=lambda pair: pair[0])[:room]
    ]
    if refusals:
        db.session.connection().execute(insert(BackupRefusal), refusals)
    row.skipped += len(read.refused)
    row.rows += read.rows
    row.attempts, row.reason = 0, None


def _known(environment_id: int, ids: set[str]) -> set[str]:
    rows = db.session.scalars(
        select(MirrorContact.external_id).where(
            MirrorContact.environment_id == environment_id, among(MirrorContact.external_id, ids)
        )
    )
    return {id_ for id_ in rows if id_}


def _shadows(environment_id: int) -> frozenset[str]:
    """Return what a spreadsheet makes of the account's ids that it does not leave alone."""
    column = MirrorContact.external_id
    with snapshot():
        rows = db.session.scalars(
            select(column).where(
                MirrorContact.environment_id == environment_id,
                or_(column.like("0%"), column.ilike("%e%")),
            )
        )
        found = frozenset(made for id_ in rows if id_ and (made := shadow(id_)))
    return found
