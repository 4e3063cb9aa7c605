"""A file that is kept in pieces, and the rows of it."""

from __future__ import annotations

import csv
import io
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice
from typing import IO, Any
from uuid import UUID

from sqlalchemy import delete, select

from spotler_plugin.extensions import db, snapshot
from spotler_plugin.models import Backup, BackupPiece
from spotler_plugin.services.backup.seal import Seal

PIECE = 1024 * 1024
"""Bytes of the file in one piece."""
LARGEST_CELL = 1024 * 1024
"""Characters; a quote that is never closed would else take all that follows into one cell."""
DELIMITERS = (";", ",", "\t", "|")
EXAMPLES = 5
"""Rows that are shown beside what a column may be."""

csv.field_size_limit(LARGEST_CELL)


class Unreadable(Exception):
    """The file is no table that can be read."""


@dataclass(frozen=True, slots=True)
class Uploaded:
    """A file that is kept, and how its text is read."""

    environment_id: int
    backup_id: UUID
    key: str
    encoding: str
    delimiter: str

    @classmethod
    def of(cls, row: Backup) -> Uploaded:
        known = row.matching or {}
        encoding, delimiter = known.get("encoding", "utf-8-sig"), known.get("delimiter", ";")
        return cls(row.environment_id, row.id, row.key, encoding, delimiter)

    def rows(self) -> Iterator[list[str]]:
        """Yield the rows, headings first. Raises Unreadable."""
        # Windows-1252 leaves five bytes unused; whoever wrote them meant something else.
        errors = "replace" if self.encoding == "cp1252" else "strict"
        pieces: Any = io.BufferedReader(_Pieces(self), PIECE)
        text = io.TextIOWrapper(pieces, self.encoding, errors, newline="")
        try:
            yield from csv.reader(_after_hint(text), delimiter=self.delimiter)
        except (csv.Error, UnicodeError, zlib.error) as error:
            raise Unreadable from error

    def begun(self) -> tuple[Uploaded, list[list[str]]]:
        """Return the file with what separates its cells, and its first rows."""
        best: tuple[Uploaded, list[list[str]]] = (self, [])
        for delimiter in DELIMITERS:
            file = replace(self, delimiter=delimiter)
            rows = list(islice(file.rows(), EXAMPLES + 1))
            if rows and len(rows[0]) > len(best[1][0] if best[1] else ()):
                best = (file, rows)
        return best


def drop_pieces(environment_id: int, backup_id: UUID) -> None:
    """Delete the file, when its rows are contacts or it is of no use."""
    db.session.execute(
        delete(BackupPiece).where(
            BackupPiece.environment_id == environment_id, BackupPiece.backup_id == backup_id
        ),
        execution_options={"synchronize_session": False},
    )


def _after_hint(lines: IO[str]) -> Iterator[str]:
    """Leave out the line by which Excel is told what separates the cells."""
    for number, line in enumerate(lines):
        if number or not line.casefold().startswith("sep="):
            yield line


class _Pieces(io.RawIOBase):
    """The bytes of a file, piece by piece out of the database."""

    def __init__(self, file: Uploaded) -> None:
        super().__init__()
        self._file, self._seal = file, Seal(file.backup_id, file.key)
        self._number, self._left = 0, b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if not self._left:
            self._number += 1
            self._left = self._piece(self._number)
        size = min(len(buffer), len(self._left))
        buffer[:size], self._left = self._left[:size], self._left[size:]
        return size

    def _piece(self, number: int) -> bytes:
        with snapshot():
            content = db.session.scalar(
                select(BackupPiece.content).where(
                    BackupPiece.environment_id == self._file.environment_id,
                    BackupPiece.backup_id == self._file.backup_id,
                    BackupPiece.number == number,
                )
            )
        if content is None:
            return b""
        return zlib.decompress(self._seal.open(f"piece {number}", content))
