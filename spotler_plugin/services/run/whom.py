"""Whom a run and its preview are about: contacts in an order, in one query that both go by."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from sqlalchemy import Select, func, select

from spotler_plugin.extensions import db
from spotler_plugin.models import Link, Whom


def contacts_of(environment_id: int, whom: Whom) -> Select[int, str]:
    """Position and CRM id of each contact; positions grow, and need not be close together."""
    return QUERIES[whom](environment_id)


def count_contacts(environment_id: int, whom: Whom) -> int:
    rows = contacts_of(environment_id, whom).subquery()
    return db.session.scalar(select(func.count()).select_from(rows)) or 0


def next_contacts(environment_id: int, whom: Whom, after: int, limit: int) -> dict[int, str]:
    """The contacts behind a position, by their own."""
    rows = contacts_of(environment_id, whom).subquery()
    found = db.session.execute(
        select(rows.c.position, rows.c.contact_id)
        .where(rows.c.position > after)
        .order_by(rows.c.position)
        .limit(limit)
    )
    return {position: contact_id for position, contact_id in found}


def _linked(environment_id: int) -> Select[int, str]:
    return select(Link.id.label("position"), Link.contact_id).where(
        Link.environment_id == environment_id, Link.linked_at.is_not(None)
    )


QUERIES: Mapping[Whom, Callable[[int], Select[int, str]]] = {Whom.LINKED: _linked}
"""A new answer to "whom" adds its query here, with these two columns."""
