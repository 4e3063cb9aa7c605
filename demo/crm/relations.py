"""Relations: organisations with fields of their own and one primary contact."""

import json
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass

from demo.crm.contacts import Contacts
from demo.crm.events import Outbox
from demo.crm.fields import RELATION_FIELD, Values, checked
from demo.crm.searching import folded, pattern
from demo.crm.store import Store


@dataclass(frozen=True)
class Relation:
    """An organisation in the CRM."""

    id: str
    name: str
    primary_contact_id: str | None
    fields: Values

    def as_json(self) -> dict[str, object]:
        """Return the relation in the contract's format."""
        return {
            "id": self.id,
            "name": self.name,
            "primary_contact_id": self.primary_contact_id,
            "fields": self.fields,
        }


class Relations:
    """All relations of the environment."""

    def __init__(self, store: Store, outbox: Outbox, contacts: Contacts) -> None:
        self._store = store
        self._outbox = outbox
        self._contacts = contacts

    def find(self, relation_id: str) -> Relation | None:
        """Return one relation, or None."""
        row = self._store.row("SELECT * FROM relations WHERE id = ?", (relation_id,))
        return _relation(row) if row else None

    def page(self, query: str, limit: int, offset: int) -> list[Relation]:
        """Return a page of the list on the screen."""
        sql = (
            "SELECT * FROM relations WHERE search LIKE ? ESCAPE '\\' ORDER BY seq LIMIT ? OFFSET ?"
        )
        return [_relation(row) for row in self._store.rows(sql, (pattern(query), limit, offset))]

    def count(self, query: str = "") -> int:
        """Count what a search finds."""
        sql = "SELECT count(*) FROM relations WHERE search LIKE ? ESCAPE '\\'"
        return self._store.number(sql, (pattern(query),))

    def change(self, relation_id: str, values: Mapping[str, object]) -> Relation:
        """Change some fields, and tell the plugin which ones changed."""
        new = checked(RELATION_FIELD, values)
        with self._store.transaction():
            old = self._existing(relation_id)
            differing = [name for name, value in new.items() if old.fields.get(name) != value]
            if not differing:
                return old
            fields = old.fields | new
            self._store.run(
                "UPDATE relations SET name = ?, search = ?, fields = ?, version = ? WHERE id = ?",
                (
                    fields["name"] or "",
                    searchable(fields),
                    json.dumps(fields, ensure_ascii=False),
                    self._store.next_version(),
                    relation_id,
                ),
            )
            data = {"relation_id": relation_id, "changed_fields": differing}
            self._outbox.add("relation.changed", data)
        return self._existing(relation_id)

    def choose_primary(self, relation_id: str, contact_id: str) -> None:
        """Make another contact the primary one, which changes both contacts."""
        with self._store.transaction():
            old = self._existing(relation_id).primary_contact_id
            if old == contact_id:
                return
            contact = self._contacts.find(contact_id)
            if contact is None or contact.relation_id != relation_id:
                raise KeyError(contact_id)
            self._store.run(
                "UPDATE relations SET primary_contact_id = ?, version = ? WHERE id = ?",
                (contact_id, self._store.next_version(), relation_id),
            )
            for touched in filter(None, (old, contact_id)):
                self._contacts.touch(touched)

    def _existing(self, relation_id: str) -> Relation:
        relation = self.find(relation_id)
        if relation is None:
            raise KeyError(relation_id)
        return relation


def searchable(fields: Values) -> str:
    """Return the text that the search box searches."""
    return folded(f"{fields['name'] or ''} {fields['number'] or ''} {fields['city'] or ''}")


def _relation(row: sqlite3.Row) -> Relation:
    return Relation(
        id=row["id"],
        name=row["name"],
        primary_contact_id=row["primary_contact_id"],
        fields=json.loads(row["fields"]),
    )
