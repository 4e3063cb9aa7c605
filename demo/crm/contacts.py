"""Contacts: read, search, change, merge and delete them."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from uuid import uuid4

from demo.crm.contact import Contact, as_row, empty, from_row
from demo.crm.events import Outbox
from demo.crm.fields import CONTACT_FIELD, checked
from demo.crm.searching import pattern
from demo.crm.store import Store

BY_ID = "SELECT * FROM people WHERE id = ?"
BY_IDS = "SELECT * FROM people WHERE id IN (SELECT value FROM json_each(?))"
BY_RELATION = "SELECT * FROM people WHERE relation_id = ? ORDER BY seq LIMIT ?"
CHANGED = "SELECT * FROM people WHERE version > ? AND changed_at >= ? ORDER BY version LIMIT ?"
PAGE = (
    "SELECT * FROM people WHERE search LIKE :pattern ESCAPE '\\'"
    " ORDER BY CASE :sort WHEN 'name' THEN sort_name WHEN 'email' THEN email"
    " WHEN 'relation' THEN relation_name END, seq LIMIT :limit OFFSET :offset"
)

INSERT = (
    "INSERT INTO contacts"
    " (id, relation_id, active, version, changed_at, sort_name, email, search, fields) VALUES"
    " (:id, :relation_id, :active, :version, :changed_at, :sort_name, :email, :search, :fields)"
)
UPDATE = (
    "UPDATE contacts SET active = :active, version = :version, changed_at = :changed_at,"
    " sort_name = :sort_name, email = :email, search = :search, fields = :fields WHERE id = :id"
)


class Contacts:
    """All contacts of the environment. Every change gets a version and an event for the plugin."""

    def __init__(self, store: Store, outbox: Outbox) -> None:
        self._store = store
        self._outbox = outbox

    def find(self, contact_id: str) -> Contact | None:
        """Return one contact, or None."""
        row = self._store.row(BY_ID, (contact_id,))
        return from_row(row) if row else None

    def find_many(self, ids: Sequence[str]) -> list[Contact]:
        """Return the contacts that exist, in the order of the ids."""
        rows = self._store.rows(BY_IDS, (json.dumps(list(ids)),))
        found = {row["id"]: from_row(row) for row in rows}
        return [found[contact_id] for contact_id in ids if contact_id in found]

    def of_relation(self, relation_id: str, limit: int = 100) -> list[Contact]:
        """Return the people of a relation."""
        return [from_row(row) for row in self._store.rows(BY_RELATION, (relation_id, limit))]

    def changed(self, since: str, after_version: int, limit: int) -> list[Contact]:
        """Contacts changed at or after a moment, in the order of their last change."""
        return [from_row(row) for row in self._store.rows(CHANGED, (after_version, since, limit))]

    def page(self, query: str, sort: str, limit: int, offset: int) -> list[Contact]:
        """Return a page of the list on the screen."""
        places = {"pattern": pattern(query), "sort": sort, "limit": limit, "offset": offset}
        return [from_row(row) for row in self._store.rows(PAGE, places)]

    def count(self, query: str = "") -> int:
        """Count what a search finds."""
        sql = "SELECT count(*) FROM contacts WHERE search LIKE ? ESCAPE '\\'"
        return self._store.number(sql, (pattern(query),))

    def ids(self, query: str) -> list[str]:
        """The ids of everything a search finds."""
        sql = "SELECT id FROM contacts WHERE search LIKE ? ESCAPE '\\' ORDER BY seq"
        return [row["id"] for row in self._store.rows(sql, (pattern(query),))]

    def add(
        self,
        values: Mapping[str, object],
        *,
        contact_id: str | None = None,
        relation_id: str | None = None,
        active: bool = True,
        silent: bool = False,
    ) -> Contact:
        """Add a contact; with `silent` no event is sent, as after an import."""
        fields = empty() | checked(CONTACT_FIELD, values)
        new_id = contact_id or str(uuid4()).upper()
        with self._store.transaction():
            version = self._store.next_version()
            row = as_row(new_id, relation_id, active, version, _now(), fields)
            self._store.run(INSERT, row)
            self._tell(new_id, version, silent)
        return self._existing(new_id)

    def change(
        self,
        contact_id: str,
        values: Mapping[str, object],
        *,
        active: bool | None = None,
        silent: bool = False,
    ) -> Contact:
        """Change some fields; nothing happens when nothing differs."""
        new = checked(CONTACT_FIELD, values)
        with self._store.transaction():
            old = self._existing(contact_id)
            fields = {name: value for name, value in old.fields.items() if name != "is_primary"}
            now_active = old.active if active is None else active
            if fields | new == fields and now_active == old.active:
                return old
            version = self._store.next_version()
            row = as_row(contact_id, old.relation_id, now_active, version, _now(), fields | new)
            self._store.run(UPDATE, row)
            self._tell(contact_id, version, silent)
        return self._existing(contact_id)

    def touch(self, contact_id: str) -> None:
        """Record a change outside the fields: who is the primary contact of a relation."""
        with self._store.transaction():
            version = self._store.next_version()
            sql = "UPDATE contacts SET version = ?, changed_at = ? WHERE id = ?"
            if self._store.run(sql, (version, _now(), contact_id)):
                self._tell(contact_id, version, silent=False)

    def lock(self, contact_id: str) -> None:
        """Let nobody change the data, neither people nor the plugin, until it is unlocked."""
        with self._store.transaction():
            self._existing(contact_id)
            sql = "INSERT OR IGNORE INTO locks (contact_id) VALUES (?)"
            self._store.run(sql, (contact_id,))

    def unlock(self, contact_id: str) -> None:
        """Let the data be changed again."""
        self._store.run("DELETE FROM locks WHERE contact_id = ?", (contact_id,))

    def delete(self, contact_id: str, *, silent: bool = False) -> None:
        """Remove a contact for good."""
        with self._store.transaction():
            version = self._store.next_version()
            self._remove(contact_id)
            if not silent:
                data = {"contact_id": contact_id, "version": version}
                self._outbox.add("contact.deleted", data)

    def erase(self, contact_id: str) -> None:
        """Remove a contact who asked for it; others are told that this was why."""
        with self._store.transaction():
            self._existing(contact_id)
            self._remove(contact_id)
            self._outbox.add("contact.erased", {"contact_id": contact_id})

    def merge(self, kept_id: str, merged_id: str) -> None:
        """Merge two records of one person; empty fields are filled from the other."""
        with self._store.transaction():
            kept, merged = self._existing(kept_id), self._existing(merged_id)
            gained = {
                name: value
                for name, value in merged.fields.items()
                if value and not kept.fields[name] and name != "is_primary"
            }
            self.change(kept_id, gained, silent=True)
            self._remove(merged_id)
            self._outbox.add("contact.merged", {"kept_id": kept_id, "merged_id": merged_id})

    def _remove(self, contact_id: str) -> None:
        self._store.run("DELETE FROM contacts WHERE id = ?", (contact_id,))
        self._store.run("DELETE FROM locks WHERE contact_id = ?", (contact_id,))
        self._store.run("DELETE FROM ticks WHERE contact_id = ?", (contact_id,))
        self._store.run("DELETE FROM sales WHERE contact_id = ?", (contact_id,))
        self._store.run(
            "UPDATE relations SET primary_contact_id = NULL WHERE primary_contact_id = ?",
            (contact_id,),
        )

    def _existing(self, contact_id: str) -> Contact:
        contact = self.find(contact_id)
        if contact is None:
            raise KeyError(contact_id)
        return contact

    def _tell(self, contact_id: str, version: int, silent: bool) -> None:
        if not silent:
            self._outbox.add("contact.changed", {"contact_id": contact_id, "version": version})


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
