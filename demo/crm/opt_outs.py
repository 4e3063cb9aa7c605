"""Opt-outs that the plugin saw in Spotler and recorded in the CRM."""

from dataclasses import dataclass

from demo.crm.store import Store


@dataclass(frozen=True)
class OptOut:
    """An opt-out of one permission."""

    contact_id: str
    permission: str
    at: str
    source: str


class OptOuts:
    """All recorded opt-outs."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def add(self, opt_out: OptOut) -> None:
        """Store an opt-out."""
        self._store.run(
            "INSERT INTO opt_outs (contact_id, permission, at, source) VALUES (?, ?, ?, ?)",
            (opt_out.contact_id, opt_out.permission, opt_out.at, opt_out.source),
        )

    def of_contact(self, contact_id: str) -> list[OptOut]:
        """Those of one contact, newest first."""
        rows = self._store.rows(
            "SELECT contact_id, permission, at, source FROM opt_outs WHERE contact_id = ?"
            " ORDER BY seq DESC",
            (contact_id,),
        )
        return [OptOut(**dict(row)) for row in rows]

    def all(self) -> list[OptOut]:
        """Every one, oldest first."""
        rows = self._store.rows(
            "SELECT contact_id, permission, at, source FROM opt_outs ORDER BY seq"
        )
        return [OptOut(**dict(row)) for row in rows]
