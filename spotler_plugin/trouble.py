"""What keeps a database from its work, as SQLite and PostgreSQL say it."""

from __future__ import annotations

import sqlite3
from enum import StrEnum

from sqlalchemy.exc import DBAPIError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as NoConnectionFree


class Trouble(StrEnum):
    """What keeps a database from its work, where nothing is wrong with the statement."""

    LOCKED = "locked"
    READ_ONLY = "read-only"
    FULL = "full"
    AWAY = "unreachable"
    REFUSED = "refusing the user or password"
    SHUT = "letting nobody in from this machine (pg_hba.conf)"
    MISSING = "not there: the server has none of that name"


_OF_SQLITE = {
    # The file that its connections share could not grow.
    sqlite3.SQLITE_IOERR_SHMSIZE: Trouble.FULL,
    sqlite3.SQLITE_BUSY: Trouble.LOCKED,
    sqlite3.SQLITE_LOCKED: Trouble.LOCKED,
    sqlite3.SQLITE_READONLY: Trouble.READ_ONLY,
    sqlite3.SQLITE_FULL: Trouble.FULL,
    sqlite3.SQLITE_IOERR: Trouble.AWAY,
    sqlite3.SQLITE_CANTOPEN: Trouble.AWAY,
}
_OF_POSTGRESQL = {
    "40001": Trouble.LOCKED,
    "40P01": Trouble.LOCKED,
    "55P03": Trouble.LOCKED,
    "25006": Trouble.READ_ONLY,
    "53100": Trouble.FULL,
    # Out of memory, too many connections; shutting down or starting; the connection broke.
    "53": Trouble.AWAY,
    "57P": Trouble.AWAY,
    "08": Trouble.AWAY,
}
"""By SQLSTATE, or how it begins; the first that fits."""
_IN_WORDS = {
    "authentication failed": Trouble.REFUSED,
    'role "': Trouble.REFUSED,
    "pg_hba.conf": Trouble.SHUT,
    'FATAL:  database "': Trouble.MISSING,
}


def trouble_of(error: SQLAlchemyError) -> Trouble | None:
    """Return what kept the database from its work, or None for a mistake in the statement."""
    if isinstance(error, NoConnectionFree):
        return Trouble.LOCKED
    if not isinstance(error, DBAPIError):
        return None
    code = getattr(error.orig, "sqlite_errorcode", None)
    if code is not None:
        # The last byte is the kind, what stands before it the variety.
        return _OF_SQLITE.get(code) or _OF_SQLITE.get(code & 0xFF)
    state = getattr(error.orig, "sqlstate", None)
    if state is not None:
        found = (each for begin, each in _OF_POSTGRESQL.items() if state.startswith(begin))
        return next(found, None)
    if not isinstance(error, OperationalError):
        return None
    # Without a code it never came as far as the database: its words are all there is.
    said = str(error.orig)
    return next((each for words, each in _IN_WORDS.items() if words in said), Trouble.AWAY)
