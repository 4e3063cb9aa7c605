"""Contacts that are gone from the CRM: deleted there, or merged into another one."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import ColumnElement, and_, or_, select, update

from spotler_plugin.extensions import db
from spotler_plugin.models import Link
from spotler_plugin.services.link.tie import WITHOUT_PROBLEM
from spotler_plugin.sql import among


def parted_among(environment_id: int, contact_ids: Collection[str]) -> set[str]:
    """Return those that the CRM deleted, or merged into another."""
    parted = or_(Link.deleted_at.is_not(None), Link.merged_into.is_not(None))
    return set(
        db.session.scalars(select(Link.contact_id).where(_of(environment_id, contact_ids), parted))
    )


def merged_only(environment_id: int, contact_ids: Collection[str]) -> set[str]:
    """Return the contacts that were merged into another one, and not deleted besides."""
    merged = and_(Link.merged_into.is_not(None), Link.deleted_at.is_(None))
    return set(
        db.session.scalars(select(Link.contact_id).where(_of(environment_id, contact_ids), merged))
    )


def part_links(environment_id: int, contact_ids: Collection[str]) -> None:
    """Unlink contacts that parted; they keep their address, so that their acts still count."""
    db.session.execute(
        update(Link)
        .where(_of(environment_id, contact_ids))
        .values(**WITHOUT_PROBLEM, linked_at=None),
        execution_options={"synchronize_session": False},
    )


def _of(environment_id: int, contact_ids: Collection[str]) -> ColumnElement[bool]:
    return and_(Link.environment_id == environment_id, among(Link.contact_id, contact_ids))
