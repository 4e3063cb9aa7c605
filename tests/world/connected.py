"""An environment that was just connected, or has people linked besides, to begin with it again: to
connect takes longer than most tests do, and to link takes longer than that."""

from __future__ import annotations

import pickle
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Table, func, insert, select

from demo.spotler.account.account import Account
from demo.spotler.server import Sandbox
from spotler_plugin.extensions import Model, db

Row = dict[str, Any]
MILLISECOND = timedelta(milliseconds=1)


@dataclass(frozen=True)
class Connected:
    """What was in the tables and in Spotler, and when."""

    by_table: dict[Table, list[Row]]
    account: bytes
    taken_at: datetime

    @classmethod
    def now(cls, sandbox: Sandbox) -> Connected:
        """As it is; all of it was committed."""
        tables = Model.metadata.sorted_tables
        rows = {
            table: [dict(row) for row in db.session.execute(select(table)).mappings()]
            for table in tables
        }
        db.session.rollback()
        filled = {table: each for table, each in rows.items() if each}
        return cls(filled, pickle.dumps(sandbox.state.account), datetime.now(UTC))

    def again(self, sandbox: Sandbox | None, **addresses: str) -> None:
        """Put it into empty tables as if it was done just now, with both sides at these.

        Without a sandbox: its account is as it begins, and nobody was linked.
        """
        later = (datetime.now(UTC) - self.taken_at) // MILLISECOND
        if sandbox is not None:
            sandbox.state.account = pickle.loads(self.account)
            _postpone(sandbox.state.account, later)
        connection = db.session.connection()
        for table, rows in self.by_table.items():
            moved = [_moved(row, later * MILLISECOND, addresses) for row in rows]
            connection.execute(insert(table), moved)
            _count_on(table)
        db.session.commit()


def _postpone(account: Account, milliseconds: int) -> None:
    """What happened to its contacts happened so much later, in the same order."""
    for contact in sorted(account.directory, key=lambda each: each.sequence):
        contact.created += milliseconds
        account.directory.touch(contact, contact.changed + milliseconds)
    for bounce in account.bounces:
        bounce.at += milliseconds


def _moved(row: Row, later: timedelta, addresses: dict[str, str]) -> Row:
    return {
        name: value + later if isinstance(value, datetime) else addresses.get(name, value)
        for name, value in row.items()
    }


def _count_on(table: Table) -> None:
    """PostgreSQL counts from where its sequence is, whatever was inserted."""
    column = table.autoincrement_column
    if column is not None and db.engine.dialect.name == "postgresql":
        sequence = func.pg_get_serial_sequence(table.name, column.name)
        db.session.execute(select(func.setval(sequence, func.max(column))))
