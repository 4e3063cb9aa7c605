"""The rows of an environment that was just connected, to begin with them again: to connect takes
longer than most tests do."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Table, func, insert, select

from spotler_plugin.extensions import Model, db

Row = dict[str, Any]


@dataclass(frozen=True)
class Connected:
    """What connecting an environment left in the tables, and when."""

    by_table: dict[Table, list[Row]]
    taken_at: datetime

    @classmethod
    def now(cls) -> Connected:
        """As it is; all of it was committed."""
        tables = Model.metadata.sorted_tables
        rows = {
            table: [dict(row) for row in db.session.execute(select(table)).mappings()]
            for table in tables
        }
        db.session.rollback()
        return cls({table: each for table, each in rows.items() if each}, datetime.now(UTC))

    def again(self, **addresses: str) -> None:
        """Put it into empty tables as if it was done just now, with both sides at these."""
        later = datetime.now(UTC) - self.taken_at
        connection = db.session.connection()
        for table, rows in self.by_table.items():
            connection.execute(insert(table), [_moved(row, later, addresses) for row in rows])
            _count_on(table)
        db.session.commit()


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
