"""Wipe a contact from what is kept to be shown: previews, comparisons, details about others."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from sqlalchemy import String, and_, cast, delete, func, null, or_, select, update
from sqlalchemy.sql.dml import ReturningDelete, ReturningUpdate

from spotler_plugin.extensions import db
from spotler_plugin.models import (
    Drift,
    DriftItem,
    Link,
    Preview,
    PreviewClaim,
    PreviewItem,
    Run,
    RunItem,
)
from spotler_plugin.planning.adjustment import NO_ADJUSTMENT
from spotler_plugin.services.erasure.remains import Remains
from spotler_plugin.sql import among

AT_ONCE = 500
"""Rows of one statement."""


def wipe_previews(environment_id: int, remains: Remains) -> int:
    """Wipe names and samples; the numbers stay, so that they add up."""
    of_environment = select(Preview.id).where(Preview.environment_id == environment_id)
    items = and_(
        PreviewItem.environment_id == environment_id,
        PreviewItem.preview_id.in_(of_environment),
        among(PreviewItem.contact_id, remains.all_ids),
        PreviewItem.name != PreviewItem.contact_id,
    )
    claims = and_(
        PreviewClaim.environment_id == environment_id,
        PreviewClaim.preview_id.in_(of_environment),
        among(PreviewClaim.address, remains.addresses),
    )
    blank = {"name": PreviewItem.contact_id, "detail": null()}
    wiped = changed(update(PreviewItem).where(items).values(blank).returning(PreviewItem.id))
    wiped += changed(delete(PreviewClaim).where(claims).returning(PreviewClaim.id))
    rows = db.session.scalars(
        select(Preview)
        .where(Preview.environment_id == environment_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    for row in rows:
        left = [each for each in row.samples if not _tells(each, remains)]
        if len(left) < len(row.samples):
            wiped += len(row.samples) - len(left)
            row.samples = left
    db.session.flush()
    return wiped


def _tells(sample: Any, remains: Remains) -> bool:
    """Return whether a sample has a value, or the id, of the contact."""
    if isinstance(sample, dict):
        return any(_tells(each, remains) for each in sample.values())
    if isinstance(sample, list):
        return any(_tells(each, remains) for each in sample)
    return isinstance(sample, str) and (sample in remains.all_ids or remains.says(sample))


def wipe_drifts(environment_id: int, remains: Remains) -> int:
    """Wipe what differed; that it did, and is counted, stays."""
    of_environment = select(Drift.id).where(Drift.environment_id == environment_id)
    mentions = [
        DriftItem.searched.contains(each, autoescape=True) for each in sorted(remains.addresses)
    ]
    return changed(
        update(DriftItem)
        .where(
            DriftItem.environment_id == environment_id,
            DriftItem.drift_id.in_(of_environment),
            or_(among(DriftItem.contact_id, remains.all_ids), *mentions),
            or_(DriftItem.name != "", DriftItem.address != "", DriftItem.properties != ""),
        )
        .values(name="", address="", searched="", properties="", differences=[], refusals=[])
        .returning(DriftItem.id)
    )


def wipe_mentions(environment_id: int, remains: Remains) -> Iterator[int]:
    """Wipe an address from what is told of other contacts, and of whole runs; some rows at a time.

    Yields how many; the caller commits each time.
    """
    for model, column, key in (
        (RunItem, RunItem.detail, "detail"),
        (Link, Link.problem_detail, "problem_detail"),
        (PreviewItem, PreviewItem.detail, "detail"),
    ):
        while found := _mentioning(model, column, environment_id, remains):
            of_these = and_(model.environment_id == environment_id, model.id.in_(found))
            yield changed(update(model).where(of_these).values({key: null()}).returning(model.id))
    yield _wipe_orders(environment_id, remains)


def _mentioning(model: Any, column: Any, environment_id: int, remains: Remains) -> list[int]:
    if not remains.addresses:
        return []
    # As JSON writes letters with accents.
    written = [json.dumps(each)[1:-1] for each in sorted(remains.addresses)]
    text = func.lower(cast(column, String))
    rows = select(model.id).where(
        model.environment_id == environment_id,
        or_(*(text.contains(each, autoescape=True) for each in written)),
    )
    return list(db.session.scalars(rows.limit(AT_ONCE)))


def _wipe_orders(environment_id: int, remains: Remains) -> int:
    """Wipe who was searched for in a backup, and what a run of one was to change."""
    runs = select(Run).where(Run.environment_id == environment_id)
    previews = select(Preview).where(Preview.environment_id == environment_id)
    searches: list[Run | Preview] = [
        *db.session.scalars(runs.where(Run.restore.is_not(None))),
        *db.session.scalars(previews.where(Preview.restore.is_not(None))),
    ]
    wiped = 0
    for each in searches:
        if each.restore is not None and remains.says(each.restore.query):
            each.restore = replace(each.restore, query=min(remains.ids))
            wiped += 1
    of_contact = select(RunItem.run_id).where(
        RunItem.environment_id == environment_id, among(RunItem.contact_id, remains.all_ids)
    )
    of_one = runs.where(Run.selected == 1, Run.adjustment.is_not(None), Run.id.in_(of_contact))
    for run in db.session.scalars(of_one):
        given = run.adjustment or NO_ADJUSTMENT
        if given.note or given.fields:
            run.adjustment = replace(given, note="", fields={})
            wiped += 1
    db.session.flush()
    return wiped


def changed(statement: ReturningUpdate[int] | ReturningDelete[int]) -> int:
    """Carry a statement out; return how many rows it says that it changed."""
    options = {"synchronize_session": False}
    return len(db.session.execute(statement, execution_options=options).all())
