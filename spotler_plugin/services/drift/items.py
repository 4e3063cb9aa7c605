"""Who differs, as people see it: page by page, by kind, property, name, address or number."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, or_, select

from spotler_plugin.extensions import db
from spotler_plugin.models import OF_CRM, OF_NOBODY, DriftItem, DriftKind, Run, RunKind, Source
from spotler_plugin.planning.reason import Reason, Refusal
from spotler_plugin.planning.undo.order import Undo
from spotler_plugin.planning.values.address import searched_part
from spotler_plugin.services.drift.difference import Difference
from spotler_plugin.services.pagination import SIZE, Page, within


@dataclass(frozen=True, slots=True)
class Filter:
    """Which of those who differ; without any condition all but those that are nobody's here."""

    kind: DriftKind | None = None
    property: str = ""
    query: str = ""
    """A part of a name or address, or a contact's id."""


@dataclass(frozen=True, slots=True)
class DriftView:
    id: int
    kind: DriftKind
    contact_id: str
    name: str
    address: str
    reason: Reason | None
    differences: tuple[Difference, ...]
    refusals: tuple[Refusal, ...]
    changed_at: datetime | None

    @property
    def is_in_crm(self) -> bool:
        """Whether the CRM has it by this id, as far as it told."""
        return self.kind in OF_CRM

    @property
    def may_be_synchronised(self) -> bool:
        return self.kind is DriftKind.DIFFERENT and self.reason is None


@dataclass(frozen=True, slots=True)
class Writer:
    """The run that last wrote a value: what it was for, and who asked."""

    id: UUID
    kind: RunKind
    source: Source
    actor_name: str | None
    undo: Undo | None


def page_of_drift(
    environment_id: int, drift_id: UUID, chosen: Filter, number: int
) -> Page[DriftView]:
    """Return a page of those who differ, in the order in which they were found."""
    which = matching(environment_id, drift_id, chosen)
    total = db.session.scalar(select(func.count()).select_from(DriftItem).where(which)) or 0
    number = within(number, total)
    rows = select(DriftItem).where(which).order_by(DriftItem.id)
    found = db.session.scalars(rows.limit(SIZE).offset((number - 1) * SIZE))
    return Page([_view(row) for row in found], number, total)


def count_synchronisable(environment_id: int, drift_id: UUID, chosen: Filter) -> int:
    """Return how many of those that match could be synchronised."""
    which = and_(matching(environment_id, drift_id, chosen), synchronisable())
    return db.session.scalar(select(func.count()).select_from(DriftItem).where(which)) or 0


def writers_of(environment_id: int, views: Collection[DriftView]) -> dict[str, Writer]:
    """Return the runs that last wrote the values of these contacts, by id; some are forgotten."""
    ids = {UUID(each.run_id) for one in views for each in one.differences if each.run_id}
    if not ids:
        return {}
    rows = db.session.execute(
        select(Run.id, Run.kind, Run.source, Run.actor_name, Run.undo).where(
            Run.environment_id == environment_id, Run.id.in_(ids)
        )
    )
    return {str(row.id): Writer(*row) for row in rows}


def matching(environment_id: int, drift_id: UUID, chosen: Filter) -> ColumnElement[bool]:
    """Return the condition of a filter."""
    parts: list[Any] = [DriftItem.environment_id == environment_id, DriftItem.drift_id == drift_id]
    if chosen.kind:
        parts.append(DriftItem.kind == chosen.kind)
    elif chosen == Filter():
        parts.append(DriftItem.kind.not_in(OF_NOBODY))
    if chosen.property:
        named = f"|{chosen.property}|"
        parts += [
            DriftItem.kind == DriftKind.DIFFERENT,
            DriftItem.properties.contains(named, autoescape=True),
        ]
    if chosen.query:
        query = chosen.query.casefold()
        parts.append(
            or_(
                func.lower(DriftItem.contact_id) == query,
                DriftItem.searched.contains(query, autoescape=True),
                DriftItem.searched.contains(searched_part(chosen.query), autoescape=True),
            )
        )
    return and_(*parts)


def synchronisable() -> ColumnElement[bool]:
    """Return the condition that a synchronisation could make it equal."""
    return and_(DriftItem.kind == DriftKind.DIFFERENT, DriftItem.reason.is_(None))


def _view(row: DriftItem) -> DriftView:
    return DriftView(
        id=row.id,
        kind=row.kind,
        contact_id=row.contact_id,
        name=row.name,
        address=row.address,
        reason=row.reason,
        differences=tuple(Difference.from_json(each) for each in row.differences),
        refusals=tuple(Refusal.from_json(each) for each in row.refusals),
        changed_at=row.changed_at,
    )
