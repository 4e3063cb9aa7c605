"""The contacts of a run and of its preview, as one ordered query that both use."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Select, and_, func, or_, select

from spotler_plugin.extensions import db
from spotler_plugin.models import (
    Link,
    MirrorContact,
    Outcome,
    Preview,
    RunItem,
    SelectionContact,
    Whom,
)
from spotler_plugin.planning.restore.order import Restore
from spotler_plugin.planning.undo.order import Undo
from spotler_plugin.planning.values.address import searched_part


@dataclass(frozen=True, slots=True)
class Group:
    """Some contacts of an environment."""

    environment_id: int
    whom: Whom
    selection_id: UUID | None = None
    run_id: UUID | None = None
    contact_id: str | None = None
    """Of that run, or of those that a backup may have, this one alone."""
    query: str = ""
    """A contact's id, or a part of its address, of those that a backup may have."""


def one_of(undo: Undo | None, restore: Restore | None) -> str | None:
    """Return the one contact that an undo or a restore is about, if it is one."""
    order = undo or restore
    return order.contact_id if order is not None else None


def group_of(preview: Preview) -> Group:
    """Return whom a preview is about."""
    return Group(
        preview.environment_id,
        preview.whom,
        selection_id=preview.selection_id,
        run_id=preview.undoes_id if preview.resumes_id is None else preview.resumes_id,
        contact_id=one_of(preview.undo, preview.restore),
        query=preview.restore.query if preview.restore is not None else "",
    )


def contacts_of(group: Group) -> Select[int, str]:
    """Return a query of position and CRM id; positions increase, and may have gaps."""
    return QUERIES[group.whom](group)


def count_contacts(group: Group) -> int:
    rows = contacts_of(group).subquery()
    return db.session.scalar(select(func.count()).select_from(rows)) or 0


def next_contacts(group: Group, after: int, limit: int) -> dict[int, str]:
    """Return the contacts after a position, as position to id."""
    rows = contacts_of(group).subquery()
    found = db.session.execute(
        select(rows.c.position, rows.c.contact_id)
        .where(rows.c.position > after)
        .order_by(rows.c.position)
        .limit(limit)
    )
    return {position: contact_id for position, contact_id in found}


def _linked(group: Group) -> Select[int, str]:
    return select(Link.id.label("position"), Link.contact_id).where(
        Link.environment_id == group.environment_id, Link.linked_at.is_not(None)
    )


def _selected(group: Group) -> Select[int, str]:
    return select(SelectionContact.id.label("position"), SelectionContact.contact_id).where(
        SelectionContact.environment_id == group.environment_id,
        SelectionContact.selection_id == group.selection_id,
    )


def _changed(group: Group) -> Select[int, str]:
    """Select those of a run that it changed in Spotler or in the CRM, or may have."""
    rows = select(RunItem.id.label("position"), RunItem.contact_id).where(
        RunItem.environment_id == group.environment_id,
        RunItem.run_id == group.run_id,
        or_(RunItem.before.is_not(None), RunItem.patch_key.is_not(None)),
    )
    return rows if group.contact_id is None else rows.where(RunItem.contact_id == group.contact_id)


def _found(group: Group) -> Select[int, str]:
    """Select linked contacts; the source knows which of them the backup has."""
    if group.contact_id is not None:
        return _linked(group).where(Link.contact_id == group.contact_id)
    if not group.query:
        return _linked(group)
    wanted = group.query.lower()
    part = searched_part(group.query)
    by_address = MirrorContact.address.contains(part, autoescape=True)
    of_contact = and_(
        MirrorContact.environment_id == Link.environment_id,
        MirrorContact.external_id == Link.contact_id,
    )
    return (
        _linked(group)
        .outerjoin(MirrorContact, of_contact)
        .where(or_(func.lower(Link.contact_id) == wanted, by_address))
    )


def _open(group: Group) -> Select[int, str]:
    """Select those that a run has not done yet."""
    return select(RunItem.id.label("position"), RunItem.contact_id).where(
        RunItem.environment_id == group.environment_id,
        RunItem.run_id == group.run_id,
        RunItem.outcome == Outcome.OPEN,
    )


QUERIES: Mapping[Whom, Callable[[Group], Select[int, str]]] = {
    Whom.LINKED: _linked,
    Whom.SELECTION: _selected,
    Whom.RUN: _changed,
    Whom.BACKUP: _found,
    Whom.REST: _open,
}
"""A new member of `Whom` adds its query here, with these two columns."""
