"""Remove events, firings, previews and comparisons that were kept long enough."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, select

from spotler_plugin.extensions import db
from spotler_plugin.models import (
    Drift,
    DriftItem,
    Event,
    EventOutcome,
    Firing,
    FiringState,
    Preview,
    PreviewClaim,
    PreviewItem,
)
from spotler_plugin.services.retention.runs import STEP


def remove_events(environment_id: int, before: datetime) -> int:
    """Remove events that were handled; one that waits is kept."""
    return _delete(
        Event,
        Event.environment_id == environment_id,
        Event.received_at < before,
        Event.outcome != EventOutcome.WAITING,
    )


def remove_firings(environment_id: int, before: datetime) -> int:
    return _delete(
        Firing,
        Firing.environment_id == environment_id,
        Firing.finished_at < before,
        Firing.state != FiringState.OPEN,
    )


def remove_previews(environment_id: int, before: datetime) -> int:
    """Remove some of the oldest preview, which goes with the last of it."""
    old = select(Preview.id).where(
        Preview.environment_id == environment_id, Preview.created_at < before
    )
    preview_id = db.session.scalar(old.order_by(Preview.created_at).limit(1))
    if preview_id is None:
        return 0
    removed = 0
    for model in (PreviewItem, PreviewClaim):
        of_preview = and_(model.environment_id == environment_id, model.preview_id == preview_id)
        removed += _delete(model, of_preview)
        if removed >= STEP:
            return removed
    own = and_(Preview.environment_id == environment_id, Preview.id == preview_id)
    return removed + _delete(Preview, own)


def remove_drifts(environment_id: int, before: datetime) -> int:
    """Remove some of the oldest comparison, which goes with the last of it."""
    old = select(Drift.id).where(Drift.environment_id == environment_id, Drift.created_at < before)
    drift_id = db.session.scalar(old.order_by(Drift.created_at).limit(1))
    if drift_id is None:
        return 0
    of_drift = and_(DriftItem.environment_id == environment_id, DriftItem.drift_id == drift_id)
    removed = _delete(DriftItem, of_drift)
    if removed >= STEP:
        return removed
    own = and_(Drift.environment_id == environment_id, Drift.id == drift_id)
    return removed + _delete(Drift, own)


def _delete(model: Any, *which: ColumnElement[bool]) -> int:
    """Delete some rows; return how many."""
    ids = db.session.scalars(select(model.id).where(*which).limit(STEP)).all()
    if ids:
        options = {"synchronize_session": False}
        these = delete(model).where(*which, model.id.in_(ids))
        db.session.execute(these, execution_options=options)
    return len(ids)
