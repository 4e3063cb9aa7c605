"""How the databases say that they cannot."""

from __future__ import annotations

import sqlite3

import pytest
from psycopg import errors
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError, ProgrammingError
from sqlalchemy.exc import TimeoutError as NoConnectionFree

from spotler_plugin.trouble import Trouble, trouble_of


@pytest.mark.parametrize(
    ("cause", "trouble"),
    [
        (errors.LockNotAvailable(), Trouble.LOCKED),
        (errors.DeadlockDetected(), Trouble.LOCKED),
        (errors.SerializationFailure(), Trouble.LOCKED),
        (errors.ReadOnlySqlTransaction(), Trouble.READ_ONLY),
        (errors.DiskFull(), Trouble.FULL),
        (errors.OutOfMemory(), Trouble.AWAY),
        (errors.TooManyConnections(), Trouble.AWAY),
        (errors.AdminShutdown(), Trouble.AWAY),
        (errors.CannotConnectNow(), Trouble.AWAY),
        (errors.ConnectionFailure(), Trouble.AWAY),
        (errors.OperationalError("connection refused"), Trouble.AWAY),
        (errors.OperationalError("password authentication failed for user"), Trouble.REFUSED),
        (errors.OperationalError('FATAL:  role "me" does not exist'), Trouble.REFUSED),
        (errors.OperationalError("FATAL:  no pg_hba.conf entry for host"), Trouble.SHUT),
        (errors.OperationalError('FATAL:  database "x" does not exist'), Trouble.MISSING),
        (errors.UndefinedTable(), None),
    ],
)
def test_postgresql(cause: Exception, trouble: Trouble | None) -> None:
    assert trouble_of(OperationalError("UPDATE x", {}, cause)) is trouble


@pytest.mark.parametrize(
    ("code", "trouble"),
    [
        (sqlite3.SQLITE_BUSY, Trouble.LOCKED),
        (sqlite3.SQLITE_BUSY_SNAPSHOT, Trouble.LOCKED),
        (sqlite3.SQLITE_READONLY_DBMOVED, Trouble.READ_ONLY),
        (sqlite3.SQLITE_FULL, Trouble.FULL),
        (sqlite3.SQLITE_IOERR_WRITE, Trouble.AWAY),
        (sqlite3.SQLITE_IOERR_SHMSIZE, Trouble.FULL),
        (sqlite3.SQLITE_CANTOPEN, Trouble.AWAY),
        (sqlite3.SQLITE_CORRUPT, None),
        (sqlite3.SQLITE_ERROR, None),
    ],
)
def test_sqlite(code: int, trouble: Trouble | None) -> None:
    cause = sqlite3.OperationalError()
    cause.sqlite_errorcode = code
    assert trouble_of(OperationalError("UPDATE x", {}, cause)) is trouble


def test_others() -> None:
    assert trouble_of(NoConnectionFree()) is Trouble.LOCKED
    assert trouble_of(ProgrammingError("x", {}, Exception())) is None
    assert trouble_of(IntegrityError("x", {}, errors.UniqueViolation())) is None
    assert trouble_of(DBAPIError("x", {}, errors.ReadOnlySqlTransaction())) is Trouble.READ_ONLY
