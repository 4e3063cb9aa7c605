"""The items of a run as people see them: outcome, and the contact before and after."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, or_, select

from spotler_plugin.extensions import db
from spotler_plugin.models import MAY_BE_RETRIED, MirrorContact, Outcome, RunItem
from spotler_plugin.planning.detail import NOTHING, Detail
from spotler_plugin.planning.image import Image
from spotler_plugin.planning.reason import Reason
from spotler_plugin.planning.undo.patch import Patch
from spotler_plugin.planning.values.address import searched_part
from spotler_plugin.services.link.lag import Closed
from spotler_plugin.services.link.status import statuses_of
from spotler_plugin.services.mirror.name import bare
from spotler_plugin.services.mirror.read import name_of
from spotler_plugin.services.pagination import SIZE, Page, within
from spotler_plugin.sql import among

CAUSES = 50
AT_ONCE = 1000


@dataclass(frozen=True, slots=True)
class Filter:
    """Which items of a run; None and empty match all."""

    outcome: Outcome | None = None
    reason: Reason | None = None
    message: str = ""
    """Spotler's message for a refusal."""
    query: str = ""
    """A contact's id, or a part of its name or address."""
    item: int | None = None
    items: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class ItemView:
    """One item; name and address are the mirror's."""

    id: int
    contact_id: str
    name: str | None
    address: str | None
    outcome: Outcome
    reason: Reason | None
    detail: Detail
    before: Image
    after: Image
    patch: Patch
    """What was changed in the CRM."""
    settled_at: datetime | None
    is_changed: bool
    """Whether anything was changed in Spotler or in the CRM, or may have been."""
    closed: Closed | None = None
    """Of who was left out as inactive: since when, as far as known."""


@dataclass(frozen=True, slots=True)
class Cause:
    """Items that were not written for the same cause."""

    outcome: Outcome
    reason: Reason | None
    message: str
    number: int


def page_of_items(environment_id: int, run_id: UUID, chosen: Filter, number: int) -> Page[ItemView]:
    """Return a page of items, in the order of the run."""
    rows = _rows(environment_id, run_id, chosen)
    total = db.session.scalar(rows.with_only_columns(func.count())) or 0
    number = within(number, total)
    found = rows.order_by(RunItem.id).limit(SIZE).offset((number - 1) * SIZE)
    views = [view_of(*row) for row in db.session.execute(found)]
    return Page(_with_closings(environment_id, views), number, total)


def every_item(environment_id: int, run_id: UUID, chosen: Filter) -> Iterator[ItemView]:
    """Yield all items, read in batches so that memory stays flat."""
    after = 0
    while True:
        rows = _rows(environment_id, run_id, chosen).where(RunItem.id > after)
        found = db.session.execute(rows.order_by(RunItem.id).limit(AT_ONCE)).all()
        if not found:
            return
        yield from _with_closings(environment_id, [view_of(*row) for row in found])
        after = found[-1][0].id
        db.session.expunge_all()


def causes_of(environment_id: int, run_id: UUID) -> list[Cause]:
    """Return why contacts were not written: failures first, then the most frequent causes."""
    message = func.coalesce(RunItem.detail["message"].as_string(), "").label("message")
    rows = db.session.execute(
        select(RunItem.outcome, RunItem.reason, message, func.count())
        .where(
            RunItem.environment_id == environment_id,
            RunItem.run_id == run_id,
            RunItem.outcome.in_(MAY_BE_RETRIED),
        )
        .group_by(RunItem.outcome, RunItem.reason, "message")
        .order_by(func.count().desc())
        .limit(CAUSES)
    )
    found = [Cause(outcome, reason, text, number) for outcome, reason, text, number in rows]
    return sorted(found, key=lambda cause: MAY_BE_RETRIED.index(cause.outcome))


def matching(environment_id: int, run_id: UUID, chosen: Filter) -> ColumnElement[bool]:
    """Return the condition of a filter, without its `query`."""
    parts = [RunItem.environment_id == environment_id, RunItem.run_id == run_id]
    if chosen.outcome:
        parts.append(RunItem.outcome == chosen.outcome)
    if chosen.reason:
        parts.append(RunItem.reason == chosen.reason)
    if chosen.message:
        parts.append(RunItem.detail["message"].as_string() == chosen.message)
    if chosen.item is not None:
        parts.append(RunItem.id == chosen.item)
    if chosen.items:
        parts.append(among(RunItem.id, chosen.items))
    return and_(*parts)


def _rows(
    environment_id: int, run_id: UUID, chosen: Filter
) -> Select[RunItem, str | None, dict[str, Any] | None]:
    rows = (
        select(RunItem, MirrorContact.address, MirrorContact.properties)
        .outerjoin(
            MirrorContact,
            and_(
                MirrorContact.environment_id == environment_id,
                MirrorContact.external_id == RunItem.contact_id,
            ),
        )
        .where(matching(environment_id, run_id, chosen))
    )
    if chosen.query:
        part = searched_part(chosen.query)
        meant = [
            func.lower(RunItem.contact_id) == chosen.query.lower(),
            MirrorContact.address.contains(part, autoescape=True),
        ]
        if name := bare(chosen.query):
            meant.append(MirrorContact.bare_name.contains(name, autoescape=True))
        rows = rows.where(or_(*meant))
    return rows


def _with_closings(environment_id: int, views: list[ItemView]) -> list[ItemView]:
    inactive = [each.contact_id for each in views if each.reason is Reason.INACTIVE]
    found = statuses_of(environment_id, inactive) if inactive else {}
    closed = {id_: standing.closed for id_, standing in found.items()}
    return [replace(each, closed=closed.get(each.contact_id)) for each in views]


def view_of(
    item: RunItem, address: str | None = None, properties: dict[str, Any] | None = None
) -> ItemView:
    return ItemView(
        id=item.id,
        contact_id=item.contact_id,
        name=name_of(properties or {}),
        address=address,
        outcome=item.outcome,
        reason=item.reason,
        detail=item.detail or NOTHING,
        before=item.before or Image(),
        after=item.after or Image(),
        patch=item.patch if item.patch and item.patch_key else Patch(),
        settled_at=item.settled_at,
        is_changed=item.before is not None or item.patch_key is not None,
    )
