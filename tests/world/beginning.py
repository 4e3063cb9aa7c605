"""The plugin's tables and Spotler's account as they were, to begin with them again: that takes a
part of the time that a new world takes."""

from __future__ import annotations

import pickle
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Table, delete, insert, select

from spotler_plugin.extensions import Model, db
from tests.world.world import World


@dataclass(frozen=True)
class Beginning:
    """What was in the database, and in Spotler."""

    by_table: dict[Table, list[dict[str, Any]]]
    account: bytes

    @classmethod
    def now(cls, world: World) -> Beginning:
        rows = {
            table: [dict(row) for row in db.session.execute(select(table)).mappings()]
            for table in Model.metadata.sorted_tables
        }
        db.session.commit()
        return cls(rows, pickle.dumps(world.sandbox.state.account))

    def put_back(self, world: World) -> None:
        """Leave nothing else."""
        world.sandbox.state.reset(empty=True)
        world.sandbox.state.account = pickle.loads(self.account)
        db.session.rollback()
        connection = db.session.connection()
        for table in reversed(self.by_table):
            connection.execute(delete(table))
        for table, rows in self.by_table.items():
            if rows:
                connection.execute(insert(table), rows)
        db.session.commit()
        db.session.expire_all()
