"""Contacts in a list: all that are linked, or those whose last attempt went wrong, and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, or_, select

from spotler_plugin.extensions import db
from spotler_plugin.models import WENT_WRONG, Link, MirrorContact, Outcome, RunItem
from spotler_plugin.planning.detail import NOTHING, Detail
from spotler_plugin.planning.reason import Reason
from spotler_plugin.planning.values.address import searched_part
from spotler_plugin.services.mirror.name import bare
from spotler_plugin.services.mirror.read import name_of
from spotler_plugin.services.pagination import SIZE, Page, within
from spotler_plugin.services.run.items import Filter
from spotler_plugin.services.run.retry import retry_items


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which contacts; None and empty match all."""

    wrong: bool = False
    """Those whose last attempt failed or was refused, linked or not; else all that are linked."""
    reason: Reason | None = None
    query: str = ""
    """An id, or a part of name or address."""


@dataclass(frozen=True, slots=True)
class Listed:
    """One of them; name and address are the mirror's."""

    contact_id: str
    name: str | None
    address: str | None
    synced_at: datetime | None
    outcome: Outcome | None
    reason: Reason | None
    detail: Detail


@dataclass(frozen=True, slots=True)
class WrongBy:
    """How many went wrong for one reason."""

    outcome: Outcome
    reason: Reason | None
    number: int


def page_of_contacts(environment_id: int, wanted: Wanted, number: int) -> Page[Listed]:
    """Return a page of them: those that were written last first."""
    rows = _rows(environment_id, wanted)
    total = db.session.scalar(rows.with_only_columns(func.count())) or 0
    number = within(number, total)
    found = db.session.execute(
        rows.order_by(Link.synced_at.desc().nulls_last(), Link.id)
        .limit(SIZE)
        .offset((number - 1) * SIZE)
    )
    return Page([_listed(*row) for row in found], number, total)


def wrong_by_reason(environment_id: int) -> list[WrongBy]:
    """Count those that went wrong by reason, the most frequent one first."""
    rows = db.session.execute(
        select(Link.problem_outcome, Link.problem, func.count())
        .where(_wrong(environment_id))
        .group_by(Link.problem_outcome, Link.problem)
        .order_by(func.count().desc())
    )
    return [WrongBy(outcome, reason, count) for outcome, reason, count in rows if outcome]


def retry_wrong(environment_id: int, reason: Reason | None) -> tuple[int, list[UUID]]:
    """Try those that went wrong again, each in the run in which it did.

    Returns how many that are, and the runs, which the caller enqueues.
    """
    wrong = select(Link.contact_id).where(_wrong(environment_id))
    wrong = wrong.where(Link.problem == reason) if reason is not None else wrong
    newest = (
        select(func.max(RunItem.id))
        .where(
            RunItem.environment_id == environment_id,
            RunItem.contact_id.in_(wrong),
            RunItem.outcome.in_(WENT_WRONG),
        )
        .group_by(RunItem.contact_id)
    )
    items = db.session.execute(
        select(RunItem.run_id, RunItem.id).where(
            RunItem.environment_id == environment_id, RunItem.id.in_(newest)
        )
    )
    of_runs: dict[UUID, list[int]] = {}
    for run_id, item_id in items:
        of_runs.setdefault(run_id, []).append(item_id)
    opened = {
        run_id: retry_items(environment_id, run_id, Filter(items=tuple(ids)))
        for run_id, ids in sorted(of_runs.items())
    }
    return sum(opened.values()), [run_id for run_id, number in opened.items() if number]


def _rows(environment_id: int, wanted: Wanted) -> Select[Link, str | None, dict[str, Any] | None]:
    of_mirror = and_(
        MirrorContact.environment_id == environment_id,
        MirrorContact.external_id == Link.contact_id,
    )
    rows = select(Link, MirrorContact.address, MirrorContact.properties).outerjoin(
        MirrorContact, of_mirror
    )
    if wanted.wrong:
        rows = rows.where(_wrong(environment_id))
        rows = rows.where(Link.problem == wanted.reason) if wanted.reason else rows
    else:
        rows = rows.where(Link.environment_id == environment_id, Link.linked_at.is_not(None))
    if wanted.query:
        address = func.coalesce(MirrorContact.address, Link.address)
        meant = [
            func.lower(Link.contact_id) == wanted.query.lower(),
            address.contains(searched_part(wanted.query), autoescape=True),
        ]
        if name := bare(wanted.query):
            meant.append(MirrorContact.bare_name.contains(name, autoescape=True))
        rows = rows.where(or_(*meant))
    return rows


def _wrong(environment_id: int) -> ColumnElement[bool]:
    return and_(
        Link.environment_id == environment_id,
        Link.problem_outcome.in_(WENT_WRONG),
        Link.erased_at.is_(None),
    )


def _listed(link: Link, address: str | None, properties: Mapping[str, Any] | None) -> Listed:
    return Listed(
        contact_id=link.contact_id,
        name=name_of(properties or {}),
        address=address or link.address,
        synced_at=link.synced_at,
        outcome=link.problem_outcome,
        reason=link.problem,
        detail=link.problem_detail or NOTHING,
    )
