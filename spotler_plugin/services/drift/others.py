"""Contacts in Spotler that are not linked: those with an id are looked for in the CRM."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Join, and_, func, select
from structlog import get_logger

from spotler_plugin.crm import ContactBatch
from spotler_plugin.extensions import db
from spotler_plugin.models import DriftKind, DriftState, Link
from spotler_plugin.services.contact_id import is_crm_id
from spotler_plugin.services.drift.request import forget_but
from spotler_plugin.services.drift.rows import Found, add_rows, count_rows
from spotler_plugin.services.drift.turn import Turn, end_drift, note_progress
from spotler_plugin.services.mirror.read import name_of
from spotler_plugin.services.mirror.record import TABLE
from spotler_plugin.sql import unindexed

CHUNK = 100
"""Contacts that the CRM tells of in one call."""

log = get_logger()


def count_others(turn: Turn) -> int:
    rows = select(func.count()).select_from(_with_link(turn)).where(_unlinked(turn))
    return db.session.scalar(rows) or 0


def look_at_others(turn: Turn) -> bool:
    """Look at the next contacts; with the last one the comparison is ready."""
    row = turn.held()
    if row is None:
        return False
    others = db.session.execute(
        select(
            TABLE.c.id,
            TABLE.c.external_id,
            TABLE.c.encrypted_id,
            TABLE.c.address,
            TABLE.c.properties,
            TABLE.c.last_changed,
        )
        .select_from(_with_link(turn))
        .where(_unlinked(turn), TABLE.c.id > row.position)
        .order_by(TABLE.c.id)
        .limit(CHUNK)
    ).all()
    if not others:
        _finish(turn)
        return False
    ids = [external_id for _id, external_id, *_rest in others if is_crm_id(external_id)]
    db.session.commit()
    known = turn.source.crm.contacts.get_many(ids)
    row = turn.held()
    if row is None:
        return False
    add_rows(row, [_found(known, *values) for _id, *values in others])
    row.others += len(others)
    row.position = others[-1][0]
    note_progress(row)
    return True


def _found(
    known: ContactBatch,
    external_id: str | None,
    encrypted_id: str | None,
    address: str | None,
    properties: Mapping[str, Any],
    changed_at: datetime | None,
) -> Found:
    kind = DriftKind.UNKNOWN_ID if external_id else DriftKind.WITHOUT_ID
    if external_id in known.contacts or external_id in known.unreadable:
        kind = DriftKind.UNLINKED
    return Found(
        kind=kind,
        contact_id=external_id or "",
        encrypted_id="" if external_id else encrypted_id or "",
        name=name_of(properties) or "",
        address=address or "",
        changed_at=changed_at,
    )


def _finish(turn: Turn) -> None:
    """Mark it as ready; older ones hold values of people that nobody needs any more. Commits."""
    row = turn.held()
    if row is None:
        db.session.commit()
        return
    row.counts = count_rows(row)
    end_drift(row, DriftState.READY)
    db.session.flush()
    forget_but(row)
    db.session.commit()
    log.info("drift.ready", environment=turn.owner.id, drift=str(row.id), counts=row.counts)


def _with_link(turn: Turn) -> Join:
    tied = and_(
        Link.environment_id == turn.owner.id,
        Link.contact_id == TABLE.c.external_id,
        Link.linked_at.is_not(None),
    )
    return TABLE.outerjoin(Link, tied)


def _unlinked(turn: Turn) -> ColumnElement[bool]:
    """Return the condition that the reading showed it, and that no link ties it."""
    return and_(
        unindexed(TABLE.c.environment_id) == turn.owner.id,
        TABLE.c.observed_at >= turn.began,
        Link.id.is_(None),
    )
