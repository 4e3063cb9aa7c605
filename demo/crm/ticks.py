"""Ticks in the list of contacts: what somebody has selected so far, before it is fixed."""

import json
from collections.abc import Sequence

from demo.crm.contact import Contact, from_row
from demo.crm.searching import pattern
from demo.crm.store import Store

# A contact that was deleted is ticked no more.
TICKED = "FROM ticks t JOIN contacts c ON c.id = t.contact_id WHERE t.owner = ?"
SEARCH = "c.search LIKE ? ESCAPE '\\'"
# The page is found by number first: twenty thousand whole contacts are not sorted.
PAGE = (
    "SELECT * FROM people WHERE seq IN"
    " (SELECT c.seq FROM ticks t JOIN contacts c ON c.id = t.contact_id WHERE t.owner = ?"
    " ORDER BY c.seq LIMIT ? OFFSET ?) ORDER BY seq"
)


class Ticks:
    """Everybody's ticks. The owner is one session of one user: nobody selects for another."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def keep(self, owner: str, shown: Sequence[str], ticked: Sequence[str]) -> None:
        """Store the boxes of one page as they stand; a repeat does no harm."""
        with self._store.transaction():
            self._store.run(
                "DELETE FROM ticks WHERE owner = ?"
                " AND contact_id IN (SELECT value FROM json_each(?))",
                (owner, json.dumps(list(shown))),
            )
            self._store.run(
                "INSERT OR IGNORE INTO ticks (owner, contact_id)"
                " SELECT ?, id FROM contacts WHERE id IN (SELECT value FROM json_each(?))",
                (owner, json.dumps(list(ticked))),
            )

    def add_found(self, owner: str, query: str) -> None:
        """Tick everything that a search finds, on whatever page."""
        self._store.run(
            "INSERT OR IGNORE INTO ticks (owner, contact_id)"
            " SELECT ?, id FROM contacts WHERE search LIKE ? ESCAPE '\\'",
            (owner, pattern(query)),
        )

    def clear(self, owner: str) -> None:
        """Take all ticks away."""
        self._store.run("DELETE FROM ticks WHERE owner = ?", (owner,))

    def settle(self, owner: str, selection_id: str) -> None:
        """Take the ticks of a selection away; what was ticked after it stays."""
        self._store.run(
            "DELETE FROM ticks WHERE owner = ? AND contact_id IN"
            " (SELECT contact_id FROM selected WHERE selection_id = ?)",
            (owner, selection_id),
        )

    def count(self, owner: str, query: str = "") -> int:
        """Count the ticks, or those that a search finds."""
        sql = f"SELECT count(*) {TICKED} AND {SEARCH}"
        return self._store.number(sql, (owner, pattern(query)))

    def count_locked(self, owner: str) -> int:
        """Count the ticked contacts whose data are locked."""
        sql = "SELECT count(*) FROM ticks JOIN locks USING (contact_id) WHERE owner = ?"
        return self._store.number(sql, (owner,))

    def ids(self, owner: str) -> list[str]:
        """Return the ids of all ticked contacts, in the order of the list."""
        sql = f"SELECT c.id {TICKED} ORDER BY c.seq"
        return [row["id"] for row in self._store.rows(sql, (owner,))]

    def among(self, owner: str, ids: Sequence[str]) -> set[str]:
        """Return which of these contacts are ticked."""
        sql = (
            "SELECT contact_id FROM ticks WHERE owner = ?"
            " AND contact_id IN (SELECT value FROM json_each(?))"
        )
        rows = self._store.rows(sql, (owner, json.dumps(list(ids))))
        return {row["contact_id"] for row in rows}

    def page(self, owner: str, limit: int, offset: int) -> list[Contact]:
        """Return a page of the ticked contacts, in the order of the list."""
        return [from_row(row) for row in self._store.rows(PAGE, (owner, limit, offset))]
