"""The contacts of a run and of its preview, as one ordered query that both use."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from uuid import UUID

from sqlalchemy import Select, func, select

from spotler_plugin.extensions import db
from spotler_plugin.models import Link, SelectionContact, Whom


def contacts_of(
    environment_id: int, whom: Whom, selection_id: UUID | None = None
) -> Select[int, str]:
    """Return a query of position and CRM id; positions increase, and may have gaps."""
    return QUERIES[whom](environment_id, selection_id)


def count_contacts(environment_id: int, whom: Whom, selection_id: UUID | None = None) -> int:
    rows = contacts_of(environment_id, whom, selection_id).subquery()
    return db.session.scalar(select(func.count()).select_from(rows)) or 0


def next_contacts(
    environment_id: int, whom: Whom, selection_id: UUID | None, after: int, limit: int
) -> dict[int, str]:
    """Return the contacts after a position, as position to id."""
    rows = contacts_of(environment_id, whom, selection_id).subquery()
    found = db.session.execute(
        select(rows.c.position, rows.c.contact_id)
        .where(rows.c.position > after)
        .order_by(rows.c.position)
        .limit(limit)
    )
    return {position: contact_id for position, contact_id in found}


def _linked(environment_id: int, selection_id: UUID | None) -> Select[int, str]:
    return select(Link.id.label("position"), Link.contact_id).where(
        Link.environment_id == environment_id, Link.linked_at.is_not(None)
    )


def _selected(environment_id: int, selection_id: UUID | None) -> Select[int, str]:
    return select(SelectionContact.id.label("position"), SelectionContact.contact_id).where(
        SelectionContact.environment_id == environment_id,
        SelectionContact.selection_id == selection_id,
    )


QUERIES: Mapping[Whom, Callable[[int, UUID | None], Select[int, str]]] = {
    Whom.LINKED: _linked,
    Whom.SELECTION: _selected,
}
"""A new member of `Whom` adds its query here, with these two columns."""
