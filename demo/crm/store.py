"""One SQLite database, in a folder or in memory, shared by all threads behind one lock."""

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import RLock

SCHEMA = Path(__file__).with_name("schema.sql").read_text(encoding="utf-8")

Parameters = Sequence[object] | Mapping[str, object]


class Store:
    """The CRM's database. One thread at a time reads or writes, which is enough for a demo."""

    def __init__(self, folder: Path | None = None) -> None:
        place = ":memory:"
        if folder is not None:
            folder.mkdir(parents=True, exist_ok=True)
            place = str(folder / "crm.sqlite3")
        self._lock = RLock()
        # Autocommit mode: transactions are begun explicitly, where they are needed.
        self._connection = sqlite3.connect(place, check_same_thread=False, isolation_level=None)
        self._connection.row_factory = sqlite3.Row
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA synchronous = NORMAL")
        self._connection.executescript(SCHEMA)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Run as one transaction; inside another one, join it."""
        with self._lock:
            if self._connection.in_transaction:
                yield
                return
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")

    def rows(self, sql: str, parameters: Parameters = ()) -> list[sqlite3.Row]:
        """Return all rows of a query."""
        with self._lock:
            return self._connection.execute(sql, parameters).fetchall()

    def row(self, sql: str, parameters: Parameters = ()) -> sqlite3.Row | None:
        """Return the first row of a query, or None."""
        found = self.rows(sql, parameters)
        return found[0] if found else None

    def number(self, sql: str, parameters: Parameters = ()) -> int:
        """Return the number that a counting query selects."""
        with self._lock:
            return int(self._connection.execute(sql, parameters).fetchone()[0])

    def run(self, sql: str, parameters: Parameters = ()) -> int:
        """Execute a write; return how many rows it changed."""
        with self._lock:
            return self._connection.execute(sql, parameters).rowcount

    def run_many(self, sql: str, parameters: Iterator[Parameters]) -> None:
        """Write many rows with one statement."""
        with self._lock:
            self._connection.executemany(sql, parameters)

    def next_version(self) -> int:
        """Return the next version: one counter for every change in the CRM, so it only rises."""
        return self.number("UPDATE counter SET version = version + 1 RETURNING version")

    def close(self) -> None:
        """Close the database."""
        with self._lock:
            self._connection.close()
