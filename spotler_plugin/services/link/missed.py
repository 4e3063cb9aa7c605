"""What a contact waits for, or missed: parts of the statement of `facts`, for each of `asked`."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Subquery, and_, bindparam, func, or_, select
from sqlalchemy.orm import aliased

from spotler_plugin.models import (
    REPEATABLE,
    Drift,
    DriftItem,
    DriftKind,
    DriftState,
    Environment,
    Event,
    EventOutcome,
    EventType,
    Link,
    Outcome,
    Run,
    RunItem,
)

OWNER: ColumnElement[Any] = bindparam("owner")


def newest_open(asked: Subquery) -> ColumnElement[Any]:
    of_contact = (RunItem.environment_id == OWNER, RunItem.contact_id == asked.c.id)
    newest = select(func.max(RunItem.id)).where(*of_contact, RunItem.outcome == Outcome.OPEN)
    return newest.correlate(asked).scalar_subquery()


def told(asked: Subquery) -> ColumnElement[Any]:
    """Return when the CRM told of the first change of which we do not have the version."""
    is_newer = or_(
        Event.version.is_(None), Link.crm_version.is_(None), Event.version != Link.crm_version
    )
    given_up = and_(Event.outcome == EventOutcome.FAILED, Event.received_at > Link.synced_at)
    first = select(func.min(Event.received_at)).where(
        Event.environment_id == OWNER,
        Event.contact_id == asked.c.id,
        Event.type.in_((EventType.CONTACT_CHANGED, EventType.CONTACT_MERGED)),
        or_(Event.outcome == EventOutcome.WAITING, given_up),
        is_newer,
    )
    return first.correlate(asked, Link).scalar_subquery()


def relation_told() -> ColumnElement[Any]:
    first = select(func.min(Event.received_at)).where(
        Event.environment_id == OWNER,
        Event.relation_id == Link.primary_of,
        Link.primary_since.is_not(None),
        Event.type == EventType.RELATION_CHANGED,
        Event.outcome == EventOutcome.WAITING,
    )
    return first.correlate(Link).scalar_subquery()


def stopped(asked: Subquery) -> ColumnElement[Any]:
    """Return when the last one was asked for that brings what the CRM has, and was stopped."""
    last = (
        select(func.max(Run.created_at))
        .join(RunItem, RunItem.run_id == Run.id)
        .where(
            RunItem.environment_id == OWNER,
            RunItem.contact_id == asked.c.id,
            RunItem.outcome == Outcome.CANCELLED,
            Run.environment_id == OWNER,
            Run.kind.in_(REPEATABLE),
        )
    )
    return last.correlate(asked).scalar_subquery()


def differed(asked: Subquery) -> ColumnElement[Any]:
    """Return when the newest comparison of this account began, if the contact differed in it."""
    since = select(Environment.account_since).where(Environment.id == OWNER).scalar_subquery()
    newest = (
        select(Drift.id)
        .where(
            Drift.environment_id == OWNER,
            Drift.state == DriftState.READY,
            or_(since.is_(None), Drift.created_at >= since),
        )
        .order_by(Drift.created_at.desc())
        .limit(1)
        .scalar_subquery()
    )
    found = aliased(Drift)
    compared = (
        select(func.max(found.created_at))
        .join(DriftItem, DriftItem.drift_id == found.id)
        .where(
            found.environment_id == OWNER,
            found.id == newest,
            DriftItem.environment_id == OWNER,
            DriftItem.contact_id == asked.c.id,
            DriftItem.kind.in_((DriftKind.DIFFERENT, DriftKind.GONE)),
        )
    )
    return compared.correlate(asked).scalar_subquery()
