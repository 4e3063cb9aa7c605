"""Take in a file that somebody has: keep it in pieces, and see what its columns may be.

The file is never in memory as a whole, and stands nowhere unencrypted that we write. Until all of
it is there the backup counts as failed: whatever ends the upload, half a file is none.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import islice
from typing import IO

from sqlalchemy import insert, select

from spotler_plugin.extensions import db
from spotler_plugin.models import Backup, BackupCause, BackupPiece, BackupState
from spotler_plugin.planning.backup.cells import read as cell
from spotler_plugin.planning.backup.layout import Column, Form, Layout
from spotler_plugin.planning.backup.sheet import normal, sheet
from spotler_plugin.planning.reason import Reason
from spotler_plugin.planning.values.parse import text
from spotler_plugin.services.actor import Actor
from spotler_plugin.services.backup.encoding import Encoding
from spotler_plugin.services.backup.pieces import (
    EXAMPLES,
    PIECE,
    Unreadable,
    Uploaded,
    drop_pieces,
)
from spotler_plugin.services.backup.request import request_backup
from spotler_plugin.services.backup.retention import UNMATCHED_KEPT
from spotler_plugin.services.backup.seal import Seal

MOST_COLUMNS = 2000
CONTROL = re.compile("[\x00-\x08\x0e-\x1f]")


@dataclass(frozen=True, slots=True)
class Head:
    """The headings of a file, and the first cells beneath each."""

    headings: Sequence[str]
    keys: Sequence[str]
    """What each column is, as far as its heading tells; "" is not recognised."""
    examples: Sequence[Sequence[str]]
    """Of each column."""


def receive(environment_id: int, actor: Actor, name: str, file: IO[bytes]) -> Backup:
    """Keep a file. Commits. Raises Unreadable, after recording it, for what is no table."""
    # A sign that turns the order of letters around makes another name of it.
    row = request_backup(environment_id, BackupCause.PERSON, actor, file_name=text(name))
    row.state, row.reason = BackupState.FAILED, Reason.FILE_CUT
    # Whoever sends it may vanish, and whoever sent it not come back.
    row.expires_at = row.created_at + UNMATCHED_KEPT
    db.session.commit()
    guess, seal, lines = Encoding(), Seal(row.id, row.key), 0
    for number, content in enumerate(iter(lambda: file.read(PIECE), b""), start=1):
        guess.see(content)
        lines += content.count(b"\n") or content.count(b"\r")
        sealed = seal.close(f"piece {number}", zlib.compress(content, 1))
        piece = {"environment_id": environment_id, "backup_id": row.id, "number": number,
                 "content": sealed}  # fmt: skip
        db.session.connection().execute(insert(BackupPiece), [piece])
        db.session.commit()
    row.total = max(lines - 1, 0)
    row.matching = {"encoding": guess.found()}
    db.session.commit()
    try:
        kept, rows = Uploaded.of(row).begun()
        if len(rows) < 2 or not 0 < len(rows[0]) <= MOST_COLUMNS or not _is_text(rows[0]):
            raise Unreadable
    except Unreadable:
        row.reason, row.finished_at = Reason.FILE_UNREADABLE, datetime.now(UTC)
        drop_pieces(environment_id, row.id)
        db.session.commit()
        raise
    row.matching = {"encoding": kept.encoding, "delimiter": kept.delimiter}
    row.state, row.reason = BackupState.UNMATCHED, None
    db.session.commit()
    return row


def head_of(row: Backup, layout: Layout) -> Head:
    """Return what a file's columns are called, and what they may be in the account as it is."""
    rows = list(islice(Uploaded.of(row).rows(), EXAMPLES + 1))
    headings, offered = rows[0], _offered(layout)
    keys: list[str] = []
    for heading in headings:
        # Ours may be kept from being carried out.
        key = offered.get(normal(heading)) or offered.get(normal(cell(heading, ours=True).text), "")
        keys.append(key if key not in keys else "")
    return Head(
        headings,
        keys,
        [
            [cell(each[at], ours=True).text for each in rows[1:] if at < len(each) and each[at]]
            for at in range(len(headings))
        ],
    )


def match(row: Backup, keys: Sequence[str], layout: Layout) -> bool:
    """Store what each column is, and let a worker read the rows; False when that was done already.

    The caller commits.
    """
    waiting = db.session.scalar(
        select(Backup)
        .where(
            Backup.environment_id == row.environment_id,
            Backup.id == row.id,
            Backup.state == BackupState.UNMATCHED,
        )
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if waiting is None:
        return False
    waiting.matching = {**(waiting.matching or {}), "columns": list(keys)}
    waiting.layout = _narrowed(layout, keys)
    waiting.state, waiting.reason, waiting.expires_at = BackupState.OPEN, None, None
    waiting.enqueued_at = waiting.due_at = datetime.now(UTC)
    return True


def _is_text(headings: Sequence[str]) -> bool:
    """Return whether these are words: a workbook or a picture has signs that no heading has."""
    return not any(CONTROL.search(each) for each in headings)


def _offered(layout: Layout) -> dict[str, str]:
    """Return by which headings a column is recognised: ours, Spotler's, and the property's name."""
    offered = {normal(each.heading): each.key for each in sheet(layout)}
    for column in layout.columns:
        if column.form is not Form.SET:
            for known in (column.label, column.name):
                offered.setdefault(normal(known), f"property:{column.name}")
    for heading, key in list(offered.items()):
        if key.startswith("property:"):
            offered.setdefault(normal(f"{heading} (JSON)"), f"json:{key.partition(':')[2]}")
    offered.setdefault(normal("externalId"), "external_id")
    return offered


def _narrowed(layout: Layout, keys: Sequence[str]) -> Layout:
    """Return what the file covers: of what it does not have a restore takes nothing away."""
    kinds = [key.partition(":") for key in keys]
    names = {name for kind, _, name in kinds if kind in ("property", "json")}
    entries: dict[str, set[int]] = {}
    for kind, _, name in kinds:
        if kind == "entry":
            of_set, _, bit = name.rpartition(":")
            entries.setdefault(of_set, set()).add(int(bit))
    bits = {int(name) for kind, _, name in kinds if kind == "permission"}
    return Layout(
        tuple(
            each if each.name in names else _of_entries(each, entries[each.name])
            for each in layout.columns
            if each.name in names or each.name in entries
        ),
        {bit: label for bit, label in layout.permissions.items() if bit in bits},
    )


def _of_entries(column: Column, bits: Collection[int]) -> Column:
    """Return a set with these entries alone."""
    return replace(column, bits={bit: column.bits[bit] for bit in column.bits if bit in bits})
