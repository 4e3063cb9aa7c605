"""Selections: the contacts ticked for a bulk mutation, stored under one id."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from demo.crm.store import Store


@dataclass(frozen=True)
class Selection:
    """A selection with its owner and its size; the ids are read in pages."""

    id: str
    owner: str
    total: int


class Selections:
    """All selections of the environment."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def add(self, ids: Sequence[str], owner: str) -> Selection:
        """Store the ticked contacts, each once, in the order of ticking."""
        unique = list(dict.fromkeys(ids))
        selection_id = f"sel_{secrets.token_hex(8)}"
        with self._store.transaction():
            self._store.run(
                "INSERT INTO selections (id, owner, created_at) VALUES (?, ?, ?)",
                (selection_id, owner, datetime.now(UTC).isoformat()),
            )
            self._store.run_many(
                "INSERT INTO selected (selection_id, position, contact_id) VALUES (?, ?, ?)",
                ((selection_id, place, each) for place, each in enumerate(unique, start=1)),
            )
        return Selection(selection_id, owner, len(unique))

    def find(self, selection_id: str) -> Selection | None:
        """Return one selection, or None."""
        row = self._store.row("SELECT * FROM selections WHERE id = ?", (selection_id,))
        if row is None:
            return None
        sql = "SELECT count(*) FROM selected WHERE selection_id = ?"
        return Selection(row["id"], row["owner"], self._store.number(sql, (selection_id,)))

    def ids(self, selection_id: str, after: int, limit: int) -> list[str]:
        """Return the ids after a position; positions count from 1 without gaps."""
        rows = self._store.rows(
            "SELECT contact_id FROM selected WHERE selection_id = ? AND position > ?"
            " ORDER BY position LIMIT ?",
            (selection_id, after, limit),
        )
        return [row["contact_id"] for row in rows]
