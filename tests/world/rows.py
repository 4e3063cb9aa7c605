"""All rows of the plugin's tables as they were, to begin with them again: that takes a part of the
time that a new world takes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Table, delete, insert, select

from spotler_plugin.extensions import Model, db


@dataclass(frozen=True)
class Rows:
    """What was in the database."""

    by_table: dict[Table, list[dict[str, Any]]]

    @classmethod
    def now(cls) -> Rows:
        rows = {
            table: [dict(row) for row in db.session.execute(select(table)).mappings()]
            for table in Model.metadata.sorted_tables
        }
        db.session.commit()
        return cls(rows)

    def put_back(self) -> None:
        """Leave nothing else."""
        db.session.rollback()
        connection = db.session.connection()
        for table in reversed(self.by_table):
            connection.execute(delete(table))
        for table, rows in self.by_table.items():
            if rows:
                connection.execute(insert(table), rows)
        db.session.commit()
        db.session.expire_all()
